import type { PaidSeat } from './payment.js';

/** From `hoursBefore` the concert's start on, counting back from it, `percent` of the price. */
export interface RefundTier {
  readonly hoursBefore: number;
  readonly percent: number;
}
export type RefundPolicy = readonly RefundTier[];

const HOUR_MS = 3_600_000;

/** Everything back until the concert starts. */
export const FULL_UNTIL_START: RefundPolicy = [{ hoursBefore: 0, percent: 100 }];

/**
 * The share of the price that is given back `now`: that of the tier with the most hours among those
 * the start is still at least as far away. Nothing once the concert has started.
 */
export function percentAt(policy: RefundPolicy, startsAt: Date, now: Date): number {
  const msLeft = startsAt.getTime() - now.getTime();
  if (msLeft <= 0) return 0;
  const reached = policy.filter((tier) => tier.hoursBefore * HOUR_MS <= msLeft);
  const mostHours = Math.max(...reached.map((tier) => tier.hoursBefore));
  return reached.find((tier) => tier.hoursBefore === mostHours)?.percent ?? 0;
}

/** Rounded down seat by seat, so that refunds of single seats add up to that of all of them. */
export function refundKrw(seats: readonly PaidSeat[], percent: number): number {
  return seats.reduce((sum, seat) => sum + Math.floor((seat.priceKrw * percent) / 100), 0);
}
