import type { PassView } from '@encore/contracts';
import { describe, expect, it } from '@jest/globals';
import { entry, payment, reservation, schedule, seatMap } from '../../testing/samples.js';
import { LocalTime } from './local-time.js';
import * as shapes from './queue-token.shapes.js';

const seoul = new LocalTime('Asia/Seoul');
/** One o'clock of the next day in Seoul. */
const LATE = '2024-10-09T16:00:00.000Z';

describe('the shapes of queue-token', () => {
  it('show a token with its times on the wall of the hall', () => {
    const pass: PassView = {
      tokenId: 2 ** 53 - 1,
      tokenUuid: '5b0c8f1e-3b1f-4a52-9a52-1d2f3a4b5c6d',
      isGuest: false,
      entry: entry(7, { joinedAt: LATE, lapsesAt: '2024-10-09T16:05:00.000Z' }),
    };
    expect(shapes.tokenShape(pass, 'jwt', seoul)).toEqual({
      tokenId: 9_007_199_254_740_991,
      createdAt: '2024-10-10T01:00:00',
      expiredAt: '2024-10-10T01:05:00',
      token: 'jwt',
    });
  });

  it.each([
    ['WAITING', 'WAIT'],
    ['ACTIVE', 'ACTIVE'],
    ['USED', 'EXPIRED'],
    ['EXPIRED', 'EXPIRED'],
    ['LEFT', 'EXPIRED'],
  ] as const)('call a place that is %s %s', (state, status) => {
    const place = entry(7, { state, position: 3, joinedAt: LATE });
    expect(shapes.statusShape(place, seoul)).toEqual({
      queueId: 1_007,
      createdAt: '2024-10-10T01:00:00',
      status,
      position: 3,
    });
  });

  it('show the days of a concert with the time their sale begins', () => {
    const day = { ...schedule, startsAt: LATE, salesOpenAt: '2024-10-01T01:00:00.000Z' };
    expect(shapes.schedulesShape(1, [day], seoul)).toEqual({
      concertId: 1,
      schedules: [
        {
          scheduleId: 4,
          concertAt: '2024-10-10T01:00:00',
          reservationAt: '2024-10-01T10:00:00',
        },
      ],
    });
  });

  it('call a seat unavailable whether it is held or sold', () => {
    const [free] = seatMap.seats;
    const seats = (['FREE', 'HELD', 'SOLD'] as const).map((status) => ({ ...free!, status }));
    const shown = shapes.seatsShape({ schedule: { ...schedule, startsAt: LATE }, seats }, seoul);
    expect(shown).toMatchObject({ concertId: 1, concertAt: '2024-10-10T01:00:00' });
    expect(shown.seats.map(({ seatStatus }) => seatStatus)).toEqual([
      'AVAILABLE',
      'UNAVAILABLE',
      'UNAVAILABLE',
    ]);
    expect(shown.seats[0]).toEqual({
      seatId: 101,
      seatNumber: 1,
      seatStatus: 'AVAILABLE',
      seatPrice: 10_000,
    });
  });

  it('spell the price of a reserved seat as the document does', () => {
    expect(shapes.reservationShape(reservation({ startsAt: LATE }), seoul)).toEqual({
      reservationId: 30,
      concertId: 1,
      concertName: 'Winter Songs',
      concertAt: '2024-10-10T01:00:00',
      seatNumber: 1,
      seatprice: 10_000,
      reservationStatus: 'PAYMENT_PENDING',
    });
  });

  it('show a payment and a balance', () => {
    const paid = { paymentId: 50, amount: 10_000, paymentStatus: 'COMPLETED' };
    expect(shapes.paymentShape(payment())).toEqual(paid);
    const wallet = { userId: 7, balanceKrw: 20_000 };
    expect(shapes.balanceShape(wallet)).toEqual({ userId: 7, currentAmount: 20_000 });
  });
});
