import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  accepted,
  CancelForRefund,
  CreditRefund,
  MarkReservationRefunded,
  PinReservation,
  ReadPayment,
  ReadSalesReport,
  refused,
  RequestPayment,
  RequestRefund,
  type PayloadOf,
} from '@encore/contracts';
import { eventually } from '@encore/testing';
import { randomUUID } from 'node:crypto';
import { BootedPayment, PATIENT, QUOTE, USER } from '../booted-payment.fixture.js';

let payment: BootedPayment;
let reservationId = 1;
let paymentId = 0;

beforeAll(async () => {
  payment = await BootedPayment.boot(PATIENT);
});

afterAll(() => payment.close());

beforeEach(async () => {
  reservationId += 1;
  payment.everybodySaysYes();
  payment.played.forget();
  paymentId = await pay();
});

async function pay(): Promise<number> {
  const whoWhat = { userId: USER, reservationId, expectedAmountKrw: null };
  const answer = await payment.ask(RequestPayment, { ...whoWhat, entryId: 3, roomId: 'default' });
  if (!answer.ok) throw new Error(answer.refusal);
  return answer.value.paymentId;
}

function refund(change: Partial<PayloadOf<typeof RequestRefund>> = {}, messageId = randomUUID()) {
  const whole = { userId: USER, reservationId, seatNumbers: null, reason: 'ill' };
  return payment.ask(RequestRefund, { ...whole, ...change }, { messageId });
}

async function paymentNow() {
  const answer = await payment.ask(ReadPayment, { userId: USER, paymentId });
  if (!answer.ok) throw new Error(answer.refusal);
  return answer.value;
}

function refundEnded(state: string) {
  return eventually(async () => {
    const saga = await payment.saga({ paymentId, definition: 'refund-payment' });
    expect(saga.state).toBe(state);
    return saga;
  });
}

describe('a refund', () => {
  it('cancels the seats, credits the wallet and is then told', async () => {
    const answer = await refund();
    expect(answer).toMatchObject({
      ok: true,
      value: {
        paymentId,
        state: 'COMPLETED',
        seatNumbers: [1, 2, 3],
        amountKrw: QUOTE.amountKrw,
        reason: 'ill',
      },
    });
    await refundEnded('COMPLETED');
    expect(payment.played.story(paymentId).slice(-2)).toEqual([
      CancelForRefund.wireName,
      CreditRefund.wireName,
    ]);
    expect(payment.played.heardOf(MarkReservationRefunded)).toHaveLength(1);
    expect(await paymentNow()).toMatchObject({
      state: 'REFUNDED',
      refundedKrw: QUOTE.amountKrw,
    });
    await eventually(() =>
      expect(payment.played.announced(paymentId)).toContain('payment.refund-completed'),
    );
  });

  it('is told when the money is back, before the reservation has noted it', async () => {
    payment.played.silence(MarkReservationRefunded);
    expect(await refund()).toMatchObject({ ok: true, value: { state: 'COMPLETED' } });
    const mark = await payment.played.hears(MarkReservationRefunded);
    payment.played.reply(mark, accepted({}));
    await refundEnded('COMPLETED');
  });

  it('gives back single seats and later the rest', async () => {
    expect(await refund({ seatNumbers: [2] })).toMatchObject({ value: { amountKrw: 10_000 } });
    expect((await paymentNow()).state).toBe('PARTIALLY_REFUNDED');
    expect(await refund({ seatNumbers: [2, 3] })).toMatchObject({
      refusal: 'PAYMENT_ALREADY_REFUNDED',
      detail: { seatNumbers: [2] },
    });
    expect(await refund()).toMatchObject({ value: { seatNumbers: [1, 3], amountKrw: 20_000 } });
    expect(await paymentNow()).toMatchObject({ state: 'REFUNDED', refundedKrw: QUOTE.amountKrw });
  });

  it('happens once however many ask for it at once', async () => {
    payment.played.silence(CreditRefund);
    const answers = Array.from({ length: 16 }, () => refund());
    const credit = await payment.played.hears(CreditRefund);
    payment.played.reply(credit, accepted({ userId: USER, balanceKrw: 1 }));
    const outcomes = await Promise.all(answers);
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.ok) continue;
      expect(outcome.refusal).toMatch(/^PAYMENT_(REFUND_IN_PROGRESS|ALREADY_REFUNDED)$/);
    }
    expect(payment.played.heardOf(CreditRefund)).toHaveLength(1);
    expect((await paymentNow()).refundedKrw).toBe(QUOTE.amountKrw);
  });

  it('is the same refund when the same request comes again', async () => {
    const messageId = randomUUID();
    const first = await refund({}, messageId);
    expect(await refund({}, messageId)).toEqual({ ...first, replayed: true });
    expect(payment.played.heardOf(CreditRefund)).toHaveLength(1);
  });

  describe('whose request the inbox has forgotten', () => {
    /** As after a day: only the refund itself is left of the request. */
    async function forget(messageId: string): Promise<void> {
      const { database } = payment.server;
      await database.run(database.sql('inbox').where({ message_id: messageId }).delete());
    }

    it('is told again, whole or partial', async () => {
      const messageId = randomUUID();
      const partial = await refund({ seatNumbers: [2] }, messageId);
      await forget(messageId);
      expect(await refund({ seatNumbers: [2] }, messageId)).toEqual(partial);
      const rest = randomUUID();
      const whole = await refund({}, rest);
      await forget(rest);
      expect(await refund({}, rest)).toEqual(whole);
      expect(payment.played.heardOf(CreditRefund)).toHaveLength(2);
    });

    it('is refused as it was when it failed', async () => {
      payment.played.on(CancelForRefund, () => refused('RESERVATION_NOT_PAID'));
      const messageId = randomUUID();
      const first = await refund({}, messageId);
      await forget(messageId);
      payment.everybodySaysYes();
      expect(await refund({}, messageId)).toEqual(first);
      expect(payment.played.heardOf(CreditRefund)).toEqual([]);
    });

    it('says nothing to a request for another reservation', async () => {
      const messageId = randomUUID();
      await refund({}, messageId);
      await forget(messageId);
      const other = { reservationId: reservationId + 70_000 };
      await expect(refund(other, messageId)).rejects.toThrow('was used before');
    });
  });

  it('moves no money when the seats cannot be cancelled, and may be asked for again', async () => {
    payment.played.on(CancelForRefund, () => refused('RESERVATION_NOT_PAID'));
    expect(await refund()).toMatchObject({
      ok: false,
      refusal: 'RESERVATION_NOT_PAID',
      detail: { refundId: expect.any(Number) },
    });
    expect(payment.played.heardOf(CreditRefund)).toEqual([]);
    expect(await paymentNow()).toMatchObject({ state: 'COMPLETED', refundedKrw: 0 });
    payment.everybodySaysYes();
    expect((await refund()).ok).toBe(true);
  });

  it('waits for a person when the wallet refuses the money', async () => {
    payment.played.on(CreditRefund, () => refused('WALLET_USER_NOT_FOUND'));
    const answer = refund();
    await refundEnded('NEEDS_ATTENTION');
    expect((await paymentNow()).refundedKrw).toBe(0);
    const credit = await payment.played.hears(CreditRefund);
    payment.played.reply(credit, accepted({ userId: USER, balanceKrw: 1 }));
    expect(await answer).toMatchObject({ ok: true, value: { state: 'COMPLETED' } });
  });

  it('belongs to who paid', async () => {
    expect(await refund({ userId: USER + 1 })).toMatchObject({ refusal: 'PAYMENT_NOT_YOURS' });
    expect(await refund({ reservationId: 999_999 })).toMatchObject({
      refusal: 'PAYMENT_NOT_FOUND',
    });
  });

  it('is too late once the concert has started', async () => {
    const startsAt = new Date(Date.now() - 1_000).toISOString();
    payment.played.on(PinReservation, () => accepted({ ...QUOTE, startsAt }));
    reservationId += 1_000;
    paymentId = await pay();
    expect(await refund()).toMatchObject({ refusal: 'PAYMENT_REFUND_TOO_LATE' });
  });
});

describe('the sales report', () => {
  it('adds up what one concert took and gave back, schedule by schedule', async () => {
    const concertId = 77;
    for (const [offset, scheduleId] of [701, 701, 702].entries()) {
      payment.played.on(PinReservation, () => accepted({ ...QUOTE, concertId, scheduleId }));
      reservationId = 20_000 + offset;
      await pay();
    }
    await refund({ seatNumbers: [1] });
    const sold = { payments: 1, seatsSold: 3, grossKrw: 30_000, refundedKrw: 0, netKrw: 30_000 };
    expect(await payment.ask(ReadSalesReport, { concertId })).toMatchObject({
      value: {
        schedules: [
          { ...sold, scheduleId: 701, payments: 2, seatsSold: 6, grossKrw: 60_000, netKrw: 60_000 },
          { ...sold, scheduleId: 702, refundedKrw: 10_000, netKrw: 20_000 },
        ],
      },
    });
  });
});
