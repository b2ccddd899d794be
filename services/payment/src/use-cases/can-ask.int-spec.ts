import { afterAll, beforeAll, expect, it, describe } from '@jest/globals';
import { accepted, DebitWallet, ReadRequestedPayment, RequestPayment } from '@encore/contracts';
import { randomUUID } from 'node:crypto';
import { BootedPayment, PATIENT, USER } from '../booted-payment.fixture.js';
import { BrokerLine } from '../broker-line.fixture.js';

let line: BrokerLine;
let payment: BootedPayment;

beforeAll(async () => {
  payment = await BootedPayment.boot(PATIENT);
  line = await BrokerLine.to(payment.broker.url);
  await payment.stop();
  await payment.start({ ...PATIENT, AMQP_URL: line.url });
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
    // A sweep that began before could not know, and would rightly take the hour for silence.
    await payment.sweepsAgain();
    payment.played.forget();
    await payment.letAnHourPass(paymentId);
    await payment.sweepsAgain();
    const during = await payment.saga({ paymentId });
    expect(during).toMatchObject({ state: 'RUNNING', step: 'debit the wallet' });
    line.mend();
    // Given up, the debit would not be asked for again.
    const again = await payment.played.hears(DebitWallet);
    expect(again.id).toBe(debit.id);
    payment.played.reply(again, accepted({ userId: USER, balanceKrw: 0 }));
    expect(await answer).toMatchObject({ ok: true, value: { state: 'COMPLETED', paymentId } });
  });
});
