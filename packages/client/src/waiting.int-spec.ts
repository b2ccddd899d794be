import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { clientOf, PlayedGateway, problem, RecordedTime } from './played-gateway.fixture.js';
import type { Entry, Payment } from './shapes.js';

const entry = (state: Entry['state'], nextPollMs = 0): Entry => ({
  entryId: 3,
  roomId: 'default',
  userId: 7,
  state,
  position: state === 'WAITING' ? 1 : 0,
  positionIsExact: true,
  estimatedWaitSeconds: null,
  nextPollMs,
  joinedAt: '2026-11-20T10:00:00.000Z',
  activeUntil: null,
  lapsesAt: '2026-11-20T10:05:00.000Z',
});
const payment = (state: Payment['state'], failure: string | null = null): Payment => ({
  paymentId: 50,
  userId: 7,
  reservationId: 30,
  scheduleId: 1,
  state,
  amountKrw: 10_000,
  refundedKrw: 0,
  failure,
  createdAt: '2026-11-20T10:00:00.000Z',
  completedAt: null,
});
const ok = (body: unknown) => ({ status: 200, body });
const accepted = (location = '/v1/payments/50') => ({
  status: 202,
  body: payment('PENDING'),
  headers: { location, 'retry-after': '1' },
});

let gateway: PlayedGateway;
let time: RecordedTime;

beforeAll(async () => {
  gateway = await PlayedGateway.open();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  time = new RecordedTime();
});

const calls = () => gateway.received.map(({ call }) => call);

describe('waiting for one’s turn', () => {
  const JOIN = 'POST /v1/waiting-rooms/default/entries';
  const ASK = 'GET /v1/waiting-rooms/default/entries/me';

  it('takes a place and asks as often as the gateway wants to be asked', async () => {
    const waiting = [entry('WAITING', 1_500), entry('WAITING', 700), entry('WAITING')];
    gateway.answers(...waiting.map(ok), ok(entry('ACTIVE')));
    const seen: string[] = [];
    const active = await clientOf(gateway, time).waitingRooms.waitUntilActive('default', {
      onEntry: ({ state }) => seen.push(state),
    });
    expect(active.state).toBe('ACTIVE');
    expect(calls()).toEqual([JOIN, ASK, ASK, ASK]);
    expect(time.pauses).toEqual([1_500, 700, 100]);
    expect(seen).toEqual(['WAITING', 'WAITING', 'WAITING', 'ACTIVE']);
  });

  it('asks nothing more when it is one’s turn at once', async () => {
    gateway.answers(ok(entry('ACTIVE')));
    await clientOf(gateway, time).waitingRooms.waitUntilActive('default');
    expect(calls()).toEqual([JOIN]);
  });

  it.each(['EXPIRED', 'LEFT', 'USED'] as const)('ends when the place is %s', async (state) => {
    gateway.answers(ok(entry('WAITING', 500)), ok(entry(state)));
    await expect(
      clientOf(gateway, time).waitingRooms.waitUntilActive('default'),
    ).rejects.toMatchObject({ name: 'EncoreEntryEndedError', entry: { state } });
  });

  it('ends when it takes too long, with the place as it is', async () => {
    gateway.answers(ok(entry('WAITING', 500)), ok(entry('WAITING', 600)));
    const options = { waitMaxMs: 1_000 };
    await expect(
      clientOf(gateway, time).waitingRooms.waitUntilActive('default', options),
    ).rejects.toMatchObject({ name: 'EncoreUnfinishedError', last: { state: 'WAITING' } });
    expect(calls()).toEqual([JOIN, ASK]);
  });

  it('ends with the reason of a signal', async () => {
    gateway.answers(ok(entry('WAITING', 500)));
    const stop = new AbortController();
    const waiting = clientOf(gateway, time).waitingRooms.waitUntilActive('default', {
      signal: stop.signal,
      onEntry: () => stop.abort(new Error('gone')),
    });
    await expect(waiting).rejects.toThrow('gone');
    expect(calls()).toEqual([JOIN]);
  });
});

describe('a payment that was accepted', () => {
  const pay = (options = {}) =>
    clientOf(gateway, time).payments.pay({ reservationId: 30 }, options);
  const ASK = 'GET /v1/payments/50';

  it('is nothing to follow when it was paid at once', async () => {
    gateway.answers({ status: 201, body: payment('COMPLETED') });
    expect((await pay()).state).toBe('COMPLETED');
    expect(calls()).toEqual(['POST /v1/payments']);
  });

  it('is followed to its end, with rests that grow', async () => {
    gateway.answers(accepted(), ok(payment('PENDING')), ok(payment('PENDING')));
    gateway.answers(problem(503, 'SERVICE_UNAVAILABLE'), ok(payment('COMPLETED')));
    expect((await pay()).state).toBe('COMPLETED');
    expect(calls()).toEqual(['POST /v1/payments', ASK, ASK, ASK, ASK]);
    // The third rest is that of a retry.
    expect(time.pauses).toEqual([1_000, 375, 562.5, 100]);
  });

  it('rejects with the refusal that failed it', async () => {
    gateway.answers(accepted(), ok(payment('FAILED', 'WALLET_INSUFFICIENT_BALANCE')));
    await expect(pay()).rejects.toMatchObject({
      name: 'EncoreProblem',
      code: 'WALLET_INSUFFICIENT_BALANCE',
      requestId: 'request-2',
      problem: { details: { paymentId: 50 } },
    });
  });

  it('is left under way when it takes too long', async () => {
    gateway.answers(accepted(), ok(payment('PENDING')));
    await expect(pay({ waitMaxMs: 1_200 })).rejects.toMatchObject({
      name: 'EncoreUnfinishedError',
      last: { paymentId: 50, state: 'PENDING' },
    });
  });

  it('is not followed to another server, which would be given the token', async () => {
    gateway.answers(accepted('https://elsewhere.example/v1/payments/50'));
    await expect(pay()).rejects.toThrow('elsewhere');
    expect(gateway.received).toHaveLength(1);
  });

  it('ends with the reason of a signal', async () => {
    const stop = new AbortController();
    gateway.answers(accepted(), ok(payment('PENDING')), 'silence');
    const paying = pay({ signal: stop.signal });
    gateway.onceReceived(3, () => stop.abort(new Error('gone')));
    await expect(paying).rejects.toThrow('gone');
  });

  it('has its like in refunds', async () => {
    const refund = { refundId: 9, state: 'PENDING', failure: null };
    const headers = { location: '/v1/refunds/9' };
    gateway.answers({ status: 202, body: refund, headers }, ok({ ...refund, state: 'COMPLETED' }));
    const given = await clientOf(gateway, time).refunds.request({ reservationId: 30 });
    expect(given.state).toBe('COMPLETED');
    expect(calls()).toEqual(['POST /v1/refunds', 'GET /v1/refunds/9']);
  });
});
