/** What a decision needs to know of the schedule whose seats are at stake. */
export interface Schedule {
  readonly scheduleId: number;
  readonly concertId: number;
  readonly concertName: string;
  readonly startsAt: Date;
  readonly salesOpenAt: Date;
  readonly saleOpen: boolean;
}

export function hasStarted(schedule: Schedule, now: Date): boolean {
  return schedule.startsAt <= now;
}

/**
 * Seats can be held once the sale has opened, while nobody closed it and until the concert begins.
 */
export function isOnSale(schedule: Schedule, now: Date): boolean {
  return schedule.saleOpen && schedule.salesOpenAt <= now && !hasStarted(schedule, now);
}
