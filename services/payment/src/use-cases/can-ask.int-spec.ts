import { afterAll, beforeAll, expect, it, describe } from '@jest/globals';
import { accepted, DebitWallet, ReadRequestedPayment, RequestPayment } from '@encore/contracts';
import { eventually } from '@encore/testing';
import { randomUUID } from 'node:crypto';
import { BootedPayment, USER } from '../booted-payment.fixture.js';
import { BrokerLine } from '../broker-line.fixture.js';

/** So short that a payment would be given up many times over while the line is cut. */
const IMPATIENT = {
  SAGA_ASK_AGAIN_AFTER_MS: '50',
  SAGA_ASK_AGAIN_AFTER_AT_MOST_MS: '50',
  SAGA_GIVE_UP_AFTER_MS: '1500',
};

let line: BrokerLine;
let payment: BootedPayment;

beforeAll(async () => {
  payment = await BootedPayment.boot(IMPATIENT);
  line = await BrokerLine.to(payment.broker.url);
  await payment.stop();
  await payment.start({ ...IMPATIENT, AMQP_URL: line.url });
  const first = request(1);
  await payment.played.takeOver();
  await first.answer;
  payment.played.forget();
});

afterAll(async () => {
  await payment.close();
  await line.close();
});

function request(reservationId: number) {
  const messageId = randomUUID();
  const answer = payment.ask(
    RequestPayment,
    { userId: USER, reservationId, expectedAmountKrw: null, entryId: 3, roomId: 'default' },
    { messageId },
  );
  return { messageId, answer };
}

/** The database's clock is the only one that goes on while the line is cut. */
async function pastGivingUp(paymentId: number): Promise<void> {
  const { database } = payment.server;
  await eventually(async () => {
    const overdue = database.sql('sagas').select('id').where({ payment_id: paymentId });
    void overdue.whereRaw("first_asked_at < now() - interval '2 seconds'");
    expect(await database.run(overdue)).toHaveLength(1);
  });
}

describe('a payment service that loses the broker', () => {
  it('gives no payment up because of it, and goes on when the broker is back', async () => {
    payment.played.silence(DebitWallet);
    const { answer, messageId } = request(2);
    const debit = await payment.played.hears(DebitWallet);
    const asked = { userId: USER, requestMessageId: messageId };
    const started = await payment.ask(ReadRequestedPayment, asked);
    if (!started.ok) throw new Error('the payment was not stored');
    const { paymentId } = started.value;
    line.cut();
    payment.played.forget();
    await pastGivingUp(paymentId);
    const during = await payment.saga({ paymentId });
    expect(during).toMatchObject({ state: 'RUNNING', step: 'debit the wallet' });
    line.mend();
    // Given up, the debit would not be asked for again and again any more.
    const again = await payment.played.hears(DebitWallet, 4);
    expect(again.id).toBe(debit.id);
    payment.played.reply(again, accepted({ userId: USER, balanceKrw: 0 }));
    expect(await answer).toMatchObject({ ok: true, value: { state: 'COMPLETED', paymentId } });
  });
});
