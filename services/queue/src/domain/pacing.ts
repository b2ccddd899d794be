/** How often people may ask. */
export interface Pacing {
  readonly minPollMs: number;
  readonly maxPollMs: number;
}

/** Every so many people in front add another shortest interval to the wait between two polls. */
const PEOPLE_PER_STEP = 100;
/** At most so much longer than computed, so that a crowd that came together spreads out. */
const JITTER_SHARE = 0.25;
/** A poll may be lost twice before the grace time is over. */
const POLLS_PER_GRACE = 3;

/** Spreads upwards only: nobody is told to ask sooner than was meant. */
function jittered(intervalMs: number, random: () => number): number {
  return Math.round(intervalMs * (1 + JITTER_SHARE * random()));
}

/**
 * For a waiter: longer the more people are in front, but soon enough to notice his turn when the
 * line moves fast, and always often enough not to lapse.
 */
export function nextPollWhileWaiting(
  waiter: { position: number; estimatedWaitSeconds: number | null; graceSeconds: number },
  pacing: Pacing,
  random: () => number,
): number {
  const byDistanceMs = pacing.minPollMs * (1 + (waiter.position - 1) / PEOPLE_PER_STEP);
  const byTurnMs =
    waiter.estimatedWaitSeconds === null ? Infinity : (waiter.estimatedWaitSeconds * 1_000) / 2;
  const wantedMs = Math.max(pacing.minPollMs, Math.min(byDistanceMs, byTurnMs));
  const stayAliveMs = (waiter.graceSeconds * 1_000) / POLLS_PER_GRACE / (1 + JITTER_SHARE);
  return jittered(Math.min(wantedMs, pacing.maxPollMs, stayAliveMs), random);
}

/** For somebody who may act: rarely, and more often as the end of the time comes near. */
export function nextPollWhileActive(
  remainingMs: number,
  pacing: Pacing,
  random: () => number,
): number {
  const wantedMs = Math.max(pacing.minPollMs, remainingMs / 4);
  return jittered(Math.min(wantedMs, pacing.maxPollMs), random);
}

/** Nothing changes about an ended entry any more. */
export function nextPollWhenEnded(pacing: Pacing, random: () => number): number {
  return jittered(pacing.maxPollMs, random);
}
