import type { RoomPolicy } from '@encore/contracts';

/** How many were admitted within one bucket of the room's ring of counters. */
export interface AdmissionCount {
  /** Unix time in seconds divided by `BUCKET_SECONDS`. */
  readonly bucket: number;
  readonly admitted: number;
}

/** A waiting room as it stands while its row is locked, or as a reader last saw it. */
export interface Room {
  readonly roomId: string;
  readonly policy: RoomPolicy;
  /** The place given out last. */
  readonly lastPlace: number;
  readonly waiting: number;
  readonly active: number;
  /** Admissions the rate still allowed at `tokensAt`. */
  readonly tokens: number;
  readonly tokensAt: Date;
  /** When a service instance last looked after the room, and since when without a gap. */
  readonly attendedAt: Date;
  readonly attendedSince: Date;
  /** Since when somebody has always been waiting; null when nobody is. */
  readonly backlogSince: Date | null;
  /** How far the search for people who stopped polling has come, and when it last moved. */
  readonly sweptPlace: number;
  readonly sweptAt: Date;
  /** Seats its sale still has; null for a room shared by several sales. */
  readonly seatsLeft: number | null;
  readonly admissions: readonly AdmissionCount[];
}

/** What a room gets for the fields its creator did not set. */
export const DEFAULT_POLICY: RoomPolicy = Object.freeze({
  activeCap: 500,
  admissionsPerSecond: 100,
  paused: false,
  draining: false,
  activeSeconds: 300,
  graceSeconds: 60,
  scheduleId: null,
});

/**
 * A room nobody looked after for this long was without a running service: people could not poll,
 * and their silence is forgiven. Far above the second between two rounds, far below any sensible
 * grace time.
 */
const UNATTENDED_AFTER_MS = 10_000;

/** Since when a waiter's poll could have been heard without interruption. */
export function attendedSince(room: Room, now: Date): Date {
  const gapMs = now.getTime() - room.attendedAt.getTime();
  return gapMs > UNATTENDED_AFTER_MS ? now : room.attendedSince;
}

/**
 * Waiters last seen at or before this instant have lapsed. The beginning of time when nobody can
 * have: the room has not been attended for a whole grace time yet.
 */
export function lapsedIfSeenBy(room: Room, now: Date): Date {
  const threshold = new Date(now.getTime() - room.policy.graceSeconds * 1_000);
  return attendedSince(room, now) > threshold ? new Date(0) : threshold;
}

/** Waiters last seen at or before this instant are worth a write when they poll. */
export function markIfSeenBy(room: Room, now: Date): Date {
  return new Date(now.getTime() - (room.policy.graceSeconds * 1_000) / 4);
}

/** The room after one of its entries ended. */
export function afterEnd(room: Room, was: 'WAITING' | 'ACTIVE'): Room {
  return was === 'WAITING'
    ? { ...room, waiting: room.waiting - 1 }
    : { ...room, active: room.active - 1 };
}

/**
 * What every change of a room notes besides: somebody looked after it, and whether a line stands.
 */
export function attended(room: Room, now: Date): Room {
  return {
    ...room,
    attendedAt: now,
    attendedSince: attendedSince(room, now),
    backlogSince: room.waiting > 0 ? (room.backlogSince ?? now) : null,
  };
}
