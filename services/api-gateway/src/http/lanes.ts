/**
 * What a request counts towards. Looking around must never use up what somebody needs to buy, so
 * the way to a seat (waiting room, schedules, seats, holds, payments) has a budget of its own.
 */
export type Lane = 'selling' | 'other';

const SELLING = new Set([
  ...['waiting-rooms', 'waiting-queue', 'queue', 'token'],
  ...['dates', 'available-dates', 'schedules', 'seats', 'available-seats'],
  ...['reservations', 'reserve', 'payments', 'payment'],
]);
/** Their paths hold words of the sale, but nobody buys there. */
const STAFF = /^\/v1\/(?:admin|ops)(?:\/|$)/i;

/** By the words of the path, because it is decided before anything is routed. */
export function laneOf(path: string): Lane {
  if (STAFF.test(path)) return 'other';
  const words = path.toLowerCase().split('/');
  return words.some((word) => SELLING.has(word)) ? 'selling' : 'other';
}
