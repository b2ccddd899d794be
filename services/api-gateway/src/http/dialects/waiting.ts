import type { EntryView } from '@encore/contracts';

export interface Wait {
  readonly seconds: number;
  /**
   * False while nothing was measured yet. The documents have no word for that, so `seconds` is then
   * the time after which asking again is worth while.
   */
  readonly isKnown: boolean;
}

/** How long a place has to wait. */
export function waitOf(entry: EntryView): Wait {
  if (entry.state !== 'WAITING') return { seconds: 0, isKnown: true };
  const { estimatedWaitSeconds, nextPollMs } = entry;
  return estimatedWaitSeconds === null
    ? { seconds: Math.ceil(nextPollMs / 1_000), isKnown: false }
    : { seconds: estimatedWaitSeconds, isKnown: true };
}

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;

/** `"30s"`, `"5m"`, `"2h"`: rounded up, so that nobody is told too little. */
export function durationWords(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < MINUTE_SECONDS) return `${whole}s`;
  const minutes = Math.ceil(whole / MINUTE_SECONDS);
  if (minutes < 60) return `${minutes}m`;
  return `${Math.ceil(whole / HOUR_SECONDS)}h`;
}
