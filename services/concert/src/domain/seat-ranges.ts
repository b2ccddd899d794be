import type { PayloadOf, SetSeatPrices } from '@encore/contracts';

export type SeatRange = PayloadOf<typeof SetSeatPrices>['seats'][number];

export interface PricedSeat {
  readonly seatNumber: number;
  readonly priceKrw: number;
}

/** A hall, not a stadium: a publication carries every seat of its schedule in one message. */
export const SEATS_PER_SCHEDULE_MAX = 20_000;

/** The seats the ranges stand for, ascending, or what is wrong with the ranges. */
export function seatsOf(
  ranges: readonly SeatRange[],
): { readonly seats: readonly PricedSeat[] } | { readonly fault: string } {
  const total = ranges.reduce((sum, range) => sum + range.to - range.from + 1, 0);
  if (total > SEATS_PER_SCHEDULE_MAX) return { fault: tooMany(total) };
  const ordered = ranges.toSorted((a, b) => a.from - b.from);
  for (const [index, range] of ordered.entries()) {
    const before = ordered[index - 1];
    if (before && before.to >= range.from) {
      const [a, b] = [before, range].map(({ from, to }) => `${from} to ${to}`);
      return { fault: `the ranges ${a} and ${b} overlap` };
    }
  }
  const seats = ordered.flatMap(({ from, to, priceKrw }) =>
    Array.from({ length: to - from + 1 }, (_, index) => ({ seatNumber: from + index, priceKrw })),
  );
  return { seats };
}

export function tooMany(total: number): string {
  return `${total} seats are more than the ${SEATS_PER_SCHEDULE_MAX} a schedule can have`;
}
