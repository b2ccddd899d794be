import type { AdmissionCount, Room } from './room.js';

export const BUCKET_SECONDS = 5;
/** The rate is measured over the last minute. */
const WINDOW_BUCKETS = 12;
/** More slots than the window has buckets: one being written and one being left stay apart. */
const RING_SLOTS = 16;

export function bucketAt(instant: Date): number {
  return Math.floor(instant.getTime() / 1_000 / BUCKET_SECONDS);
}

/** Where a bucket is kept: the ring overwrites what the window has long left. */
export function slotOf(bucket: number): number {
  return bucket % RING_SLOTS;
}

function secondsSince(bucket: number, now: Date): number {
  return now.getTime() / 1_000 - bucket * BUCKET_SECONDS;
}

function admittedFrom(counts: readonly AdmissionCount[], first: number): number {
  return counts
    .filter((count) => count.bucket >= first)
    .reduce((sum, count) => sum + count.admitted, 0);
}

/**
 * Admissions a second over the last minute, or since the first one; null before anything was
 * measured.
 */
export function measuredRate(room: Room, now: Date): number | null {
  const { admissions } = room;
  if (admissions.length === 0) return null;
  const oldest = Math.min(...admissions.map((count) => count.bucket));
  const first = Math.max(oldest, bucketAt(now) - WINDOW_BUCKETS);
  return admittedFrom(admissions, first) / Math.max(1, secondsSince(first, now));
}

/**
 * Admissions a second while people had to wait: what a waiter may reckon with. Those who walked
 * straight through an empty room say nothing about the speed of a line, so only whole buckets since
 * the line formed count. Null while paused, before one whole bucket passed, or when nobody moved.
 */
export function rateOfTheLine(room: Room, now: Date): number | null {
  if (room.policy.paused || room.backlogSince === null) return null;
  const formed = Math.ceil(room.backlogSince.getTime() / 1_000 / BUCKET_SECONDS);
  const first = Math.max(formed, bucketAt(now) - WINDOW_BUCKETS);
  const seconds = secondsSince(first, now);
  if (seconds < BUCKET_SECONDS) return null;
  const admitted = admittedFrom(room.admissions, first);
  if (admitted === 0) return null;
  return Math.min(admitted / seconds, room.policy.admissionsPerSecond);
}
