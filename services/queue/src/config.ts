import { commonConfig } from '@encore/service-kit';
import { z } from 'zod';

const milliseconds = z.coerce.number().int().min(1).max(3_600_000);

/** Everything the queue service reads from its environment; meanings and defaults: README.md. */
export const queueConfig = z
  .object({
    ...commonConfig,
    /** Shortest interval between two polls of one person. */
    POLL_MIN_MS: milliseconds.default(1_000),
    /** Longest interval; a room's grace time shortens it where needed. */
    POLL_MAX_MS: milliseconds.default(20_000),
    /** How far from the head positions are counted; further back they are estimated. */
    EXACT_POSITIONS_MAX: z.coerce.number().int().min(1).max(10_000).default(1_000),
    /** How often rooms are looked after: lapses, and admissions the rate has allowed meanwhile. */
    TEND_EVERY_MS: milliseconds.default(200),
    /** Rooms looked after in one transaction. */
    TEND_ROOMS_MAX: z.coerce.number().int().min(1).max(1_000).default(16),
    /** How often the waiters of a room are looked through for people who stopped polling. */
    SWEEP_EVERY_MS: milliseconds.default(1_000),
    /** Waiters looked through in one go. */
    SWEEP_WAITERS_MAX: z.coerce.number().int().min(1).max(100_000).default(2_000),
  })
  .refine((config) => config.POLL_MIN_MS <= config.POLL_MAX_MS, {
    path: ['POLL_MIN_MS'],
    message: 'must not be above POLL_MAX_MS',
  });

export type QueueConfig = z.output<typeof queueConfig>;

/** The part of the configuration that the parts of this service ask for. */
export type RoomSettings = Omit<QueueConfig, keyof typeof commonConfig>;
export const ROOM_SETTINGS = Symbol('settings of the waiting rooms');
