import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@encore/testing';
import type { Delivery } from './delivery.js';
import { connectionWith, SilentChannel } from './fake-channel.fixture.js';
import { silentLogger } from './logger.js';
import { messageIdOf } from './message-id.js';
import { silentObserver } from './observer.js';
import { DEFAULT_LIMITS } from './options.js';
import { QueueConsumer } from './queue-consumer.js';
import { Topology } from './topology.js';

const SOON_MS = 5;
const NEVER_MS = 60_000;

let channel: SilentChannel;
let deliveries: Delivery[];

beforeEach(() => {
  channel = new SilentChannel();
  deliveries = [];
});

async function consume(ackPauseMs: number, prefetchEnvelopes = 8): Promise<QueueConsumer> {
  const consumer = new QueueConsumer(connectionWith(channel), {
    limits: { ...DEFAULT_LIMITS, ackPauseMs },
    logger: silentLogger,
    observer: silentObserver,
    topology: new Topology({ prefix: '', retryDelaysMs: [] }),
    service: 'wallet',
    role: 'commands',
    prefetchEnvelopes,
    onDelivery: (delivery) => void deliveries.push(delivery),
  });
  consumer.start();
  await eventually(() => expect(consumer.consuming).toBe(true));
  return consumer;
}

function deliver(count: number): void {
  for (let each = 1; each <= count; each += 1) {
    const id = messageIdOf('test', String(each));
    const headers = { correlationId: 'test', sentAt: 1, attempt: 1 };
    channel.deliver({ id, type: 'wallet.do', body: {}, headers });
  }
}

function settle(...tags: number[]): void {
  for (const tag of tags) deliveries[tag - 1]?.settleOne();
}

describe('envelopes that are settled', () => {
  it('are acked together, and none with them that is still in work', async () => {
    await consume(SOON_MS);
    deliver(5);
    settle(2, 1, 5);
    expect(channel.acked).toEqual([]);
    await eventually(() => expect(channel.acked).toEqual(['5', 'up to 2']));
    settle(4, 3);
    await eventually(() => expect(channel.acked).toEqual(['5', 'up to 2', 'up to 4']));
  });

  it('are acked at once when they are half of what the broker hands out', async () => {
    await consume(NEVER_MS, 8);
    deliver(5);
    settle(1, 2, 3);
    expect(channel.acked).toEqual([]);
    settle(4);
    expect(channel.acked).toEqual(['up to 4']);
  });

  it('are acked before a drain ends', async () => {
    const consumer = await consume(NEVER_MS);
    deliver(3);
    settle(1, 3);
    await consumer.stopTaking();
    const idle = consumer.idle();
    expect(consumer.unacknowledged).toBe(3);
    settle(2);
    await idle;
    expect(channel.acked).toEqual(['up to 3']);
    expect(consumer.unacknowledged).toBe(0);
  });

  it('are acked before the channel is closed, also when others are still in work', async () => {
    const consumer = await consume(NEVER_MS);
    deliver(3);
    settle(1, 3);
    void consumer.close();
    expect(channel.acked).toEqual(['3', 'up to 1']);
  });
});
