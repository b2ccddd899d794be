import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Metrics } from './metrics.js';

function fresh(): Metrics {
  return new Metrics(pino({ level: 'silent' }));
}

describe('metrics', () => {
  it('tell batches by type and outcome, with their size and duration', async () => {
    const metrics = fresh();
    metrics.batchHandled({
      type: 'wallet.debit-wallet',
      kind: 'command',
      size: 7,
      seconds: 0.02,
      outcome: 'done',
    });
    const { body } = await metrics.answer();
    expect(body).toContain('encore_batch_messages_sum{type="wallet.debit-wallet"} 7');
    expect(body).toMatch(
      /encore_handler_duration_seconds_count\{type="wallet.debit-wallet",outcome="done"\} 1/,
    );
  });

  it('count retries, parked messages and stored replies by type', async () => {
    const metrics = fresh();
    metrics.messageRetried('queue.expire-queue-entry');
    metrics.messageParked('queue.expire-queue-entry');
    metrics.storedReplySent('queue.expire-queue-entry');
    const { body } = await metrics.answer();
    for (const name of ['retries', 'parked', 'stored_replies']) {
      expect(body).toContain(`encore_${name}_total{type="queue.expire-queue-entry"} 1`);
    }
  });

  it('keep one series for all private reply queues', async () => {
    const metrics = fresh();
    metrics.envelopePublished('answers.api-gateway.host.11813.e7a70498.1', 1);
    metrics.envelopePublished('test-1.answers.api-gateway.host.7.ab.2', 1);
    metrics.envelopePublished('amq.rabbitmq.reply-to.xyz', 3);
    metrics.envelopePublished('wallet.commands', 5);
    const { body } = await metrics.answer();
    expect(body).toContain('encore_messages_published_total{destination="answers"} 5');
    expect(body).toContain('encore_messages_published_total{destination="wallet.commands"} 5');
    expect(body).not.toContain('api-gateway');
  });

  it('read queues, outbox and sagas at each scrape and forget what is gone', async () => {
    const metrics = fresh();
    const queue = { depth: 4, unacknowledged: 2, consumers: 1, oldestAgeSeconds: 1.5 };
    let queues = [{ queue: 'wallet.commands', ...queue }];
    metrics.watchQueues(() => Promise.resolve(queues));
    metrics.watchOutbox(() => Promise.resolve(12));
    metrics.watchSagas(() =>
      Promise.resolve([{ saga: 'refund', state: 'RUNNING', count: 3, oldestAgeSeconds: 9 }]),
    );
    const first = (await metrics.answer()).body;
    expect(first).toContain('encore_queue_messages{queue="wallet.commands"} 4');
    expect(first).toContain('encore_queue_unacknowledged{queue="wallet.commands"} 2');
    expect(first).toContain('encore_queue_oldest_age_seconds{queue="wallet.commands"} 1.5');
    expect(first).toContain('encore_outbox_oldest_age_seconds 12');
    expect(first).toContain('encore_sagas{saga="refund",state="RUNNING"} 3');
    expect(first).toContain('encore_saga_oldest_age_seconds{saga="refund",state="RUNNING"} 9');
    queues = [];
    expect((await metrics.answer()).body).not.toContain('wallet.commands');
  });

  it('still come when one of the readings fails', async () => {
    const metrics = fresh();
    metrics.watchOutbox(() => Promise.reject(new Error('database away')));
    metrics.httpRequest({ method: 'GET', route: '/v1/concerts/:id', status: 200, seconds: 0.01 });
    const { status, body } = await metrics.answer();
    expect(status).toBe(200);
    expect(body).toContain('route="/v1/concerts/:id",status="200"} 1');
  });

  it('bring those of the process itself', async () => {
    expect((await fresh().answer()).body).toContain('process_cpu_user_seconds_total');
  });
});
