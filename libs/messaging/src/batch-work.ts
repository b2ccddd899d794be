import type { AskableContract, Outcome } from '@encore/contracts';
import { isUnavailable, type Database, type Transaction } from '@encore/database';
import { isOutcome, type AnswerBody } from './answers.js';
import { CommitUncertainError, InvalidMessageError } from './errors.js';
import { DEFERRED, type BatchContext, type Deferred } from './handling.js';
import { invoke, type Handler, type Item } from './handler.js';
import { HandlingOnce } from './handling-once.js';
import type { HandledMessage, Inbox, KnownMessage } from './inbox.js';
import type { Underway } from './underway.js';

/** What a batch that is committed still owes. */
export interface Owed {
  readonly answers: readonly { readonly item: Item; readonly answer: AnswerBody }[];
  readonly promised: readonly (() => Promise<void>)[];
  /** How many of the answers are stored ones. */
  readonly repeated: number;
}

type Decision = Outcome<AskableContract> | Deferred;

/**
 * Does the work of one batch, in one transaction where the kind of message wants one. Throws
 * faults.
 */
export class BatchWork {
  readonly #database: Database;
  readonly #inbox: Inbox;
  readonly #underway: Pick<Underway, 'begin'>;
  readonly #once: HandlingOnce;

  constructor(database: Database, inbox: Inbox, underway: Pick<Underway, 'begin'>) {
    this.#database = database;
    this.#inbox = inbox;
    this.#underway = underway;
    this.#once = new HandlingOnce(inbox);
  }

  run(handler: Handler, items: readonly Item[]): Promise<Owed> {
    switch (handler.role) {
      case 'handles':
        return this.#handle(handler, items);
      case 'handles-anew':
        return this.#handleAnew(handler, items);
      case 'answers':
        return this.#answer(handler, items);
      case 'listens':
        return this.#listen(handler, items);
      case 'listens-to-replies':
        return this.#listenToReplies(handler, items);
    }
  }

  async #handle(handler: Handler, items: readonly Item[]): Promise<Owed> {
    const { first, again } = separateRepeated(items);
    return this.#once.run(
      first,
      () => this.#handleNew(handler, first, again),
      () => this.#handleClaimed(handler, first, again),
    );
  }

  async #handleNew(
    handler: Handler,
    first: readonly Item[],
    again: readonly Item[],
  ): Promise<Owed> {
    return this.#inTransaction(async (tx) => {
      const { context, promised } = contextOf(tx);
      const decisions = await decide(handler, first, context);
      const handled = first.map((item, index) => asHandled(item, decisions[index]));
      this.#inbox.record(tx, handled);
      this.#beginDeferred(tx, first, decisions);
      const known = new Map(
        first.map((item, index) => [item.message.id, asKnown(item, decisions[index] ?? DEFERRED)]),
      );
      return owedFor(handler, decidedOf(first, decisions), again, known, promised);
    });
  }

  async #handleClaimed(
    handler: Handler,
    first: readonly Item[],
    again: readonly Item[],
  ): Promise<Owed> {
    return this.#inTransaction(async (tx) => {
      const { context, promised } = contextOf(tx);
      const known = await this.#inbox.claim(
        tx,
        first.map((item) => asHandled(item)),
      );
      const fresh = first.filter((item) => !known.has(item.message.id));
      const decisions = fresh.length === 0 ? [] : await decide(handler, fresh, context);
      const decided = decidedOf(fresh, decisions);
      this.#beginDeferred(tx, fresh, decisions);
      this.#inbox.store(
        tx,
        decided.map(({ item, outcome }) => ({ messageId: item.message.id, outcome })),
      );
      for (const [index, item] of fresh.entries()) {
        known.set(item.message.id, asKnown(item, decisions[index] ?? DEFERRED));
      }
      const repeats = [...first.filter((item) => !fresh.includes(item)), ...again];
      return owedFor(handler, decided, repeats, known, promised);
    });
  }

  #beginDeferred(tx: Transaction, items: readonly Item[], decisions: readonly Decision[]): void {
    const deferred = items.filter((_item, index) => decisions[index] === DEFERRED);
    if (deferred.length === 0) return;
    tx.afterCommit(() => this.#underway.begin(deferred.map(({ message }) => message)));
  }

  /** Tells a commit that may have happened from one that surely did not. */
  async #inTransaction(work: (tx: Transaction) => Promise<Owed>): Promise<Owed> {
    const progress = { isCommitting: false };
    try {
      return await this.#database.transaction(async (tx) => {
        progress.isCommitting = false;
        const owed = await work(tx);
        progress.isCommitting = true;
        return owed;
      });
    } catch (error) {
      if (progress.isCommitting && isUnavailable(error)) throw new CommitUncertainError(error);
      throw error;
    }
  }

  async #handleAnew(handler: Handler, items: readonly Item[]): Promise<Owed> {
    return this.#inTransaction(async (tx) => {
      const { context, promised } = contextOf(tx);
      return { answers: await answersNow(handler, items, context), promised, repeated: 0 };
    });
  }

  async #answer(handler: Handler, items: readonly Item[]): Promise<Owed> {
    return { answers: await answersNow(handler, items, {}), promised: [], repeated: 0 };
  }

  async #listen(handler: Handler, items: readonly Item[]): Promise<Owed> {
    const { first } = separateRepeated(items);
    return this.#once.run(
      first,
      () => this.#listenNew(handler, first),
      () => this.#listenClaimed(handler, first),
    );
  }

  async #listenNew(handler: Handler, first: readonly Item[]): Promise<Owed> {
    return this.#inTransaction(async (tx) => {
      const { context, promised } = contextOf(tx);
      await invoke(handler, receivedOf(first), context);
      this.#inbox.record(
        tx,
        first.map((item) => asHandled(item)),
      );
      return { answers: [], promised, repeated: 0 };
    });
  }

  async #listenClaimed(handler: Handler, first: readonly Item[]): Promise<Owed> {
    return this.#inTransaction(async (tx) => {
      const { context, promised } = contextOf(tx);
      const known = await this.#inbox.claim(
        tx,
        first.map((item) => asHandled(item)),
      );
      const fresh = first.filter((item) => !known.has(item.message.id));
      if (fresh.length > 0) await invoke(handler, receivedOf(fresh), context);
      return { answers: [], promised, repeated: 0 };
    });
  }

  async #listenToReplies(handler: Handler, items: readonly Item[]): Promise<Owed> {
    return this.#inTransaction(async (tx) => {
      const { context, promised } = contextOf(tx);
      await invoke(handler, receivedOf(items), context);
      return { answers: [], promised, repeated: 0 };
    });
  }
}

/**
 * A batch that is tried again promises anew: what the lost attempt promised is forgotten with it.
 */
function contextOf(tx: Transaction): { context: BatchContext; promised: (() => Promise<void>)[] } {
  const promised: (() => Promise<void>)[] = [];
  return { context: { tx, beforeAck: (work) => void promised.push(work) }, promised };
}

function receivedOf(items: readonly Item[]): unknown[] {
  return items.map((item) => item.received);
}

/** The same message twice in one batch: the first one is handled, the others hear of it. */
export function separateRepeated(items: readonly Item[]): { first: Item[]; again: Item[] } {
  const seen = new Set<string>();
  const first: Item[] = [];
  const again: Item[] = [];
  for (const item of items) {
    (seen.has(item.message.id) ? again : first).push(item);
    seen.add(item.message.id);
  }
  return { first, again };
}

async function decide(
  handler: Handler,
  items: readonly Item[],
  context: object,
): Promise<readonly Decision[]> {
  const received = receivedOf(items);
  const result = handler.each
    ? [await invoke(handler, received[0], context)]
    : await invoke(handler, received, context);
  if (!Array.isArray(result) || result.length !== items.length) {
    throw new Error(`The handler of ${handler.type} must give one outcome for each message`);
  }
  const decisions: unknown[] = result;
  if (!decisions.every(isDecision)) {
    throw new Error(`The handler of ${handler.type} gave something that is no outcome`);
  }
  return decisions;
}

/** Of what is not remembered: there is nothing to come back to for an answer that is deferred. */
async function answersNow(
  handler: Handler,
  items: readonly Item[],
  context: object,
): Promise<Owed['answers']> {
  const decisions = await decide(handler, items, context);
  return items.map((item, index) => {
    const outcome = decisions[index];
    if (outcome === undefined || outcome === DEFERRED) {
      throw new Error(`The answer of ${handler.type} cannot be deferred`);
    }
    return { item, answer: { kind: 'outcome', outcome, replayed: false } };
  });
}

function isDecision(value: unknown): value is Decision {
  return value === DEFERRED || isOutcome(value);
}

interface Decided {
  readonly item: Item;
  readonly outcome: Outcome<AskableContract>;
}

/** Those that were decided on; the others were deferred. */
function decidedOf(items: readonly Item[], decisions: readonly Decision[]): Decided[] {
  return items.flatMap((item, index) => {
    const decision = decisions[index];
    return decision === undefined || decision === DEFERRED ? [] : [{ item, outcome: decision }];
  });
}

function owedFor(
  handler: Handler,
  decided: readonly Decided[],
  repeats: readonly Item[],
  known: ReadonlyMap<string, KnownMessage>,
  promised: Owed['promised'],
): Owed {
  const answers = decided.map(({ item, outcome }) => ({
    item,
    answer: { kind: 'outcome' as const, outcome, replayed: false },
  }));
  const stored = repeats.flatMap((item) => {
    const answer = answerAgain(handler, item, known.get(item.message.id));
    return answer === undefined ? [] : [{ item, answer }];
  });
  return { answers: [...answers, ...stored], promised, repeated: stored.length };
}

function asHandled(item: Item, decision: Decision = DEFERRED): HandledMessage {
  const entry = { message: item.message, actorId: actorIdOf(item) };
  return decision === DEFERRED ? entry : { ...entry, outcome: decision };
}

function asKnown(item: Item, decision: Decision): KnownMessage {
  const { message } = item;
  return {
    messageId: message.id,
    messageType: message.type,
    fingerprint: message.headers.fingerprint ?? null,
    reply: decision === DEFERRED ? null : decision,
    replyTo: message.headers.replyTo ?? null,
    correlationId: message.headers.correlationId,
    traceparent: message.headers.traceparent ?? null,
    actorId: actorIdOf(item),
  };
}

function actorIdOf({ received }: Pick<Item, 'received'>): number | null {
  return 'actor' in received ? (received.actor?.userId ?? null) : null;
}

/**
 * What a message that was handled before is answered with; nothing when its answer is still to
 * come.
 */
export function answerAgain(
  handler: Pick<Handler, 'kind'>,
  item: Pick<Item, 'message' | 'received'>,
  known: KnownMessage | undefined,
): AnswerBody | undefined {
  const { message } = item;
  if (known === undefined) throw new Error(`Message ${message.id} is neither new nor known`);
  if (isOtherContent(message, known) || isOtherActor(item, known)) {
    if (handler.kind === 'request') return { kind: 'key-reused' };
    throw new InvalidMessageError(`The id ${message.id} was used before by ${known.messageType}`);
  }
  if (known.reply !== null) return { kind: 'outcome', outcome: known.reply, replayed: true };
  const { correlationId, replyTo } = message.headers;
  const sameCaller = correlationId === known.correlationId && (replyTo ?? null) === known.replyTo;
  return sameCaller || handler.kind !== 'request' ? undefined : { kind: 'in-progress' };
}

/** Who guesses the id of somebody else's request learns nothing by it. */
function isOtherActor(item: Pick<Item, 'received'>, { actorId }: KnownMessage): boolean {
  return actorId !== null && actorId !== actorIdOf(item);
}

function isOtherContent(message: Item['message'], known: KnownMessage): boolean {
  const { fingerprint } = message.headers;
  if (message.type !== known.messageType) return true;
  return (
    fingerprint !== undefined && known.fingerprint !== null && fingerprint !== known.fingerprint
  );
}
