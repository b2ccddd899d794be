import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ListPayments,
  ListRefunds,
  ListSagas,
  ReadPayment,
  ReadPaymentsPage,
  ReadRefund,
  ReadRequestedPayment,
  ReadRequestedRefund,
  ReadSaga,
  RequestPayment,
  RequestRefund,
} from '@encore/contracts';
import { newSagaId } from '@encore/saga';
import { eventually } from '@encore/testing';
import { randomUUID } from 'node:crypto';
import { BootedPayment, PATIENT, USER } from '../booted-payment.fixture.js';

const STRANGER = USER + 1;
const RESERVATIONS = [1, 2, 3, 4, 5];

let service: BootedPayment;
let paymentIds: number[];
let refundId: number;
const requests = RESERVATIONS.map(() => randomUUID());
const refundRequest = randomUUID();

beforeAll(async () => {
  service = await BootedPayment.boot(PATIENT);
  const pending = RESERVATIONS.map((reservationId, index) => pay(reservationId, requests[index]));
  paymentIds = (await Promise.all(pending)).sort((one, other) => one - other);
  const refund = await service.ask(
    RequestRefund,
    { userId: USER, reservationId: 1, seatNumbers: [3], reason: null },
    { messageId: refundRequest },
  );
  if (!refund.ok) throw new Error(refund.refusal);
  refundId = refund.value.refundId;
  await eventually(async () => expect(await service.reader.countOpen()).toEqual([]));
});

afterAll(() => service.close());

async function pay(reservationId: number, messageId: string | undefined): Promise<number> {
  const whoWhat = { userId: USER, reservationId, expectedAmountKrw: null };
  const request = { ...whoWhat, entryId: 3, roomId: 'default' };
  const answer = await service.ask(RequestPayment, request, { messageId: messageId ?? '' });
  if (!answer.ok) throw new Error(answer.refusal);
  return answer.value.paymentId;
}

interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
}

/** All pages of two of a list. */
async function pagesOf<Item>(
  list: (page: {
    limit: number;
    cursor?: string;
  }) => Promise<{ ok: true; value: Page<Item> } | { ok: false; refusal: string }>,
): Promise<Item[][]> {
  const pages: Item[][] = [];
  let page = await list({ limit: 2 });
  for (;;) {
    if (!page.ok) throw new Error(page.refusal);
    const { items, nextCursor } = page.value;
    pages.push(items);
    if (nextCursor === null) return pages;
    page = await list({ limit: 2, cursor: nextCursor });
  }
}

describe('a payment', () => {
  it('is read with its steps by who made it, and by nobody else', async () => {
    const paymentId = paymentIds[0] ?? 0;
    const own = await service.ask(ReadPayment, { userId: USER, paymentId });
    if (!own.ok) throw new Error(own.refusal);
    expect(own.value.steps.map(({ sequence }) => sequence)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(own.value.steps[1]).toMatchObject({ step: 'pin the reservation', event: 'ASKED' });
    expect(await service.ask(ReadPayment, { userId: STRANGER, paymentId })).toMatchObject({
      refusal: 'PAYMENT_NOT_YOURS',
    });
    expect(await service.ask(ReadPayment, { userId: USER, paymentId: 999 })).toMatchObject({
      refusal: 'PAYMENT_NOT_FOUND',
    });
  });

  it('is found by the request that made it', async () => {
    const requestMessageId = requests[2] ?? '';
    const query = { userId: USER, requestMessageId };
    expect(await service.ask(ReadRequestedPayment, query)).toMatchObject({
      value: { reservationId: 3, state: 'COMPLETED' },
    });
    for (const other of [{ userId: STRANGER }, { requestMessageId: randomUUID() }]) {
      expect(await service.ask(ReadRequestedPayment, { ...query, ...other })).toMatchObject({
        refusal: 'PAYMENT_NOT_FOUND',
      });
    }
  });

  it('is listed newest first, page by page', async () => {
    const pages = await pagesOf((page) => service.ask(ListPayments, { userId: USER, ...page }));
    expect(pages.map((items) => items.length)).toEqual([2, 2, 1]);
    const seen = pages.flat().map(({ paymentId }) => paymentId);
    expect(seen).toEqual([...paymentIds].reverse());
  });

  it('is listed by page number, with how many there are', async () => {
    const pageOf = (page: number) =>
      service.ask(ReadPaymentsPage, { userId: USER, page, limit: 3 });
    const [first, second, third] = await Promise.all([pageOf(1), pageOf(2), pageOf(3)]);
    const pages = [first, second].flatMap((page) => (page.ok ? page.value.items : []));
    expect(pages.map(({ paymentId }) => paymentId)).toEqual([...paymentIds].reverse());
    expect(third).toMatchObject({ value: { items: [], total: 5 } });
    expect(
      await service.ask(ReadPaymentsPage, { userId: STRANGER, page: 1, limit: 3 }),
    ).toMatchObject({ value: { items: [], total: 0 } });
  });

  it('is listed to nobody else', async () => {
    expect(await service.ask(ListPayments, { userId: STRANGER })).toMatchObject({
      value: { items: [], nextCursor: null },
    });
  });
});

describe('a refund', () => {
  it('is read, listed and found by its request, by who asked for it', async () => {
    const view = { refundId, reservationId: 1, seatNumbers: [3], state: 'COMPLETED' };
    const own = { userId: USER };
    expect(await service.ask(ReadRefund, { ...own, refundId })).toMatchObject({ value: view });
    expect(await service.ask(ListRefunds, own)).toMatchObject({ value: { items: [view] } });
    const request = { requestMessageId: refundRequest };
    expect(await service.ask(ReadRequestedRefund, { ...own, ...request })).toMatchObject({
      value: view,
    });
  });

  it('is kept from everybody else', async () => {
    const stranger = { userId: STRANGER };
    expect(await service.ask(ReadRefund, { ...stranger, refundId })).toMatchObject({
      refusal: 'PAYMENT_NOT_YOURS',
    });
    expect(await service.ask(ReadRefund, { userId: USER, refundId: 999 })).toMatchObject({
      refusal: 'PAYMENT_REFUND_NOT_FOUND',
    });
    const request = { ...stranger, requestMessageId: refundRequest };
    expect(await service.ask(ReadRequestedRefund, request)).toMatchObject({
      refusal: 'PAYMENT_REFUND_NOT_FOUND',
    });
  });
});

describe('a saga', () => {
  it('is found by every id that people know', async () => {
    const byReservation = await service.ask(ListSagas, { reservationId: 1 });
    if (!byReservation.ok) throw new Error('lists are never refused');
    const [refund, payment] = byReservation.value.items;
    expect([refund?.definition, payment?.definition]).toEqual([
      'refund-payment',
      'pay-for-reservation',
    ]);
    const filters = [
      { sagaId: payment?.sagaId ?? '' },
      { requestId: payment?.requestId ?? '' },
      { paymentId: payment?.paymentId, userId: USER, state: 'COMPLETED' as const, limit: 2 },
    ];
    for (const filter of filters) {
      const found = await service.ask(ListSagas, filter);
      expect(found.ok ? found.value.items : []).toContainEqual(payment);
    }
    expect(await service.ask(ListSagas, { state: 'NEEDS_ATTENTION' })).toMatchObject({
      value: { items: [] },
    });
  });

  it('is listed newest first, page by page', async () => {
    const pages = await pagesOf((page) => service.ask(ListSagas, { userId: USER, ...page }));
    expect(pages.map((items) => items.length)).toEqual([2, 2, 2]);
    const started = pages.flat().map(({ startedAt }) => startedAt);
    expect(started).toEqual([...started].sort().reverse());
    expect(new Set(pages.flat().map(({ sagaId }) => sagaId)).size).toBe(6);
  });

  it('shows its timeline to operators', async () => {
    const [stored] = await service.reader.find({ reservationId: 2 }, { limit: 1 });
    const sagaId = stored?.saga.id ?? '';
    const saga = await service.ask(ReadSaga, { sagaId });
    if (!saga.ok) throw new Error(saga.refusal);
    expect(saga.value).toMatchObject({ state: 'COMPLETED', step: null, nextAskAt: null });
    expect(saga.value.timeline.at(-1)?.event).toBe('COMPLETED');
    expect(await service.ask(ReadSaga, { sagaId: newSagaId() })).toMatchObject({
      refusal: 'PAYMENT_SAGA_NOT_FOUND',
    });
  });
});
