import type { AskableContract, Outcome } from '@encore/contracts';
import {
  JsonText,
  statement,
  type Database,
  type Queryable,
  type Transaction,
} from '@encore/database';
import type { WireMessage } from './envelope.js';
import { groupBy } from './group-by.js';
import type { MessagingLimits } from './options.js';
import type { Asked } from './reply-publisher.js';

/** A message that was handled before, in a transaction that is committed. */
export interface KnownMessage {
  readonly messageId: string;
  readonly messageType: string;
  readonly fingerprint: string | null;
  /** Null while the answer, which was deferred, is still to come. */
  readonly reply: Outcome<AskableContract> | null;
  readonly replyTo: string | null;
  readonly correlationId: string;
  readonly traceparent: string | null;
  /** The user whose request it was; null for a service's own word. */
  readonly actorId: number | null;
}

/** Who asked something that was handled; `replyTo` is null when nobody waits for the answer. */
export type Caller = Omit<Asked, 'replyTo' | 'traceparent'> & {
  readonly replyTo: string | null;
  readonly traceparent: string | null;
};

export interface StoredReply {
  readonly messageId: string;
  readonly outcome: Outcome<AskableContract>;
}

/**
 * What requests that are still unanswered, as far as the inbox knows, were answered: those that the
 * service's own rows tell, by message id. Asks within the given transaction when there is one.
 */
export type Recall = (
  queryable: Queryable,
  messageIds: readonly string[],
) => Promise<ReadonlyMap<string, Outcome<AskableContract>>>;

const PRUNE_CHUNK_ROWS = 5_000;

const KNOWN_COLUMNS = `
  message_id as "messageId", message_type as "messageType", fingerprint, reply,
  reply_to as "replyTo", correlation_id as "correlationId", traceparent, actor_id as "actorId"`;

const CALLER_COLUMNS = `
  inbox.message_id as id, message_type as type, correlation_id as "correlationId",
  reply_to as "replyTo", traceparent`;

/**
 * Waits for a transaction that is handling the same message right now, in another instance. In key
 * order, so that two batches with the same messages do not lock each other out.
 */
const claimMessages = statement(
  'inbox-claim',
  `insert into inbox
     (message_id, message_type, fingerprint, reply_to, correlation_id, traceparent, actor_id)
   select * from unnest(
     $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
   as claimed
     (message_id, message_type, fingerprint, reply_to, correlation_id, traceparent, actor_id)
   order by message_id
   on conflict (message_id) do nothing
   returning message_id as "messageId"`,
);

/**
 * Claims and answers in one. In key order, too; a message that was handled before violates the
 * primary key and undoes all that was done for its batch.
 */
const recordHandled = statement(
  'inbox-record',
  `insert into inbox
     (message_id, message_type, fingerprint, reply_to, correlation_id, traceparent, actor_id, reply)
   select message_id, message_type, fingerprint, reply_to, correlation_id, traceparent, actor_id,
     reply
   from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
     $8::jsonb[])
   as handled
     (message_id, message_type, fingerprint, reply_to, correlation_id, traceparent, actor_id, reply)
   order by message_id`,
);

const findKnown = statement(
  'inbox-find-known',
  `select ${KNOWN_COLUMNS} from inbox where message_id = any($1::uuid[])`,
);

const storeReplies = statement(
  'inbox-store-replies',
  `update inbox set reply = answered.reply
   from unnest($1::uuid[], $2::jsonb[]) as answered (message_id, reply)
   where inbox.message_id = answered.message_id`,
);

const settleDeferred = statement(
  'inbox-settle-deferred',
  `update inbox set reply = answered.reply
   from unnest($1::uuid[], $2::jsonb[]) as answered (message_id, reply)
   where inbox.message_id = answered.message_id and inbox.reply is null
   returning ${CALLER_COLUMNS}`,
);

const findCallers = statement(
  'inbox-find-callers',
  `select ${CALLER_COLUMNS} from inbox where message_id = any($1::uuid[])`,
);

/** Rows an instance is just reading are left for the next time. */
const pruneOld = statement(
  'inbox-prune',
  `delete from inbox where message_id in (
     select message_id from inbox
     where created_at < now() - make_interval(secs => $1)
     order by created_at limit $2
     for update skip locked)
   returning message_id as "messageId"`,
);

/** A message that is being handled, as the inbox keeps it. */
export interface HandledMessage {
  readonly message: WireMessage;
  readonly actorId: number | null;
  /** Absent while the answer is deferred, and for events, which get none. */
  readonly outcome?: Outcome<AskableContract>;
}

/**
 * Ids of the messages this service has handled, with the replies it gave. A message is entered in
 * the transaction that handles it: when that commits, the message is handled, and only then. Those
 * that are surely new in all likelihood are recorded at its end; those that may be known are
 * claimed at its beginning.
 */
export class Inbox {
  readonly #database: Database;
  readonly #limits: Pick<MessagingLimits, 'inboxKeepMs'>;
  /** By type. */
  readonly #recalls = new Map<string, Recall>();

  constructor(database: Database, limits: Pick<MessagingLimits, 'inboxKeepMs'>) {
    this.#database = database;
    this.#limits = limits;
  }

  /** Deferred answers of this type need not be stored: the service can tell them again. */
  recallWith(contract: AskableContract, recall: Recall): void {
    this.#recalls.set(contract.wireName, recall);
  }

  /**
   * Enters messages with distinct ids, and their replies, as the last thing their transaction does.
   * When one of them was handled before, the transaction fails.
   */
  record(tx: Transaction, handled: readonly HandledMessage[]): void {
    if (handled.length === 0) return;
    const outcomes = handled.map(({ outcome }) => outcome);
    tx.write(recordHandled, [
      ...entriesOf(handled),
      outcomes.map((outcome) => (outcome === undefined ? null : JsonText.of(outcome))),
    ]);
  }

  /**
   * Claims messages with distinct ids for this transaction; returns those that were handled before.
   * One statement, and a second one only when there are any.
   */
  async claim(
    tx: Transaction,
    handled: readonly HandledMessage[],
  ): Promise<Map<string, KnownMessage>> {
    const claimed = await tx.query<{ messageId: string }>(claimMessages, entriesOf(handled));
    if (claimed.length === handled.length) return new Map();
    const fresh = new Set(claimed.map((row) => row.messageId));
    const ids = handled.map(({ message }) => message.id);
    return this.#find(
      tx,
      ids.filter((id) => !fresh.has(id)),
    );
  }

  /** Keeps the replies of this batch, to be given again whenever the same message comes. */
  store(tx: Transaction, replies: readonly StoredReply[]): void {
    if (replies.length === 0) return;
    tx.write(storeReplies, [
      replies.map((reply) => reply.messageId),
      replies.map((reply) => JsonText.of(reply.outcome)),
    ]);
  }

  /** Stores replies that were deferred; returns the callers of those nobody had stored before. */
  async settle(tx: Transaction, replies: readonly StoredReply[]): Promise<Caller[]> {
    if (replies.length === 0) return [];
    return tx.query<Caller>(settleDeferred, [
      replies.map((reply) => reply.messageId),
      replies.map((reply) => JsonText.of(reply.outcome)),
    ]);
  }

  /** Who asked. */
  async callers(tx: Transaction, messageIds: readonly string[]): Promise<Caller[]> {
    if (messageIds.length === 0) return [];
    return tx.query<Caller>(findCallers, [messageIds]);
  }

  async find(messageIds: readonly string[]): Promise<KnownMessage[]> {
    if (messageIds.length === 0) return [];
    const rows = await this.#database.query<KnownMessage>(findKnown, [messageIds]);
    return this.#recalled(this.#database, rows);
  }

  /** Forgets what is older than the limit says; returns how many rows. For a ticker. */
  async prune(): Promise<number> {
    const keepSeconds = this.#limits.inboxKeepMs / 1_000;
    let pruned = 0;
    for (;;) {
      const rows = await this.#database.query(pruneOld, [keepSeconds, PRUNE_CHUNK_ROWS]);
      pruned += rows.length;
      if (rows.length < PRUNE_CHUNK_ROWS) return pruned;
    }
  }

  async #find(tx: Transaction, messageIds: string[]): Promise<Map<string, KnownMessage>> {
    const rows = await tx.query<KnownMessage>(findKnown, [messageIds]);
    if (rows.length !== messageIds.length) {
      // Pruned in this very instant: a day-old message came again. Tried again, it is simply new.
      throw new Error('A message that was handled before was forgotten meanwhile');
    }
    const known = await this.#recalled(tx, rows);
    return new Map(known.map((row) => [row.messageId, row]));
  }

  /** With the answers that are not stored here, but told by the service's own rows. */
  async #recalled(queryable: Queryable, rows: KnownMessage[]): Promise<KnownMessage[]> {
    const unanswered = rows.filter(({ reply }) => reply === null);
    const answers = new Map<string, Outcome<AskableContract>>();
    for (const [type, open] of groupBy(unanswered, ({ messageType }) => messageType)) {
      const ids = open.map(({ messageId }) => messageId);
      const told = await this.#recalls.get(type)?.(queryable, ids);
      told?.forEach((outcome, id) => answers.set(id, outcome));
    }
    if (answers.size === 0) return rows;
    return rows.map((row) => ({ ...row, reply: row.reply ?? answers.get(row.messageId) ?? null }));
  }
}

/** The columns of what is known of a message before it was handled. */
function entriesOf(handled: readonly HandledMessage[]): unknown[][] {
  const headers = handled.map(({ message }) => message.headers);
  return [
    handled.map(({ message }) => message.id),
    handled.map(({ message }) => message.type),
    headers.map(({ fingerprint }) => fingerprint ?? null),
    headers.map(({ replyTo }) => replyTo ?? null),
    headers.map(({ correlationId }) => correlationId),
    headers.map(({ traceparent }) => traceparent ?? null),
    handled.map(({ actorId }) => actorId),
  ];
}
