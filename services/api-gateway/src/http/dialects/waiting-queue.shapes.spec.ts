import { describe, expect, it } from '@jest/globals';
import { entry, payment, reservation, schedule, seatMap } from '../../testing/samples.js';
import { LocalTime } from './local-time.js';
import * as shapes from './waiting-queue.shapes.js';

const seoul = new LocalTime('Asia/Seoul');
/** One o'clock of the next day in Seoul. */
const LATE = '2024-10-09T16:00:00.000Z';

describe('the shapes of waiting-queue', () => {
  it.each([
    ['WAITING', '대기'],
    ['ACTIVE', '활성'],
    ['USED', '만료'],
    ['EXPIRED', '만료'],
    ['LEFT', '만료'],
  ] as const)('call a place that is %s %s', (state, tokenStatus) => {
    const lapsesAt = '2024-10-09T16:05:00.000Z';
    const place = entry(7, { state, position: 40, joinedAt: LATE, lapsesAt });
    expect(shapes.tokenShape(place, 'a1s2d3', seoul)).toEqual({
      userId: 7,
      position: 40,
      token: 'a1s2d3',
      tokenCreated: '2024-10-10T01:00:00',
      tokenExpiry: '2024-10-10T01:05:00',
      tokenStatus,
    });
  });

  it('show the days of a concert', () => {
    expect(shapes.schedulesShape(1, [{ ...schedule, startsAt: LATE }], seoul)).toEqual({
      concertId: 1,
      schedules: [{ concertDateId: 4, scheduleAt: '2024-10-10T01:00:00' }],
    });
  });

  it('call a seat reserved whether it is held or sold', () => {
    const [free] = seatMap.seats;
    const seats = (['FREE', 'HELD', 'SOLD'] as const).map((status) => ({ ...free!, status }));
    const shown = shapes.seatsShape({ schedule, seats });
    expect(shown).toMatchObject({ concertId: 1, scheduleId: 4 });
    expect(shown.seats.map(({ reserveYn }) => reserveYn)).toEqual(['N', 'Y', 'Y']);
  });

  it('show a hold seat by seat', () => {
    const [seat] = reservation().seats;
    const seats = [seat!, { ...seat!, seatNumber: 2, priceKrw: 20_000 }];
    expect(shapes.holdShape(reservation({ seats, amountKrw: 30_000 }))).toEqual({
      userId: 7,
      concertName: 'Winter Songs',
      totalPrice: 30_000,
      seats: [
        { seatNumber: 1, status: '예약완료', seatPrice: 10_000 },
        { seatNumber: 2, status: '예약완료', seatPrice: 20_000 },
      ],
      reservationId: 30,
    });
  });

  it('show several payments as one, made when the last of them was', () => {
    const payments = [
      payment({ amountKrw: 1_000, completedAt: LATE }),
      payment({ amountKrw: 2_000, completedAt: '2024-10-09T15:59:59.000Z' }),
    ];
    expect(shapes.paymentShape(payments, seoul)).toEqual({
      paymentDate: '2024-10-10T01:00:00',
      paymentAmount: 3_000,
      paymentStatus: '결제 완료',
    });
  });
});
