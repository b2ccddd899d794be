import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refused } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import { DEFERRED } from '@encore/messaging';
import { DEFAULT_TIMINGS, SagaRunner } from '@encore/saga';
import { testDatabase, type TestDatabase } from '@encore/testing';
import { randomUUID } from 'node:crypto';
import { paymentMigrations } from '../migrations.js';
import { PaymentsRepository } from '../persistence/payments.repository.js';
import { RequestPaymentHandler } from './request-payment.js';

const SILENT = { warn: () => undefined, error: () => undefined };
const PAID = {
  userId: 7,
  reservationId: 1,
  expectedAmountKrw: null,
  entryId: 3,
  roomId: 'default',
};
const FAILING = { ...PAID, reservationId: 2 };

let server: TestDatabase;

beforeAll(async () => {
  server = await testDatabase({ service: 'payment', migrations: paymentMigrations });
});

afterAll(() => server.drop());

/** A payment in the way fails, once, between the attempt to insert and the look at what runs. */
class PaymentsThatFail extends PaymentsRepository {
  override async live(tx: Transaction, reservationIds: readonly number[]) {
    const { reservationId } = FAILING;
    const running = server.database.sql('payments').where({ reservation_id: reservationId });
    void running.where({ state: 'PENDING' });
    await tx.run(running.update({ state: 'FAILED', failure: 'PAYMENT_ABANDONED' }));
    return super.live(tx, reservationIds);
  }
}

function request(payload: typeof PAID) {
  const id = randomUUID();
  return { id, payload, correlationId: `http-${id}`, sentAt: new Date(), attempt: 1 };
}

function handler(): RequestPaymentHandler {
  const { database } = server;
  const sagas = new SagaRunner({
    database,
    commands: { send: async () => undefined },
    answers: { resend: async () => undefined },
    canAsk: async () => true,
    sagas: [],
    timings: DEFAULT_TIMINGS,
    unhurriedPaceMs: 1,
    logger: SILENT,
  });
  const pins = { ask: async (wanted: readonly object[]) => wanted.map(() => undefined) };
  const settle = { fail: () => [] };
  return new RequestPaymentHandler(new PaymentsThatFail(database), pins, sagas, settle);
}

describe('requests that lose against running payments', () => {
  it('are told which payment won, also when another one gets out of the way', async () => {
    const [paid, failing] = [PAID, FAILING].map((payment) => ({
      ...payment,
      requestMessageId: randomUUID(),
    }));
    if (paid === undefined || failing === undefined) throw new Error('two payments are needed');
    const payments = new PaymentsRepository(server.database);
    const ids = await server.database.transaction((tx) =>
      payments.insert(tx, [paid, failing], new Date()),
    );
    const answers = await server.database.transaction((tx) =>
      handler().request([request(PAID), request(FAILING)], { tx, beforeAck: () => undefined }),
    );
    const paymentId = ids.get(paid.requestMessageId);
    expect(answers).toEqual([refused('PAYMENT_IN_PROGRESS', { paymentId }), DEFERRED]);
  });
});
