import type { PayloadOf, SeatsChanged } from '@encore/contracts';

/** A seat's status, and which version of its schedule it comes from. */
export interface SeatNews {
  readonly scheduleId: number;
  readonly version: number;
  readonly seatNumber: number;
  readonly status: PayloadOf<typeof SeatsChanged>['seats'][number]['status'];
  readonly heldUntil: string | null;
}

/**
 * The latest news of each seat in a batch of announcements. An announcement carries only the seats
 * it
 * changed, so it is seats and not announcements that are compared: whatever comes twice, late or
 * out
 * of order, each seat ends with the status of the highest version that speaks of it.
 */
export function latestNews(announced: readonly PayloadOf<typeof SeatsChanged>[]): SeatNews[] {
  const latest = new Map<string, SeatNews>();
  for (const { scheduleId, version, seats } of announced) {
    for (const { seatNumber, status, heldUntil } of seats) {
      const key = `${scheduleId}/${seatNumber}`;
      const known = latest.get(key);
      if (known && known.version >= version) continue;
      latest.set(key, { scheduleId, version, seatNumber, status, heldUntil });
    }
  }
  return [...latest.values()];
}
