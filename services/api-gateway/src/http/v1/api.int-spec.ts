import { ReadWallet, RequestPayment } from '@encore/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openGatewayUnderTest, type GatewayUnderTest } from '../../testing/gateway-under-test.js';

describe('/v1', () => {
  let gateway: GatewayUnderTest;
  let token: string;
  let userId: number;

  beforeAll(async () => {
    gateway = await openGatewayUnderTest();
  });
  afterAll(() => gateway.close());
  beforeEach(async () => {
    gateway.services.reset();
    ({ token, userId } = await gateway.somebody('organiser', 'operator'));
  });

  const reads: [path: string, expected: object][] = [
    ['/v1/waiting-rooms/default/entries/me', { state: 'ACTIVE', roomId: 'default' }],
    ['/v1/concerts', { items: [{ concertId: 1 }], nextCursor: null }],
    ['/v1/concerts/1', { concertId: 1 }],
    ['/v1/concerts/1/schedules?bookableOnly=true&limit=5', { items: [{ scheduleId: 4 }] }],
    ['/v1/schedules/4', { scheduleId: 4 }],
    ['/v1/schedules/4/seats', { seatsVersion: '17', seats: [{ seatNumber: 1 }, {}] }],
    ['/v1/reservations?state=HELD&scheduleId=4', { items: [{ reservationId: 30 }] }],
    ['/v1/reservations/30', { reservationId: 30 }],
    ['/v1/wallet', { userId: 7, balanceKrw: 50_000 }],
    ['/v1/wallet/entries', { items: [{ entryId: 9 }] }],
    ['/v1/payments?limit=1&cursor=51', { items: [{ paymentId: 50 }], nextCursor: '50' }],
    ['/v1/payments/50', { paymentId: 50, steps: [{ event: 'STARTED' }] }],
    ['/v1/refunds', { items: [{ refundId: 60 }] }],
    ['/v1/refunds/60', { refundId: 60 }],
    ['/v1/admin/waiting-rooms', { items: [{ roomId: 'default' }] }],
    ['/v1/admin/waiting-rooms/default', { roomId: 'default' }],
    ['/v1/admin/concerts/1/sales-report', { concertId: 1, schedules: [{ netKrw: 20_000 }] }],
    ['/v1/ops/queues', { items: [] }],
    ['/v1/ops/sagas?paymentId=50&state=COMPLETED', { items: [{ paymentId: 50 }] }],
    ['/v1/ops/sagas/5b0c8f1e-3b1f-4a52-9a52-1d2f3a4b5c6d', { timeline: [{ sequence: 1 }] }],
    ['/v1/ops/dead-letters', { items: [], groups: [] }],
  ];

  it.each(reads)('answers GET %s', async (path, expected) => {
    const answer = await gateway.call('GET', path, { token });
    expect(answer.body).toMatchObject(expected);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.headers.get('ratelimit-policy')).toMatch(
      /^"(selling|other)-address";q=600000;w=60, "\1-user";q=30000;w=60$/,
    );
  });

  const seats = [{ from: 1, to: 50, priceKrw: 10_000 }];
  const startsAt = '2030-05-01T19:00:00+09:00';
  const writes: [method: string, path: string, json: object | undefined, status: number][] = [
    ['POST', '/v1/users', undefined, 201],
    ['POST', '/v1/waiting-rooms/default/entries', undefined, 201],
    ['DELETE', '/v1/waiting-rooms/default/entries/me', undefined, 200],
    ['POST', '/v1/reservations', { scheduleId: 4, seatNumbers: [1, 2] }, 201],
    ['POST', '/v1/reservations', { scheduleId: 4, bestAvailable: 2 }, 201],
    ['DELETE', '/v1/reservations/30', undefined, 200],
    ['POST', '/v1/reservations/30/extension', {}, 201],
    ['POST', '/v1/wallet/charges', { amountKrw: 10_000 }, 201],
    ['POST', '/v1/payments', { reservationId: 30, amountKrw: 10_000 }, 201],
    ['POST', '/v1/refunds', { reservationId: 30, seatNumbers: [1], reason: 'ill' }, 201],
    ['POST', '/v1/admin/concerts', { name: 'Winter Songs' }, 201],
    ['PATCH', '/v1/admin/concerts/1', { venue: 'Arena' }, 200],
    ['POST', '/v1/admin/concerts/1/schedules', { startsAt, seats }, 201],
    ['PATCH', '/v1/admin/schedules/4', { saleOpen: false }, 200],
    ['PUT', '/v1/admin/schedules/4/seats', { seats }, 200],
    ['PUT', '/v1/admin/waiting-rooms/default', { activeCap: 10, paused: true }, 200],
  ];

  it.each(writes)('makes one change for %s %s %j', async (method, path, json, status) => {
    const answer = await gateway.call(method, path, { token, json });
    expect([answer.status, answer.body]).toEqual([status, expect.any(Object)]);
    expect(gateway.services.changes()).toHaveLength(1);
    expect(answer.headers.get('idempotent-replayed')).toBeNull();
  });

  it.each(writes)('repeats the first answer for %s %s %j', async (method, path, json, status) => {
    const key = `again-${method}-${path}`;
    const first = await gateway.call(method, path, { token, json, key });
    const second = await gateway.call(method, path, { token, json, key });
    expect([second.status, second.body]).toEqual([status, first.body]);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    const ids = gateway.services.changes().map(({ options }) => options.messageId);
    expect(new Set(ids).size).toBe(1);
  });

  it('gives the answer to a payment again although the payment used the entry up', async () => {
    const json = { reservationId: 30 };
    const asking = { token, json, key: 'paid-once' };
    await gateway.call('POST', '/v1/payments', asking);
    const again = await gateway.call('POST', '/v1/payments', asking);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    const other = await gateway.call('POST', '/v1/payments', { token, json, key: 'another' });
    expect([other.status, other.body['code']]).toEqual([403, 'ENTRY_USED']);
    const otherBody = { ...asking, json: { reservationId: 30, amountKrw: 1 } };
    expect((await gateway.call('POST', '/v1/payments', otherBody)).status).toBe(422);
    expect(gateway.services.changes()).toHaveLength(1);
  });

  it('says where the created thing is', async () => {
    const json = { scheduleId: 4, seatNumbers: [1] };
    const held = await gateway.call('POST', '/v1/reservations', { token, json });
    expect(held.headers.get('location')).toBe('/v1/reservations/30');
    const paid = await gateway.call('POST', '/v1/payments', { token, json: { reservationId: 30 } });
    expect(paid.headers.get('location')).toBe('/v1/payments/50');
  });

  it('passes the ids of the request on to the services and back to the client', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { 'request-id': 'mine-1', traceparent: `00-${trace}-00f067aa0ba902b7-01` };
    const answer = await gateway.call('GET', '/v1/wallet', { token, headers });
    expect(answer.headers.get('request-id')).toBe('mine-1');
    expect(answer.headers.get('traceparent')).toContain(trace);
    const [asked] = gateway.services.of(ReadWallet);
    expect(asked?.options.correlationId).toBe('mine-1');
    expect(asked?.options.traceparent).toMatch(new RegExp(`^00-${trace}-(?!00f067aa0ba902b7)`));
  });

  it('acts for the user of the token and for nobody a header names', async () => {
    const headers = { 'x-user-id': '8', 'x-encore-user': '8', 'user-id': '8' };
    await gateway.call('GET', '/v1/wallet', { token, headers });
    expect(gateway.services.of(ReadWallet)[0]?.payload).toEqual({ userId });
  });

  it('asks the payment service with the price the client believes and the entry that paid', async () => {
    await gateway.call('POST', '/v1/payments', {
      token,
      json: { reservationId: 30, amountKrw: 9_000 },
    });
    expect(gateway.services.of(RequestPayment)[0]?.payload).toEqual({
      userId,
      reservationId: 30,
      expectedAmountKrw: 9_000,
      entryId: 1_000 + userId,
      roomId: 'default',
    });
  });

  it('groups dead letters by what they died of', async () => {
    const letter = {
      messageId: 'a',
      type: 'wallet.debit-wallet',
      service: 'wallet',
      originQueue: 'wallet.commands',
      cause: { name: 'TypeError', message: 'no', stack: '' },
      attempts: 7,
      correlationId: 'c',
      causationId: null,
      firstFailedAt: null,
      parkedAt: null,
      body: {},
    };
    gateway.parked.push(letter, { ...letter, messageId: 'b' });
    const answer = await gateway.call('GET', '/v1/ops/dead-letters?service=wallet', { token });
    gateway.parked.length = 0;
    expect(answer.body).toMatchObject({
      items: [{ messageId: 'a' }, { messageId: 'b' }],
      groups: [{ service: 'wallet', cause: 'TypeError: no', count: 2 }],
    });
  });
});
