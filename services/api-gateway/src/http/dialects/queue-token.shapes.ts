import type {
  EntryState,
  EntryView,
  PassView,
  PaymentView,
  ReservationView,
  ScheduleView,
  SeatView,
  WalletView,
} from '@encore/contracts';
import type { LocalTime } from './local-time.js';

/** The shapes of the `queue-token` document, from the views of the services. */

type Times = Pick<LocalTime, 'dateTime'>;

const STATUS_WORDS: Readonly<Record<EntryState, 'WAIT' | 'ACTIVE' | 'EXPIRED'>> = {
  WAITING: 'WAIT',
  ACTIVE: 'ACTIVE',
  USED: 'EXPIRED',
  EXPIRED: 'EXPIRED',
  LEFT: 'EXPIRED',
};

export function tokenShape({ tokenId, entry }: PassView, token: string, times: Times) {
  return {
    tokenId,
    createdAt: times.dateTime(entry.joinedAt),
    expiredAt: times.dateTime(entry.lapsesAt),
    token,
  };
}

export function statusShape({ entryId, joinedAt, state, position }: EntryView, times: Times) {
  return {
    queueId: entryId,
    createdAt: times.dateTime(joinedAt),
    status: STATUS_WORDS[state],
    position,
  };
}

export function schedulesShape(
  concertId: number,
  schedules: readonly ScheduleView[],
  times: Times,
) {
  return {
    concertId,
    schedules: schedules.map(({ scheduleId, startsAt, salesOpenAt }) => ({
      scheduleId,
      concertAt: times.dateTime(startsAt),
      reservationAt: times.dateTime(salesOpenAt),
    })),
  };
}

export function seatsShape(
  { schedule, seats }: { schedule: ScheduleView; seats: readonly SeatView[] },
  times: Times,
) {
  return {
    concertId: schedule.concertId,
    concertAt: times.dateTime(schedule.startsAt),
    seats: seats.map(({ seatId, seatNumber, status, priceKrw }) => ({
      seatId,
      seatNumber,
      seatStatus: status === 'FREE' ? 'AVAILABLE' : 'UNAVAILABLE',
      seatPrice: priceKrw,
    })),
  };
}

export function reservationShape(reservation: ReservationView, times: Times) {
  const { reservationId, concertId, concertName, startsAt, seats } = reservation;
  const [seat] = seats;
  if (seat === undefined) throw new TypeError(`reservation ${reservationId} has no seat`);
  return {
    reservationId,
    concertId,
    concertName,
    concertAt: times.dateTime(startsAt),
    seatNumber: seat.seatNumber,
    seatprice: seat.priceKrw,
    reservationStatus: 'PAYMENT_PENDING',
  };
}

export function paymentShape({ paymentId, amountKrw }: PaymentView) {
  return { paymentId, amount: amountKrw, paymentStatus: 'COMPLETED' };
}

export function balanceShape({ userId, balanceKrw }: WalletView) {
  return { userId, currentAmount: balanceKrw };
}
