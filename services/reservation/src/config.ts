import { commonConfig } from '@encore/service-kit';
import { z } from 'zod';
import type { HoldingLimits } from './domain/hold.js';
import type { HoldLimits } from './domain/reservation.js';

const seconds = z.coerce.number().int().min(1).max(86_400);

export const reservationConfigSchema = z
  .object({
    ...commonConfig,
    /** How long seats are held; an extension gives as much again. */
    HOLD_SECONDS: seconds.default(300),
    /** A hold ends this long after it began, whatever extended it or paused its clock. */
    HOLD_LIMIT_SECONDS: seconds.default(900),
    /** Seats one user may hold or be paying for in one schedule. */
    MAX_SEATS_HELD_PER_USER: z.coerce.number().int().min(1).max(1_000).default(8),
    /** Holds of one schedule that may be given up without having to wait. */
    RELEASES_FREE_PER_SCHEDULE: z.coerce.number().int().min(0).max(1_000_000).default(10),
    /** The wait after the first release beyond those; each further one doubles it. 0: no wait. */
    HOLD_RELEASE_COOLDOWN_SECONDS: z.coerce.number().int().min(0).max(86_400).default(30),
    /** No wait is longer. */
    HOLD_RELEASE_COOLDOWN_LIMIT_SECONDS: seconds.default(600),
    /** Releases are forgotten so long after the last one. */
    HOLD_RELEASE_MEMORY_SECONDS: seconds.default(3_600),
    /** How long a payment that may not be stored yet has a hold before it is asked about. */
    PIN_LEASE_SECONDS: seconds.default(15),
    /** Changes of seats that follow each other within this time are announced together. */
    SEATS_CHANGED_PAUSE_MS: z.coerce.number().int().min(1).max(1_000).default(250),
    HOLD_SWEEP_INTERVAL_MS: z.coerce.number().int().min(10).max(3_600_000).default(1_000),
    /** Schedules one sweep deals with; more wait for the next. */
    HOLD_SWEEP_SCHEDULES_MAX: z.coerce.number().int().min(1).max(1_000).default(50),
    /** Leases that are asked about at once; more wait for the next sweep. */
    LEASE_SWEEP_LEASES_MAX: z.coerce.number().int().min(1).max(1_000).default(200),
  })
  .refine((config) => config.HOLD_SECONDS <= config.HOLD_LIMIT_SECONDS, {
    path: ['HOLD_LIMIT_SECONDS'],
    message: 'must not be less than HOLD_SECONDS',
  });
type ReservationConfig = z.output<typeof reservationConfigSchema>;

/** The part of the configuration that decisions depend on. */
export interface Limits extends HoldLimits, HoldingLimits {
  readonly releaseMemorySeconds: number;
  readonly pinLeaseSeconds: number;
  readonly sweepIntervalMs: number;
  readonly sweepSchedulesMax: number;
  readonly sweepLeasesMax: number;
}
export const LIMITS = Symbol('limits of the reservation service');

export function limitsOf(config: ReservationConfig): Limits {
  return {
    holdSeconds: config.HOLD_SECONDS,
    holdLimitSeconds: config.HOLD_LIMIT_SECONDS,
    maxSeatsHeldPerUser: config.MAX_SEATS_HELD_PER_USER,
    releasesFree: config.RELEASES_FREE_PER_SCHEDULE,
    cooldownSeconds: config.HOLD_RELEASE_COOLDOWN_SECONDS,
    cooldownLimitSeconds: config.HOLD_RELEASE_COOLDOWN_LIMIT_SECONDS,
    releaseMemorySeconds: config.HOLD_RELEASE_MEMORY_SECONDS,
    pinLeaseSeconds: config.PIN_LEASE_SECONDS,
    sweepIntervalMs: config.HOLD_SWEEP_INTERVAL_MS,
    sweepSchedulesMax: config.HOLD_SWEEP_SCHEDULES_MAX,
    sweepLeasesMax: config.LEASE_SWEEP_LEASES_MAX,
  };
}
