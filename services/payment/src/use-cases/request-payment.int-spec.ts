import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  accepted,
  ConfirmReservation,
  DebitWallet,
  ExpireQueueEntry,
  PinReservation,
  refused,
  RequestPayment,
  ReturnDebit,
  UnpinReservation,
  type AskableContract,
  type Contract,
  type Outcome,
  type PayloadOf,
} from '@encore/contracts';
import { OutcomeUnknownError } from '@encore/messaging';
import { eventually } from '@encore/testing';
import { randomUUID } from 'node:crypto';
import { BootedPayment, PATIENT, QUOTE, USER } from '../booted-payment.fixture.js';
import type { HeardCommand } from '../played-services.fixture.js';

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

const COMPLETED = ['payment.payment-completed'];

function wanted(change: Partial<PayloadOf<typeof RequestPayment>> = {}) {
  const expectedAmountKrw = QUOTE.amountKrw;
  const whoWhat = { userId: USER, reservationId, expectedAmountKrw, entryId: 3 };
  return { ...whoWhat, roomId: 'default', ...change };
}

async function paid(change: Partial<PayloadOf<typeof RequestPayment>> = {}) {
  const answer = await payment.ask(RequestPayment, wanted(change));
  if (!answer.ok) throw new Error(`the payment was refused: ${answer.refusal}`);
  return answer.value;
}

/** The payment of the reservation of the running test. */
async function row() {
  const { database } = payment.server;
  const [found] = await database.run<{ paymentId: number; state: string; failure: string }>(
    database
      .sql('payments')
      .select('state', 'failure', { paymentId: 'payment_id' })
      .where({ reservation_id: reservationId }),
  );
  return found;
}

function ended(paymentId: number, state: string) {
  return eventually(async () => {
    const saga = await payment.saga({ paymentId });
    expect(saga.state).toBe(state);
    return saga;
  });
}

describe('a requested payment', () => {
  it('pins, debits, confirms and uses up the entry, and answers with the payment', async () => {
    const view = await paid();
    expect(view).toMatchObject({
      userId: USER,
      reservationId,
      scheduleId: QUOTE.scheduleId,
      state: 'COMPLETED',
      amountKrw: QUOTE.amountKrw,
      refundedKrw: 0,
      failure: null,
    });
    const { events } = await ended(view.paymentId, 'COMPLETED');
    expect(events).toEqual([
      'STARTED',
      ...Array.from({ length: 4 }, () => ['ASKED', 'ACCEPTED']).flat(),
      'COMPLETED',
    ]);
    expect(payment.played.story(view.paymentId)).toEqual(
      [PinReservation, DebitWallet, ConfirmReservation, ExpireQueueEntry].map(
        ({ wireName }) => wireName,
      ),
    );
    await eventually(() => expect(payment.played.announced(view.paymentId)).toEqual(COMPLETED));
  });

  it('answers at the point of no return, not when the queue entry is used up', async () => {
    payment.played.silence(ExpireQueueEntry);
    const { paymentId, state } = await paid();
    expect(state).toBe('COMPLETED');
    expect((await payment.saga({ paymentId })).state).toBe('RUNNING');
    const expire = await payment.played.hears(ExpireQueueEntry);
    payment.played.reply(expire, refused('QUEUE_ENTRY_NOT_FOUND'));
    expect((await ended(paymentId, 'COMPLETED')).events).toContain('REFUSED');
  });

  const refusals: [Contract<'command'>, string, Contract<'command'>[]][] = [
    [PinReservation, 'RESERVATION_EXPIRED', []],
    [DebitWallet, 'WALLET_INSUFFICIENT_BALANCE', [UnpinReservation]],
    [ConfirmReservation, 'RESERVATION_NOT_PINNED', [ReturnDebit, UnpinReservation]],
  ];
  it.each(refusals.map(([step, code, undone]) => ({ step, code, undone })))(
    'is undone in reverse when $step.name is refused, and then says why',
    async ({ step, code, undone }) => {
      payment.played.on(step, () => refused(code, { since: 'noon' }));
      const answer = await payment.ask(RequestPayment, wanted());
      expect(answer).toMatchObject({
        ok: false,
        refusal: code,
        detail: { since: 'noon', paymentId: expect.any(Number) },
      });
      const { paymentId } = (await row()) ?? { paymentId: 0 };
      const types = payment.played.story(paymentId);
      const afterwards = types.slice(types.indexOf(step.wireName) + 1);
      expect(afterwards).toEqual(undone.map(({ wireName }) => wireName));
      expect(await row()).toMatchObject({ state: 'FAILED', failure: code });
      expect((await payment.saga({ paymentId })).state).toBe('COMPENSATED');
      expect(payment.played.announced(paymentId)).toEqual([]);
    },
  );

  it('says no only when everything is undone', async () => {
    payment.played.on(DebitWallet, () => refused('WALLET_INSUFFICIENT_BALANCE'));
    payment.played.silence(UnpinReservation);
    const order: string[] = [];
    const asked = payment
      .ask(RequestPayment, wanted())
      .then((answer) => order.push(answer.ok ? 'paid' : answer.refusal));
    const unpin = await payment.played.hears(UnpinReservation);
    order.push('unpinned');
    payment.played.reply(unpin, accepted({}));
    await asked;
    expect(order).toEqual(['unpinned', 'WALLET_INSUFFICIENT_BALANCE']);
  });

  it('may be tried again after it failed', async () => {
    payment.played.on(PinReservation, () => refused('RESERVATION_AMOUNT_DIFFERS'));
    await payment.ask(RequestPayment, wanted({ expectedAmountKrw: 1 }));
    payment.everybodySaysYes();
    expect((await paid()).state).toBe('COMPLETED');
  });

  it('is not made again when its reservation is paid', async () => {
    const { paymentId } = await paid();
    expect(await payment.ask(RequestPayment, wanted())).toMatchObject({
      ok: false,
      refusal: 'PAYMENT_ALREADY_COMPLETED',
      detail: { paymentId },
    });
    expect(payment.played.heardOf(PinReservation)).toHaveLength(1);
  });

  it('is the same payment when the same request comes again', async () => {
    const messageId = randomUUID();
    const first = await payment.ask(RequestPayment, wanted(), { messageId });
    const again = await payment.ask(RequestPayment, wanted(), { messageId });
    expect(again).toEqual({ ...first, replayed: true });
    expect(payment.played.heardOf(PinReservation)).toHaveLength(1);
  });
});

describe('a request that the inbox has forgotten', () => {
  /** As after a day: only the payment itself is left of the request. */
  async function forget(messageId: string): Promise<void> {
    const { database } = payment.server;
    await database.run(database.sql('inbox').where({ message_id: messageId }).delete());
  }

  it('is answered with the payment it made', async () => {
    const messageId = randomUUID();
    const first = await payment.ask(RequestPayment, wanted(), { messageId });
    await forget(messageId);
    expect(await payment.ask(RequestPayment, wanted(), { messageId })).toEqual(first);
    expect(payment.played.heardOf(PinReservation)).toHaveLength(1);
  });

  it('is refused as it was when its payment failed, although another one was made since', async () => {
    payment.played.on(PinReservation, () => refused('RESERVATION_EXPIRED'));
    const messageId = randomUUID();
    const first = await payment.ask(RequestPayment, wanted(), { messageId });
    await forget(messageId);
    expect(await payment.ask(RequestPayment, wanted(), { messageId })).toEqual(first);
    payment.everybodySaysYes();
    await paid();
    await forget(messageId);
    expect(await payment.ask(RequestPayment, wanted(), { messageId })).toEqual(first);
  });

  it('is told its first answer, before and after that, whatever was given back since', async () => {
    const messageId = randomUUID();
    const first = await payment.ask(RequestPayment, wanted(), { messageId });
    const { database } = payment.server;
    await database.run(
      database
        .sql('payments')
        .where({ request_message_id: messageId })
        .update({ state: 'REFUNDED', refunded_krw: database.sql.raw('amount_krw') }),
    );
    const again = () => payment.ask(RequestPayment, wanted(), { messageId });
    expect(await again()).toEqual({ ...first, replayed: true });
    await forget(messageId);
    expect(await again()).toEqual(first);
  });

  it('waits for the answer while its payment runs', async () => {
    payment.played.silence(PinReservation);
    const messageId = randomUUID();
    const gone = payment.ask(RequestPayment, wanted(), { messageId, timeoutMs: 2_000 });
    await expect(gone).rejects.toThrow(OutcomeUnknownError);
    const pin = await payment.played.hears(PinReservation);
    await forget(messageId);
    const answer = payment.ask(RequestPayment, wanted(), { messageId });
    const { database } = payment.server;
    await eventually(async () => {
      const known = database.sql('inbox').select('reply').where({ message_id: messageId });
      expect(await database.run(known)).toEqual([{ reply: null }]);
    });
    payment.played.reply(pin, accepted(QUOTE));
    expect(await answer).toMatchObject({ ok: true, value: { state: 'COMPLETED' } });
    expect(payment.played.heardOf(PinReservation)).toHaveLength(1);
  });

  it('says nothing of its payment to a request for another reservation', async () => {
    const messageId = randomUUID();
    await payment.ask(RequestPayment, wanted(), { messageId });
    await forget(messageId);
    const other = wanted({ reservationId: reservationId + 70_000 });
    await expect(payment.ask(RequestPayment, other, { messageId })).rejects.toThrow(
      'was used before',
    );
  });
});

describe('payments that race', () => {
  it('for one reservation become one payment', async () => {
    payment.played.silence(PinReservation);
    const answers = Array.from({ length: 16 }, () => payment.ask(RequestPayment, wanted()));
    const pin = await payment.played.hears(PinReservation);
    payment.played.reply(pin, accepted(QUOTE));
    const outcomes = await Promise.all(answers);
    const won = outcomes.filter((outcome) => outcome.ok);
    expect(won).toHaveLength(1);
    const [{ value } = { value: undefined }] = won;
    for (const outcome of outcomes) {
      if (outcome.ok) continue;
      expect(outcome.detail).toEqual({ paymentId: value?.paymentId });
      expect(outcome.refusal).toMatch(/^PAYMENT_(IN_PROGRESS|ALREADY_COMPLETED)$/);
    }
    for (const contract of [PinReservation, DebitWallet, ConfirmReservation]) {
      expect(payment.played.heardOf(contract)).toHaveLength(1);
    }
  });

  it('do not hinder the owner when a stranger tries first', async () => {
    const STRANGER = 8;
    payment.played.on(PinReservation, ({ userId }) =>
      userId === STRANGER ? undefined : accepted(QUOTE),
    );
    const stranger = payment.ask(RequestPayment, wanted({ userId: STRANGER }));
    const pin = await payment.played.hears(PinReservation);
    expect((await paid()).state).toBe('COMPLETED');
    payment.played.reply(pin, refused('RESERVATION_NOT_YOURS'));
    expect(await stranger).toMatchObject({ refusal: 'RESERVATION_NOT_YOURS' });
  });

  it('for many reservations all complete, each once', async () => {
    const reservations = Array.from({ length: 100 }, (_, index) => 10_000 + index);
    const views = await Promise.all(reservations.map((one) => paid({ reservationId: one })));
    expect(new Set(views.map(({ paymentId }) => paymentId)).size).toBe(100);
    for (const contract of [PinReservation, DebitWallet, ConfirmReservation]) {
      expect(payment.played.heardOf(contract)).toHaveLength(100);
    }
  });
});

describe('answers that come twice', () => {
  it('move nothing twice, whether at once or much later', async () => {
    const answers: [HeardCommand, Outcome<AskableContract>][] = [];
    for (const contract of [PinReservation, DebitWallet, ConfirmReservation, ExpireQueueEntry]) {
      const answer =
        contract === PinReservation ? accepted(QUOTE) : accepted({ confirmedAt: QUOTE.startsAt });
      payment.played.on(contract, (_payload, command) => {
        answers.push([command, answer]);
        payment.played.reply(command, answer);
        return answer;
      });
    }
    const { paymentId } = await paid();
    const saga = await ended(paymentId, 'COMPLETED');
    expect(saga.events).toHaveLength(10);
    expect(payment.played.story(paymentId)).toHaveLength(4);

    for (const [command, answer] of answers) payment.played.reply(command, answer);
    payment.everybodySaysYes();
    // Replies are heard in their order: once this one is paid, the repeated ones are behind.
    await paid({ reservationId: reservationId + 50_000 });
    expect(await payment.saga({ paymentId })).toEqual(saga);
    expect(payment.played.story(paymentId)).toHaveLength(4);
    expect(payment.played.announced(paymentId)).toEqual(COMPLETED);
  });
});
