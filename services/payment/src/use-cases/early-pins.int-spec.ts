import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  accepted,
  ConfirmReservation,
  DebitWallet,
  ExpireQueueEntry,
  ListPayments,
  ListStoredPayments,
  PinReservation,
  PinUnderLease,
  refused,
  RequestPayment,
  UnpinReservation,
} from '@encore/contracts';
import { eventually } from '@encore/testing';
import { randomUUID } from 'node:crypto';
import { BootedPayment, PATIENT, QUOTE, USER } from '../booted-payment.fixture.js';

let payment: BootedPayment;
let reservationId = 1;

beforeAll(async () => {
  payment = await BootedPayment.boot({ ...PATIENT, PIN_TIMEOUT_MS: '300', PIN_PAUSE_MS: '1' });
  await payment.played.takesRequests();
});

afterAll(() => payment.close());

beforeEach(() => {
  reservationId += 1;
  payment.everybodySaysYes();
  payment.played.forget();
});

function pay(messageId = randomUUID()) {
  const whoWhat = { userId: USER, reservationId, expectedAmountKrw: QUOTE.amountKrw, entryId: 3 };
  return payment.ask(RequestPayment, { ...whoWhat, roomId: 'default' }, { messageId });
}

async function paid(): Promise<number> {
  const answer = await pay();
  if (!answer.ok) throw new Error(`the payment was refused: ${answer.refusal}`);
  return answer.value.paymentId;
}

describe('a payment whose reservation is pinned before it is stored', () => {
  it('has one durable step less, and a log that tells the same', async () => {
    const paymentId = await paid();
    await eventually(async () =>
      expect(await payment.saga({ paymentId })).toMatchObject({ state: 'COMPLETED' }),
    );
    const { timeline } = await payment.saga({ paymentId });
    expect(timeline.slice(0, 4)).toMatchObject([
      { event: 'STARTED', step: null },
      { event: 'ASKED', step: 'pin the reservation' },
      { event: 'ACCEPTED', step: 'pin the reservation' },
      { event: 'ASKED', step: 'debit the wallet' },
    ]);
    expect(payment.played.story(paymentId)).toEqual(
      [PinUnderLease, DebitWallet, ConfirmReservation, ExpireQueueEntry].map(
        ({ wireName }) => wireName,
      ),
    );
  });

  it('is stored when the debit is asked for', async () => {
    payment.played.silence(DebitWallet);
    const running = pay();
    const { body } = await payment.played.hears(DebitWallet);
    const { paymentId } = body as { paymentId: number };
    const asked = { paymentIds: [paymentId, paymentId + 1] };
    expect(await payment.ask(ListStoredPayments, asked)).toMatchObject({
      value: { paymentIds: [paymentId] },
    });
    const debit = await payment.played.hears(DebitWallet);
    payment.played.reply(debit, refused('WALLET_INSUFFICIENT_BALANCE'));
    expect(await running).toMatchObject({ refusal: 'WALLET_INSUFFICIENT_BALANCE' });
    expect(payment.played.heardOf(UnpinReservation)).toHaveLength(1);
  });

  it('fails at once when the reservation says no, and says so again when asked again', async () => {
    const differs = refused('RESERVATION_AMOUNT_DIFFERS', { amountKrw: 7 });
    payment.played.on(PinUnderLease, () => differs);
    const messageId = randomUUID();
    const answer = await pay(messageId);
    expect(answer).toMatchObject({
      refusal: 'RESERVATION_AMOUNT_DIFFERS',
      detail: { amountKrw: 7, paymentId: expect.any(Number) },
      replayed: false,
    });
    expect(await pay(messageId)).toEqual({ ...answer, replayed: true });
    const list = await payment.ask(ListPayments, { userId: USER });
    const [latest] = list.ok ? list.value.items : [];
    expect(latest).toMatchObject({ state: 'FAILED', failure: 'RESERVATION_AMOUNT_DIFFERS' });
    const saga = await payment.saga({ paymentId: latest?.paymentId ?? 0 });
    expect(saga.events).toEqual(['STARTED', 'ASKED', 'REFUSED', 'COMPENSATED']);
    expect(payment.played.heard.map(({ type }) => type)).toEqual([PinUnderLease.wireName]);
  });

  it('is pinned by a command when nobody answers in time', async () => {
    payment.played.silence(PinUnderLease);
    const paymentId = await paid();
    expect(payment.played.story(paymentId).slice(0, 3)).toEqual(
      [PinUnderLease, PinReservation, DebitWallet].map(({ wireName }) => wireName),
    );
  });

  it('pins again, as a later one, when what it had pinned for was undone', async () => {
    const { database } = payment.server;
    const endPayingTransaction = () =>
      database.run(
        database.sql.raw(
          `select pg_terminate_backend(pid) from pg_stat_activity join pg_locks using (pid)
           where datname = current_database() and state = 'idle in transaction'
             and relation = 'payments'::regclass and mode = 'RowExclusiveLock'`,
        ),
      );
    let ended: Promise<unknown> | undefined;
    payment.played.on(PinUnderLease, () => {
      if (ended !== undefined) return accepted(QUOTE);
      ended = endPayingTransaction();
      return undefined;
    });
    const answer = await pay();
    expect(await ended).toHaveLength(1);
    expect(answer).toMatchObject({ ok: true, replayed: false });
    const [lost, kept] = payment.played
      .heardOf(PinUnderLease)
      .map(({ body }) => (body as { paymentId: number }).paymentId);
    expect(kept).toBeGreaterThan(lost ?? 0);
    expect(answer).toMatchObject({ value: { paymentId: kept } });
    const asked = { paymentIds: [lost ?? 0, kept ?? 0] };
    expect(await payment.ask(ListStoredPayments, asked)).toMatchObject({
      value: { paymentIds: [kept] },
    });
  });
});
