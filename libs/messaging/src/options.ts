import type { Database } from '@encore/database';
import type { ActorVerifier, EnvelopeVoucher } from './actor.js';
import type { Logger } from './logger.js';
import type { MessagingObserver } from './observer.js';

/** Every wait, list and batch of the transport has its limit here. */
export interface MessagingLimits {
  readonly heartbeatSeconds: number;
  readonly connectTimeoutMs: number;
  /** Pause before the second attempt to connect or to open a channel; doubles, with jitter. */
  readonly reconnectFirstMs: number;
  readonly reconnectMaxMs: number;
  /** Messages one envelope carries, and bytes it has, at most. */
  readonly envelopeMaxMessages: number;
  readonly envelopeMaxBytes: number;
  /** Messages of one type handled in one transaction at most. */
  readonly batchMaxMessages: number;
  /** Envelopes a queue hands out before one is acked; for requests, beyond those with a place. */
  readonly prefetchEnvelopes: number;
  /** What is done is acked together with what else is within this time. */
  readonly ackPauseMs: number;
  /**
   * Envelopes with requests of one type that are in work or wait for it; who finds no place is told
   * "unavailable". A slow type takes no places of another. Too many, and an instance that hangs
   * takes that many requests with it; too few, and a short stall turns callers away.
   */
  readonly requestPlacesPerType: number;
  /**
   * How long a batch of requests whose answers are deferred waits at most to become as large as
   * what is under way. Too long, and payments wait for nothing; too short, and they travel in
   * smaller groups, each of which costs as much.
   */
  readonly convoyWaitMs: number;
  /** Batches of one type running at once in this process. */
  readonly batchesPerType: number;
  /** Messages of one `…Each` handler running at once in this process. */
  readonly eachConcurrency: number;
  /** Envelopes sent and not yet confirmed. */
  readonly publishesInFlight: number;
  /** Publishes waiting for one of those places. */
  readonly publishesWaiting: number;
  /** Longest wait for a channel, a place and the confirm. */
  readonly publishTimeoutMs: number;
  /** Requests of this process whose answer is awaited. */
  readonly pendingRequests: number;
  /** Events announced and committed, kept in memory until they are published. */
  readonly relayedEvents: number;
  /**
   * The first event leaves at once, and those that follow within this time leave together: nobody
   * waits for one, while each envelope costs its receivers a transaction.
   */
  readonly relayPauseMs: number;
  /** Published events are deleted together, at the latest after this time. */
  readonly outboxDeleteAfterMs: number;
  /** An event older than this was left by a process that died: the sweeper publishes it. */
  readonly outboxSweepAfterMs: number;
  readonly inboxKeepMs: number;
  /** First and longest pause while the database is away. */
  readonly holdFirstMs: number;
  readonly holdMaxMs: number;
  /** Longest drain: what is not finished by then stays unacked and comes again. */
  readonly drainGraceMs: number;
  /** How long a message waits on each level of the retry ladder. */
  readonly retryDelaysMs: readonly number[];
  /** Times a durable message is handled before it is parked; the ladder's last level repeats. */
  readonly maxAttempts: number;
}

export const DEFAULT_LIMITS: MessagingLimits = Object.freeze({
  heartbeatSeconds: 10,
  connectTimeoutMs: 5_000,
  reconnectFirstMs: 200,
  reconnectMaxMs: 5_000,
  envelopeMaxMessages: 200,
  envelopeMaxBytes: 1_000_000,
  batchMaxMessages: 200,
  prefetchEnvelopes: 128,
  ackPauseMs: 50,
  requestPlacesPerType: 1_000,
  convoyWaitMs: 200,
  batchesPerType: 1,
  eachConcurrency: 4,
  publishesInFlight: 1_000,
  publishesWaiting: 10_000,
  publishTimeoutMs: 10_000,
  pendingRequests: 10_000,
  relayedEvents: 10_000,
  relayPauseMs: 20,
  outboxDeleteAfterMs: 250,
  outboxSweepAfterMs: 5_000,
  inboxKeepMs: 24 * 60 * 60 * 1_000,
  holdFirstMs: 100,
  holdMaxMs: 5_000,
  drainGraceMs: 8_000,
  retryDelaysMs: Object.freeze([1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000]),
  maxAttempts: 7,
});

export interface MessagingOptions {
  /** amqp:// or amqps:// */
  readonly url: string;
  /**
   * Whose queues this process reads: a service of the contracts, or `api-gateway`, which has none.
   */
  readonly service: string;
  /** Stands before every queue and exchange; only tests have one. */
  readonly prefix?: string;
  /** Absent for a process that only asks. */
  readonly database?: Database;
  readonly logger?: Logger;
  readonly observer?: MessagingObserver;
  readonly limits?: Partial<MessagingLimits>;
  /** Absent, nobody is believed: only what is for anyone is answered. */
  readonly actors?: ActorVerifier;
  /** Absent, every assertion stands for itself. */
  readonly voucher?: EnvelopeVoucher;
}
