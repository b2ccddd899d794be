import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { EventContract, PayloadOf } from '@encore/contracts';
import { JsonText, statement, type Database, type Transaction } from '@encore/database';
import { MESSAGE_MAX_BYTES, type WireHeaders, type WireMessage } from './envelope.js';
import { InvalidMessageError, UnconfirmedError } from './errors.js';
import type { EventPublisher } from './event-publisher.js';
import type { Logger } from './logger.js';
import type { MessagingLimits } from './options.js';
import { pause, within } from './pause.js';

export interface Cause {
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly traceparent?: string;
}

interface OutboxRow {
  readonly eventId: string;
  readonly messageType: string;
  readonly body: unknown;
  readonly headers: WireHeaders;
}

type OutboxLimits = Pick<
  MessagingLimits,
  'relayedEvents' | 'relayPauseMs' | 'outboxDeleteAfterMs' | 'outboxSweepAfterMs'
>;

const SWEEP_CHUNK_ROWS = 500;
/** A transaction that is idle for longer than a statement may take is ended by the server. */
const SWEEP_PUBLISH_MAX_MS = 2_000;
/** Left for an event's headers beside its body. */
const HEADERS_MAX_BYTES = 10_000;

const insertEvents = statement(
  'outbox-insert',
  `insert into outbox (event_id, message_type, body, headers)
   select event_id, $2, body, $4::jsonb
   from unnest($1::uuid[], $3::jsonb[]) with ordinality as announced (event_id, body, position)
   order by position`,
);

const deleteEvents = statement(
  'outbox-delete',
  'delete from outbox where event_id = any($1::uuid[])',
);

/** Whoever sweeps first has the rows; nobody waits for them. */
export const takeLeftBehind = statement(
  'outbox-take-left-behind',
  `select event_id as "eventId", message_type as "messageType", body, headers from outbox
   where created_at < clock_timestamp() - make_interval(secs => $1)
   order by announced_order limit $2
   for update skip locked`,
);

const oldestAge = statement(
  'outbox-oldest-age',
  `select coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 as age
   from outbox`,
);

/**
 * Events written in the transaction that makes them true. Right after its commit they are published
 * from memory, in their order, and deleted some time after the broker has confirmed them. What a
 * process leaves behind when it dies is swept by any instance: nothing is lost, something may come
 * twice.
 */
export class Outbox {
  readonly #database: Database;
  readonly #publisher: EventPublisher;
  readonly #limits: OutboxLimits;
  readonly #logger: Logger;
  #committed: WireMessage[] = [];
  #relaying: Promise<void> | undefined;
  /** Ids of what is published and still has its row. */
  #published: string[] = [];
  #deletion: NodeJS.Timeout | undefined;

  constructor(parts: {
    database: Database;
    publisher: EventPublisher;
    limits: OutboxLimits;
    logger: Logger;
  }) {
    this.#database = parts.database;
    this.#publisher = parts.publisher;
    this.#limits = parts.limits;
    this.#logger = parts.logger;
  }

  /** Writes the events; they are announced when the transaction commits, and only then. */
  announce<C extends EventContract>(
    tx: Transaction,
    contract: C,
    payloads: readonly PayloadOf<C>[],
    cause: Cause = {},
  ): void {
    if (payloads.length === 0) return;
    const ids = payloads.map(() => randomUUID());
    const headers: WireHeaders = {
      correlationId: cause.correlationId ?? randomUUID(),
      causationId: cause.causationId,
      traceparent: cause.traceparent,
      sentAt: Date.now(),
      attempt: 1,
    };
    const bodies = payloads.map((payload) => JsonText.of(payload));
    refuseTooLarge(contract.wireName, bodies);
    tx.write(insertEvents, [ids, contract.wireName, bodies, JsonText.of(headers)]);
    const messages = payloads.map((body, index) => ({
      id: ids[index] ?? '',
      type: contract.wireName,
      body,
      headers,
    }));
    tx.afterCommit(() => this.#relay(messages));
  }

  /**
   * Publishes what a process that died left behind; returns how many. Does nothing while the broker
   * is away. For a ticker.
   */
  async sweep(): Promise<number> {
    let swept = 0;
    while (this.#publisher.open) {
      const taken = await this.#database.transaction(async (tx) => {
        const afterSeconds = this.#limits.outboxSweepAfterMs / 1_000;
        const rows = await tx.query<OutboxRow>(takeLeftBehind, [afterSeconds, SWEEP_CHUNK_ROWS]);
        if (rows.length === 0) return 0;
        // What is published too late for this transaction is published again.
        const published = this.#publisher.publish(rows.map(messageOf));
        await within(published, SWEEP_PUBLISH_MAX_MS, tooSlow);
        await tx.query(deleteEvents, [rows.map((row) => row.eventId)]);
        return rows.length;
      });
      swept += taken;
      if (taken < SWEEP_CHUNK_ROWS) break;
    }
    return swept;
  }

  /** Age of the oldest unpublished event; 0 when there is none. */
  async oldestAgeSeconds(): Promise<number> {
    const [row] = await this.#database.query<{ age: number }>(oldestAge);
    return row?.age ?? 0;
  }

  /** Resolves when what was committed is published and deleted, or left to the sweeper. */
  async flush(): Promise<void> {
    await this.#relaying;
    await this.#deletePublished();
  }

  #relay(messages: readonly WireMessage[]): void {
    if (this.#committed.length + messages.length > this.#limits.relayedEvents) {
      this.#logger.warn(
        { events: messages.length },
        'too many events at once: left to the sweeper',
      );
      return;
    }
    this.#committed.push(...messages);
    this.#relaying ??= this.#relayAll();
  }

  async #relayAll(): Promise<void> {
    // Somebody waits for the answers and commands that the same commit owes: they go first.
    await setImmediate();
    while (this.#committed.length > 0) {
      const batch = this.#committed;
      this.#committed = [];
      const next = performance.now() + this.#limits.relayPauseMs;
      try {
        await this.#publisher.publish(batch);
        this.#deleteSoon(batch);
      } catch (error) {
        this.#logger.warn(
          { err: error, events: batch.length },
          'events could not be published: left to the sweeper',
        );
      }
      await pause(Math.max(0, next - performance.now()));
    }
    this.#relaying = undefined;
  }

  #deleteSoon(published: readonly WireMessage[]): void {
    for (const { id } of published) this.#published.push(id);
    this.#deletion ??= setTimeout(
      () => void this.#deletePublished(),
      this.#limits.outboxDeleteAfterMs,
    );
  }

  /** What cannot be deleted is published again by the sweeper, which changes nothing. */
  async #deletePublished(): Promise<void> {
    clearTimeout(this.#deletion);
    this.#deletion = undefined;
    const ids = this.#published;
    this.#published = [];
    if (ids.length === 0) return;
    try {
      await this.#database.query(deleteEvents, [ids]);
    } catch (error) {
      this.#logger.warn(
        { err: error, events: ids.length },
        'published events could not be deleted: left to the sweeper',
      );
    }
  }
}

/** In the outbox it would be in the way of every later event, for ever. */
function refuseTooLarge(wireName: string, bodies: readonly JsonText[]): void {
  for (const { text } of bodies) {
    const bytes = Buffer.byteLength(text);
    if (bytes > MESSAGE_MAX_BYTES - HEADERS_MAX_BYTES) {
      throw new InvalidMessageError(`${wireName} has a body of ${bytes} bytes`);
    }
  }
}

function tooSlow(): Error {
  return new UnconfirmedError('the queues of subscribers', 'the sweep took too long');
}

function messageOf(row: OutboxRow): WireMessage {
  return { id: row.eventId, type: row.messageType, body: row.body, headers: row.headers };
}
