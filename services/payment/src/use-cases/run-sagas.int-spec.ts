import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  accepted,
  ConfirmReservation,
  DebitWallet,
  PinReservation,
  ReadRequestedPayment,
  RequestPayment,
  ReturnDebit,
  UnpinReservation,
} from '@encore/contracts';
import { eventually } from '@encore/testing';
import { randomUUID } from 'node:crypto';
import { BootedPayment, PATIENT, QUOTE, USER } from '../booted-payment.fixture.js';

/** Asks again at once; gives up only when the test lets the time pass in the books. */
const IMPATIENT = {
  SAGA_ASK_AGAIN_AFTER_MS: '100',
  SAGA_ASK_AGAIN_AFTER_AT_MOST_MS: '200',
  SAGA_GIVE_UP_AFTER_MS: '120000',
  SAGA_MAX_ATTEMPTS: '3',
  SAGA_ATTENTION_ASK_AGAIN_AFTER_MS: '200',
};

let payment: BootedPayment;
let reservationId = 1;

beforeAll(async () => {
  payment = await BootedPayment.boot(PATIENT);
});

afterAll(() => payment.close());

beforeEach(() => {
  reservationId += 1;
  payment.everybodySaysYes();
  payment.played.forget();
});

function request() {
  const messageId = randomUUID();
  const answer = payment.ask(
    RequestPayment,
    { userId: USER, reservationId, expectedAmountKrw: null, entryId: 3, roomId: 'default' },
    { messageId },
  );
  return { messageId, answer };
}

async function started(messageId: string) {
  const found = await payment.ask(ReadRequestedPayment, {
    userId: USER,
    requestMessageId: messageId,
  });
  if (!found.ok) throw new Error('the payment was not stored');
  return found.value.paymentId;
}

describe('a payment service that dies in the middle', () => {
  it('goes on where it was, asks again at once, and answers who still waits', async () => {
    payment.played.silence(DebitWallet);
    const { answer, messageId } = request();
    const debit = await payment.played.hears(DebitWallet);
    const paymentId = await started(messageId);
    await payment.stop();
    payment.played.forget();
    payment.everybodySaysYes();
    await payment.start();
    expect((await payment.played.hears(DebitWallet)).id).toBe(debit.id);
    expect(await answer).toMatchObject({ ok: true, value: { state: 'COMPLETED', paymentId } });
    const { events } = await payment.saga({ paymentId });
    expect(events).toContain('ASKED_AGAIN');
    expect(payment.played.story(paymentId)).not.toContain(PinReservation.wireName);
  });

  it('hears the answers that came while it was away', async () => {
    payment.played.silence(DebitWallet, ConfirmReservation);
    const { answer } = request();
    const debit = await payment.played.hears(DebitWallet);
    await payment.stop();
    payment.played.reply(debit, accepted({ userId: USER, balanceKrw: 0 }));
    payment.everybodySaysYes();
    await payment.start();
    expect(await answer).toMatchObject({ ok: true, value: { state: 'COMPLETED' } });
  });
});

describe('a step that nobody answers', () => {
  beforeAll(async () => {
    await payment.stop();
    await payment.start(IMPATIENT);
  });

  it('is asked again under the same id until it is answered', async () => {
    payment.played.silence(DebitWallet);
    const { answer } = request();
    const third = await payment.played.hears(DebitWallet, 3);
    expect(new Set(payment.played.heardOf(DebitWallet).map(({ id }) => id)).size).toBe(1);
    payment.played.reply(third, accepted({ userId: USER, balanceKrw: 0 }));
    const outcome = await answer;
    if (!outcome.ok) throw new Error(outcome.refusal);
    const { timeline } = await payment.saga({ paymentId: outcome.value.paymentId });
    const debits = timeline.filter(({ step }) => step === 'debit the wallet');
    const asks = debits.filter(({ event }) => event.startsWith('ASKED'));
    expect(asks.map(({ attempt }) => attempt)).toEqual(asks.map((_ask, index) => index + 1));
    expect(new Set(debits.map(({ messageId }) => messageId))).toEqual(new Set([third.id]));
  });

  it('is given up before the point of no return, and undone although it may have happened', async () => {
    payment.played.silence(DebitWallet);
    const { answer, messageId } = request();
    const debit = await payment.played.hears(DebitWallet);
    const paymentId = await started(messageId);
    await payment.letAnHourPass(paymentId);
    expect(await answer).toMatchObject({
      ok: false,
      refusal: 'PAYMENT_ABANDONED',
      detail: { paymentId },
    });
    expect(payment.played.story(paymentId)).toEqual(
      [PinReservation, DebitWallet, UnpinReservation, ReturnDebit, UnpinReservation].map(
        (one) => one.wireName,
      ),
    );
    const before = await payment.saga({ paymentId });
    payment.played.reply(debit, accepted({ userId: USER, balanceKrw: 0 }));
    const next = request();
    payment.everybodySaysYes();
    expect((await next.answer).ok).toBe(true);
    expect(await payment.saga({ paymentId })).toEqual(before);
  });

  it('is never given up at the point of no return: it needs attention, and resumes by itself', async () => {
    payment.played.silence(ConfirmReservation);
    const { answer, messageId } = request();
    await payment.played.hears(ConfirmReservation);
    const paymentId = await started(messageId);
    await eventually(async () => {
      expect((await payment.saga({ paymentId })).state).toBe('NEEDS_ATTENTION');
    });
    const asked = payment.played.heardOf(ConfirmReservation).length;
    const again = await payment.played.hears(ConfirmReservation, asked + 1);
    payment.played.reply(again, accepted({ confirmedAt: QUOTE.startsAt }));
    expect(await answer).toMatchObject({ ok: true, value: { state: 'COMPLETED' } });
    expect((await payment.saga({ paymentId })).events).toContain('RESUMED');
  });
});
