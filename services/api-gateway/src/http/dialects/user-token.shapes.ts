import type {
  EntryView,
  PassView,
  ReservationView,
  ScheduleView,
  SeatView,
  WalletView,
} from '@encore/contracts';
import type { LocalTime } from './local-time.js';
import { waitOf } from './waiting.js';

/** The shapes of the `user-token` document, from the views of the services. */

type Times = Pick<LocalTime, 'date' | 'dateAndTime'>;

/** The uuid is the secret. The position behind it is for people to read and never believed. */
export function tokenShape({ tokenUuid, entry }: Pick<PassView, 'tokenUuid' | 'entry'>) {
  return { token: `${tokenUuid}_${entry.position}`, ...placeShape(entry) };
}

export function placeShape(entry: EntryView) {
  const { seconds, isKnown } = waitOf(entry);
  return {
    queuePosition: entry.position,
    estimatedWaitTime: seconds,
    estimatedWaitTimeIsKnown: isKnown,
  };
}

export function datesShape(schedules: readonly ScheduleView[], times: Times) {
  const days = schedules.map(({ startsAt }) => times.date(startsAt));
  return { availableDates: [...new Set(days)].sort() };
}

/** Of a day with several performances, a seat that is free in any of them. */
export function seatsShape(maps: readonly { readonly seats: readonly SeatView[] }[]) {
  const free = maps.flatMap(({ seats }) => seats.filter(({ status }) => status === 'FREE'));
  const numbers = new Set(free.map(({ seatNumber }) => seatNumber));
  return { availableSeats: [...numbers].sort((left, right) => left - right) };
}

export function holdShape(reservation: ReservationView, times: Times) {
  const { reservationId, startsAt, seats, expiresAt } = reservation;
  const [seat] = seats;
  if (seat === undefined) throw new TypeError(`reservation ${reservationId} has no seat`);
  return {
    concertDate: times.date(startsAt),
    seatNumber: seat.seatNumber,
    status: 'reserved',
    // A stored answer tells of the hold as it was taken, so that there is a time always.
    expireAt: times.dateAndTime(expiresAt ?? reservation.createdAt),
    reservationId,
  };
}

export function chargeShape(wallet: WalletView) {
  return { ...balanceShape(wallet), message: 'Balance charged successfully.' };
}

export function balanceShape({ userId, balanceKrw }: WalletView) {
  return { userId, balance: balanceKrw };
}
