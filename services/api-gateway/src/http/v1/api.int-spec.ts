import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openGatewayUnderTest, type GatewayUnderTest } from '../../testing/gateway-under-test.js';

describe('/v1', () => {
  let gateway: GatewayUnderTest;
  let token: string;

  beforeAll(async () => {
    gateway = await openGatewayUnderTest();
    token = await gateway.tokenOf(7, 'organiser', 'operator');
  });
  afterAll(() => gateway.close());
  beforeEach(() => gateway.services.reset());

  const reads: [path: string, expected: object][] = [
    ['/v1/waiting-rooms/default/entries/me', { entryId: 70, state: 'ACTIVE' }],
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
    expect(answer.headers.get('ratelimit-policy')).toBe('"user";q=6000;w=60');
  });
});
