/** One person in one schedule, as a key of a map. */
export function holderKey(userId: number, scheduleId: number): string {
  return `${userId}/${scheduleId}`;
}
