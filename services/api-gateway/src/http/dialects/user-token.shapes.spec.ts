import type { SeatView } from '@encore/contracts';
import { describe, expect, it } from '@jest/globals';
import { entry, reservation, schedule, seatMap, waitingEntry } from '../../testing/samples.js';
import { LocalTime } from './local-time.js';
import * as shapes from './user-token.shapes.js';

const seoul = new LocalTime('Asia/Seoul');
const TOKEN_UUID = '5b0c8f1e-3b1f-4a52-9a52-1d2f3a4b5c6d';
/** One o'clock of the next day in Seoul. */
const LATE = '2024-12-28T16:00:00.000Z';

describe('the shapes of user-token', () => {
  it('show a token with the position behind its uuid', () => {
    const pass = { tokenId: 1, tokenUuid: TOKEN_UUID, isGuest: true, entry: waitingEntry(7, 123) };
    expect(shapes.tokenShape(pass)).toEqual({
      token: `${TOKEN_UUID}_123`,
      queuePosition: 123,
      estimatedWaitTime: 90,
      estimatedWaitTimeIsKnown: true,
    });
  });

  it('show nothing to wait for when it is one’s turn', () => {
    expect(shapes.placeShape(entry(7))).toMatchObject({ queuePosition: 0, estimatedWaitTime: 0 });
  });

  it('show each day once, in order, by the calendar of the hall', () => {
    const days = ['2024-01-02T10:00:00.000Z', LATE, '2024-12-29T10:00:00.000Z'];
    const schedules = days.toReversed().map((startsAt) => ({ ...schedule, startsAt }));
    expect(shapes.datesShape(schedules, seoul)).toEqual({
      availableDates: ['2024-01-02', '2024-12-29'],
    });
  });

  it('show the seats that are free in any of the performances of a day', () => {
    const [sample] = seatMap.seats;
    const of = (seatNumber: number, status: SeatView['status']): SeatView => ({
      ...sample!,
      seatNumber,
      status,
    });
    const matinee = { seats: [of(1, 'SOLD'), of(2, 'FREE'), of(10, 'HELD')] };
    const evening = { seats: [of(1, 'HELD'), of(2, 'FREE'), of(9, 'FREE')] };
    expect(shapes.seatsShape([matinee, evening])).toEqual({ availableSeats: [2, 9] });
  });

  it('show a hold with its end on the wall of the hall', () => {
    const held = reservation({ startsAt: LATE, expiresAt: '2024-12-29T03:30:00.000Z' });
    expect(shapes.holdShape(held, seoul)).toEqual({
      concertDate: '2024-12-29',
      seatNumber: 1,
      status: 'reserved',
      expireAt: '2024-12-29 12:30:00',
      reservationId: 30,
    });
  });

  it('show money', () => {
    const wallet = { userId: 7, balanceKrw: 3_000 };
    expect(shapes.balanceShape(wallet)).toEqual({ userId: 7, balance: 3_000 });
    expect(shapes.chargeShape(wallet)).toEqual({
      userId: 7,
      balance: 3_000,
      message: 'Balance charged successfully.',
    });
  });
});
