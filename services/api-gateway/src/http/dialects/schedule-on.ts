import type { ReadSchedule, ScheduleView } from '@encore/contracts';
import { RefusalError } from '../../clients/refusal-error.js';
import type { LocalTime } from './local-time.js';

const NO_SCHEDULE = 'CONCERT_SCHEDULE_NOT_FOUND' satisfies (typeof ReadSchedule.refusals)[number];

/** The first of the schedules that begins on a day such as `2024-07-01`, by the local calendar. */
export function scheduleOn(
  date: string,
  schedules: readonly ScheduleView[],
  time: LocalTime,
): ScheduleView {
  const found = schedules.find(({ startsAt }) => time.date(startsAt) === date);
  if (found === undefined) throw new RefusalError(NO_SCHEDULE);
  return found;
}
