import type { Persona } from './personas.js';

/** What a call needs besides being well-formed; each need includes the ones before it. */
export type Need = 'nothing' | 'identity' | 'turn' | 'organiser' | 'operator';

/** One endpoint: whom it is for, and a right request of a person. */
export interface Row {
  readonly needs: Need;
  /** Where the provider vouches for people; what is published needs an identity there at least. */
  readonly needsInOidcMode?: Need;
  /** The provider gives tokens instead. */
  readonly openModeOnly?: true;
  /** It gives passes: one that has ended may come along. */
  readonly givesPass?: true;
  /** The pass of an entry that has ended is good enough. */
  readonly endedIsEnough?: true;
  /** What somebody else hears to the very same request; absent where it is about whoever asks. */
  readonly toOthers?: 403 | 404;
  readonly path?: (person: Persona) => Readonly<Record<string, string | number>>;
  readonly query?: (person: Persona) => Readonly<Record<string, string | number>>;
  readonly headers?: (person: Persona) => Readonly<Record<string, string>>;
  readonly body?: (person: Persona) => unknown;
}

const nothing = { needs: 'nothing' } as const;
const identity = { needs: 'identity' } as const;
const turn = { needs: 'turn' } as const;
const organiser = { needs: 'organiser' } as const;
const operator = { needs: 'operator' } as const;
const toOthers = 403;

const ofUser = { body: ({ userId }: Persona) => ({ userId }) };
const ofUserInQuery = { query: ({ userId }: Persona) => ({ userId }) };
const ofUserInHeader = { headers: ({ userId }: Persona) => ({ 'user-id': String(userId) }) };
const ofHold = { path: ({ held }: Persona) => ({ reservationId: held.reservationId }) };
const ofHoldById = { path: ({ held }: Persona) => ({ id: held.reservationId }) };
const payingHold = { body: ({ held }: Persona) => ({ reservationId: held.reservationId }) };
const refunding = { body: ({ paid }: Persona) => ({ reservationId: paid.reservationId }) };
const CHARGED_KRW = 1_000;
const SEATS = { seats: [{ from: 1, to: 50, priceKrw: 10_000 }] };

const V1: Readonly<Record<string, Row>> = {
  'POST /v1/tokens': { ...nothing, openModeOnly: true, ...ofUser },
  'POST /v1/users': { ...nothing, needsInOidcMode: 'operator' },
  'GET /v1/concerts': nothing,
  'GET /v1/concerts/{concertId}': nothing,
  'GET /v1/concerts/{concertId}/schedules': identity,
  'GET /v1/schedules/{scheduleId}': identity,
  'GET /v1/schedules/{scheduleId}/seats': turn,
  'POST /v1/waiting-rooms/{room}/entries': identity,
  'GET /v1/waiting-rooms/{room}/entries/me': identity,
  'DELETE /v1/waiting-rooms/{room}/entries/me': identity,
  'POST /v1/reservations': {
    ...turn,
    body: ({ scheduleId, fresh }) => ({ scheduleId, seatNumbers: [fresh.seatNumber] }),
  },
  'GET /v1/reservations': identity,
  'GET /v1/reservations/{reservationId}': { ...identity, toOthers, ...ofHold },
  'DELETE /v1/reservations/{reservationId}': { ...identity, toOthers, ...ofHold },
  'POST /v1/reservations/{reservationId}/extension': { ...identity, toOthers, ...ofHold },
  'GET /v1/wallet': identity,
  'POST /v1/wallet/charges': { ...identity, body: () => ({ amountKrw: CHARGED_KRW }) },
  'GET /v1/wallet/entries': identity,
  'POST /v1/payments': { ...turn, toOthers, ...payingHold },
  'GET /v1/payments': identity,
  'GET /v1/payments/{paymentId}': { ...identity, toOthers },
  'POST /v1/refunds': { ...identity, toOthers, ...refunding },
  'GET /v1/refunds': identity,
  'GET /v1/refunds/{refundId}': { ...identity, toOthers },
  'POST /v1/admin/concerts': { ...organiser, body: () => ({ name: 'Matinee' }) },
  'PATCH /v1/admin/concerts/{concertId}': { ...organiser, body: () => ({ venue: 'Elsewhere' }) },
  'POST /v1/admin/concerts/{concertId}/schedules': {
    ...organiser,
    body: () => ({ startsAt: '2999-01-01T00:00:00Z', ...SEATS }),
  },
  'PATCH /v1/admin/schedules/{scheduleId}': { ...organiser, body: () => ({ saleOpen: true }) },
  'PUT /v1/admin/schedules/{scheduleId}/seats': { ...organiser, body: () => SEATS },
  'GET /v1/admin/concerts/{concertId}/sales-report': organiser,
  'GET /v1/admin/waiting-rooms': organiser,
  'GET /v1/admin/waiting-rooms/{room}': organiser,
  'PUT /v1/admin/waiting-rooms/{room}': { ...organiser, body: () => ({ draining: false }) },
  'GET /v1/ops/queues': operator,
  'GET /v1/ops/sagas': operator,
  'GET /v1/ops/sagas/{sagaId}': operator,
  'GET /v1/ops/dead-letters': operator,
};

const BOOKING: Readonly<Record<string, Row>> = {
  'POST /auth/token': { ...nothing, givesPass: true, toOthers, ...ofUser },
  'POST /token': { ...nothing, givesPass: true, toOthers, ...ofUser },
  'POST /auth/queue': { ...identity, endedIsEnough: true },
  'GET /auth/queue': { ...identity, endedIsEnough: true },
  'GET /dates': turn,
  'GET /dates/{concertDetailId}': turn,
  'GET /dates/{date}/seats': { ...turn, query: ({ concertId }) => ({ concertId }) },
  'GET /seats/{id}': { ...turn, path: ({ held }) => ({ id: held.seatId }) },
  'POST /reservations': {
    ...turn,
    body: ({ scheduleId, fresh }) => ({
      concertDetailId: scheduleId,
      seatNumber: fresh.seatNumber,
    }),
  },
  'GET /reservations': identity,
  'GET /reservations/{id}': { ...identity, toOthers, ...ofHoldById },
  'DELETE /reservations/{id}': { ...identity, toOthers, ...ofHoldById },
  'GET /balance': { ...identity, toOthers, ...ofUserInQuery },
  'POST /balance': {
    ...identity,
    toOthers,
    body: ({ userId }) => ({ userId, amount: CHARGED_KRW }),
  },
  'POST /payment': {
    ...turn,
    toOthers,
    body: ({ userId, held }) => ({ userId, reservationId: held.reservationId }),
  },
  'GET /payments': { ...identity, toOthers, ...ofUserInQuery },
  'POST /refunds': { ...identity, toOthers, ...refunding },
};

const USER_TOKEN: Readonly<Record<string, Row>> = {
  'POST /user/token': { ...nothing, givesPass: true, toOthers, ...ofUser },
  'GET /user/token/status': { ...identity, endedIsEnough: true },
  'GET /concert/available-dates': turn,
  'GET /concert/available-seats': {
    ...turn,
    query: ({ concertId, date }) => ({ concertId, concertDate: date }),
  },
  'POST /concert/reserve': {
    ...turn,
    toOthers,
    body: ({ userId, concertId, date, fresh }) => ({
      ...{ userId, concertId, concertDate: date, seatNumber: fresh.seatNumber },
    }),
  },
  'POST /payment/charge': {
    ...identity,
    endedIsEnough: true,
    toOthers,
    body: ({ userId }) => ({ userId, amount: CHARGED_KRW }),
  },
  'GET /payment/balance': { ...identity, endedIsEnough: true, toOthers, ...ofUserInQuery },
};

const OF_SCHEDULE = '/api/concerts/{concertId}/schedules/{concertScheduleId}/seats';
const WAITING_QUEUE: Readonly<Record<string, Row>> = {
  'POST /api/waiting-queue': { ...nothing, givesPass: true, toOthers, ...ofUserInHeader },
  'GET /api/waiting-queue/position': {
    ...{ ...nothing, endedIsEnough: true, toOthers, ...ofUserInHeader },
  },
  'GET /api/concerts/{concertId}/schedules': turn,
  [`GET ${OF_SCHEDULE}`]: turn,
  [`POST ${OF_SCHEDULE}/reservation`]: {
    ...turn,
    toOthers,
    body: ({ userId, fresh }) => ({ userId, seats: [fresh.seatNumber] }),
  },
  [`POST ${OF_SCHEDULE}/reservation/payment`]: {
    ...turn,
    toOthers,
    body: ({ userId, scheduleId }) => ({ userId, concertScheduleId: scheduleId }),
  },
  'PATCH /api/balances/balance/charge': {
    ...{ ...nothing, endedIsEnough: true, toOthers, ...ofUserInHeader },
    body: () => CHARGED_KRW,
  },
  'GET /api/balances/balance': {
    ...{ ...nothing, endedIsEnough: true, toOthers, ...ofUserInHeader },
  },
};

const QUEUE_TOKEN: Readonly<Record<string, Row>> = {
  'POST /queue/token/users/{userId}': { ...nothing, givesPass: true, toOthers },
  'GET /queue/token/users/{userId}': { ...nothing, givesPass: true, toOthers },
  'GET /queue/status': { ...identity, endedIsEnough: true },
  'GET /concerts/{concertId}/schedules': turn,
  'GET /concerts/{concertId}/schedules/{scheduleId}/seats': turn,
  'POST /concerts/reservations': {
    ...turn,
    toOthers,
    body: ({ userId, concertId, scheduleId, fresh }) => ({
      ...{ userId, concertId, scheduleId, seatId: fresh.seatId },
    }),
  },
  'POST /payment/concerts/users/{userId}': { ...turn, toOthers, ...payingHold },
  'POST /balance/users/{userId}/charge': {
    ...{ ...nothing, endedIsEnough: true, toOthers },
    body: () => ({ amount: CHARGED_KRW }),
  },
  'GET /balance/users/{userId}': { ...nothing, endedIsEnough: true, toOthers },
};

/** Every endpoint there is: a route without a row here fails the matrix. */
export const ROWS: Readonly<Record<string, Row>> = {
  ...V1,
  ...BOOKING,
  ...USER_TOKEN,
  ...WAITING_QUEUE,
  ...QUEUE_TOKEN,
};
