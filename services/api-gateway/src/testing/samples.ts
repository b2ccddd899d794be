import type {
  ConcertView,
  EntryView,
  PassView,
  PaymentView,
  RefundView,
  ReservationView,
  RoomView,
  SagaView,
  ScheduleView,
} from '@encore/contracts';

/** One of everything, as a service would show it to user 7. */

const SOON = '2030-05-01T10:00:00.000Z';
const NOW = '2026-11-20T09:00:00.000Z';

export const concert: ConcertView = {
  concertId: 1,
  name: 'Winter Songs',
  venue: 'Olympic Hall',
  description: '',
  version: 3,
};

export const schedule: ScheduleView = {
  scheduleId: 4,
  concertId: 1,
  concertName: 'Winter Songs',
  startsAt: SOON,
  salesOpenAt: NOW,
  saleOpen: true,
  waitingRoomId: 'default',
  seatCount: 50,
  seatsLeft: 48,
  version: 2,
};

export const seat = { seatId: 101, seatNumber: 1, status: 'FREE' as const, priceKrw: 10_000 };

export const seatMap = {
  schedule,
  seatsVersion: '17',
  seats: [seat, { seatId: 102, seatNumber: 2, status: 'SOLD' as const, priceKrw: 10_000 }],
};

/** Entry 1007 for user 7, and so on. */
export function entry(userId: number, changes: Partial<EntryView> = {}): EntryView {
  return {
    entryId: 1_000 + userId,
    roomId: 'default',
    userId,
    state: 'ACTIVE',
    position: 0,
    positionIsExact: true,
    estimatedWaitSeconds: 0,
    nextPollMs: 0,
    joinedAt: NOW,
    activeUntil: new Date(Date.now() + 300_000).toISOString(),
    lapsesAt: new Date(Date.now() + 300_000).toISOString(),
    ...changes,
  };
}

export function waitingEntry(userId: number, position: number): EntryView {
  return entry(userId, {
    state: 'WAITING',
    position,
    estimatedWaitSeconds: 90,
    nextPollMs: 2_500,
    activeUntil: null,
  });
}

/** The pass of entry 1007 has the numbers of user 7, and so on. */
export function pass(userId: number, changes: Partial<PassView> = {}): PassView {
  const digits = String(userId).padStart(12, '0').slice(-12);
  return {
    tokenId: 8_000_000_000_000_000 + (userId % 1_000_000),
    tokenUuid: `5b0c8f1e-3b1f-4a52-9a52-${digits}`,
    isGuest: false,
    entry: entry(userId),
    ...changes,
  };
}

export const room: RoomView = {
  roomId: 'default',
  policy: {
    activeCap: 100,
    admissionsPerSecond: 50,
    paused: false,
    draining: false,
    activeSeconds: 300,
    graceSeconds: 60,
    scheduleId: null,
  },
  waiting: 2,
  active: 5,
  admissionsPerSecondMeasured: 4.5,
  seatsLeft: null,
};

export function reservation(changes: Partial<ReservationView> = {}): ReservationView {
  return {
    reservationId: 30,
    userId: 7,
    scheduleId: 4,
    concertId: 1,
    concertName: 'Winter Songs',
    startsAt: SOON,
    state: 'HELD',
    seats: [{ seatId: 101, seatNumber: 1, priceKrw: 10_000, cancelled: false }],
    amountKrw: 10_000,
    expiresAt: SOON,
    extended: false,
    paymentId: null,
    createdAt: NOW,
    ...changes,
  };
}

export function payment(changes: Partial<PaymentView> = {}): PaymentView {
  return {
    paymentId: 50,
    userId: 7,
    reservationId: 30,
    scheduleId: 4,
    state: 'COMPLETED',
    amountKrw: 10_000,
    refundedKrw: 0,
    failure: null,
    createdAt: NOW,
    completedAt: NOW,
    ...changes,
  };
}

export const steps = [
  {
    sequence: 1,
    at: NOW,
    step: null,
    event: 'STARTED' as const,
    messageId: null,
    attempt: 0,
    reason: null,
  },
];

export function refund(changes: Partial<RefundView> = {}): RefundView {
  return {
    refundId: 60,
    paymentId: 50,
    reservationId: 30,
    userId: 7,
    state: 'COMPLETED',
    seatNumbers: [1],
    amountKrw: 10_000,
    reason: null,
    failure: null,
    createdAt: NOW,
    completedAt: NOW,
    ...changes,
  };
}

export const saga: SagaView = {
  sagaId: '5b0c8f1e-3b1f-4a52-9a52-1d2f3a4b5c6d',
  definition: 'pay-for-reservation',
  state: 'COMPLETED',
  step: null,
  attempt: 1,
  paymentId: 50,
  refundId: null,
  reservationId: 30,
  userId: 7,
  requestId: 'r-1',
  reason: null,
  startedAt: NOW,
  updatedAt: NOW,
  nextAskAt: null,
};

export const walletEntry = {
  entryId: 9,
  kind: 'CHARGE' as const,
  amountKrw: 50_000,
  balanceAfterKrw: 50_000,
  paymentId: null,
  refundId: null,
  createdAt: NOW,
};
