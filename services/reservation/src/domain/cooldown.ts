import { holderKey } from './holder.js';
import type { Reservation } from './reservation.js';

/** How often somebody gave up holds of one schedule, and when last. */
export interface Releases {
  readonly count: number;
  readonly lastAt: Date;
}

export interface CooldownLimits {
  /** Releases of one schedule that cost nothing: people change their minds. */
  readonly releasesFree: number;
  /** The wait after the first release beyond those; each further one doubles it. */
  readonly cooldownSeconds: number;
  readonly cooldownLimitSeconds: number;
}

/**
 * Until when somebody may hold no seat of a schedule because of the releases there. Flicking
 * through seats is free; keeping seats from others by holding and releasing them in turns is not.
 */
export function cooldownEnd(
  { count, lastAt }: Releases,
  { releasesFree, cooldownSeconds, cooldownLimitSeconds }: CooldownLimits,
): Date {
  const beyond = count - releasesFree;
  if (beyond <= 0) return lastAt;
  const seconds = Math.min(cooldownSeconds * 2 ** (beyond - 1), cooldownLimitSeconds);
  return new Date(lastAt.getTime() + seconds * 1000);
}

export interface Release {
  readonly scheduleId: number;
  readonly userId: number;
  readonly count: number;
}

/** Whose holds were given up, and how many each; lapsing or being paid is no release. */
export function releasesOf(
  changes: readonly { readonly before: Reservation; readonly after: Reservation }[],
): Release[] {
  const releases = new Map<string, Release>();
  for (const { before, after } of changes) {
    if (before.life.state === after.life.state || after.life.state !== 'RELEASED') continue;
    const { scheduleId, userId } = after;
    const key = holderKey(userId, scheduleId);
    releases.set(key, { scheduleId, userId, count: (releases.get(key)?.count ?? 0) + 1 });
  }
  return [...releases.values()];
}
