import type {
  EntryState,
  EntryView,
  PaymentView,
  ReservationView,
  ScheduleView,
  SeatView,
  WalletView,
} from '@encore/contracts';
import type { LocalTime } from './local-time.js';

/** The shapes of the `waiting-queue` document, from the views of the services. */

type Times = Pick<LocalTime, 'dateTime'>;

const STATUS_WORDS: Readonly<Record<EntryState, '대기' | '활성' | '만료'>> = {
  WAITING: '대기',
  ACTIVE: '활성',
  USED: '만료',
  EXPIRED: '만료',
  LEFT: '만료',
};

export function tokenShape(entry: EntryView, token: string, times: Times) {
  return {
    userId: entry.userId,
    position: entry.position,
    token,
    tokenCreated: times.dateTime(entry.joinedAt),
    tokenExpiry: times.dateTime(entry.lapsesAt),
    tokenStatus: STATUS_WORDS[entry.state],
  };
}

export function schedulesShape(
  concertId: number,
  schedules: readonly ScheduleView[],
  times: Times,
) {
  return {
    concertId,
    schedules: schedules.map(({ scheduleId, startsAt }) => ({
      concertDateId: scheduleId,
      scheduleAt: times.dateTime(startsAt),
    })),
  };
}

export function seatsShape(map: {
  readonly schedule: ScheduleView;
  readonly seats: readonly SeatView[];
}) {
  return {
    concertId: map.schedule.concertId,
    scheduleId: map.schedule.scheduleId,
    seats: map.seats.map(({ seatId, seatNumber, status }) => ({
      seatId,
      seatNumber,
      reserveYn: status === 'FREE' ? 'N' : 'Y',
    })),
  };
}

export function holdShape(reservation: ReservationView) {
  const { userId, concertName, amountKrw, seats, reservationId } = reservation;
  return {
    userId,
    concertName,
    totalPrice: amountKrw,
    seats: seats.map(({ seatNumber, priceKrw }) => ({
      seatNumber,
      status: '예약완료',
      seatPrice: priceKrw,
    })),
    reservationId,
  };
}

/** Several payments count as one, made when the last of them was. */
export function paymentShape(payments: readonly PaymentView[], times: Times) {
  const ends = payments.map(({ completedAt, createdAt }) => Date.parse(completedAt ?? createdAt));
  return {
    paymentDate: times.dateTime(new Date(Math.max(...ends))),
    paymentAmount: payments.reduce((sum, { amountKrw }) => sum + (amountKrw ?? 0), 0),
    paymentStatus: '결제 완료',
  };
}

export function balanceShape({ userId, balanceKrw }: WalletView) {
  return { userId, amount: balanceKrw };
}
