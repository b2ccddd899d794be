import type { Database, Transaction } from '@encore/database';
import type {
  BatchContext,
  CommandSender,
  DeferredAnswers,
  OutgoingCommand,
  ReceivedReply,
} from '@encore/messaging';
import { advance, begin, type Advance, type Clock, type SagaSignal } from './advance.js';
import type { SagaDefinition } from './define-saga.js';
import type { SagaTimings } from './instance.js';
import { newSagaId, sagaIdOf } from './saga-id.js';
import {
  appendLog,
  insertSagas,
  lockDueSagas,
  lockOutstandingSagas,
  lockSagas,
  updateSagas,
  type NewSaga,
  type SagaOrigin,
  type StoredLogEntry,
  type StoredSaga,
} from './saga.store.js';

/**
 * What a milestone means to the service: its own rows, events and answers, set-based, in the
 * transaction of the saga's step. Declared as a method, so that hooks of different sagas fit one
 * list: which state belongs to which is guaranteed by the definition's name in the row.
 */
export type MilestoneHook<State> = {
  hook(sagas: readonly StoredSaga<State>[], context: BatchContext): Promise<void>;
}['hook'];

/** By a step's name (it said yes), `completed` or `compensated`. */
export type SagaMilestones<State> = Readonly<Record<string, MilestoneHook<State>>>;

export interface RegisteredSaga<State = unknown> {
  readonly definition: SagaDefinition<State>;
  readonly milestones: SagaMilestones<State>;
}

export interface SagaRunnerParts {
  readonly database: Database;
  readonly commands: Pick<CommandSender, 'send'>;
  readonly answers: Pick<DeferredAnswers, 'resend'>;
  readonly sagas: readonly RegisteredSaga[];
  readonly timings: SagaTimings;
  /** Hears of replies that belong to no saga, and of commands that could not be sent. */
  readonly logger: { warn(fields: object, text: string): void };
  readonly now?: () => Date;
}

export interface SagaStart<State> {
  readonly data: State;
  readonly origin: SagaOrigin;
}

/**
 * Runs sagas: loads and locks the rows of a whole batch, lets `advance` decide each in order, saves
 * rows and logs with one statement each, and sends what was decided after the commit. A process
 * that dies in between loses nothing: the row says what was asked, and it is asked again under the
 * same id by whoever sees the answer's duplicate, the deadline or the restart first.
 */
export class SagaRunner {
  private readonly sagas: ReadonlyMap<string, RegisteredSaga>;
  private readonly now: () => Date;

  constructor(private readonly parts: SagaRunnerParts) {
    this.sagas = new Map(parts.sagas.map((saga) => [saga.definition.name, saga]));
    this.now = parts.now ?? (() => new Date());
    parts.sagas.forEach(checkMilestones);
  }

  /** Begins sagas in the transaction of the request that wants them; returns their ids in order. */
  async start<State>(
    definition: SagaDefinition<State>,
    starts: readonly SagaStart<State>[],
    context: BatchContext,
  ): Promise<string[]> {
    const clock = this.clock();
    const batch = new Batch(clock.now);
    const begun = starts.map(({ data, origin }) => {
      const advanced = begin(definition, { id: newSagaId(clock.now.getTime()), data }, clock);
      const stored = { saga: advanced.next, origin, startedAt: clock.now, updatedAt: clock.now };
      batch.note(stored, advanced);
      return stored;
    });
    await insertSagas(context.tx, begun);
    await appendLog(context.tx, batch.log);
    this.promise(batch, context);
    return begun.map((stored) => stored.saga.id);
  }

  /** Handles replies to what sagas asked: those of one saga in the order they came. */
  async handleReplies(replies: readonly ReceivedReply[], context: BatchContext): Promise<void> {
    const ids = [...new Set(replies.map((reply) => sagaIdOf(reply.inReplyTo)))];
    const batch = new Batch(this.now(), await lockSagas(context.tx, ids));
    for (const { inReplyTo, type, outcome } of replies) {
      const stored = batch.find(sagaIdOf(inReplyTo));
      if (stored === undefined) {
        this.parts.logger.warn({ messageId: inReplyTo, type }, 'a reply belongs to no saga');
      } else {
        this.turn(batch, stored, { kind: 'answer', messageId: inReplyTo, outcome });
      }
    }
    await this.save(batch, context);
  }

  /** Asks again, gives up or calls a person where that is due; returns for how many sagas. */
  async sweep(limit: number): Promise<number> {
    const found = await this.signalAll({ kind: 'deadline' }, (tx) =>
      lockDueSagas(tx, { definitions: this.names(), now: this.now(), limit }),
    );
    return found.length;
  }

  /**
   * Asks again, in portions, whatever was asked before this process came up: whoever waited for it
   * may be gone, and what it meant to send with it. Another living instance's sagas are asked a
   * second time, which changes nothing. Returns for how many sagas.
   */
  async sweepAtStart(limit: number, signal?: AbortSignal): Promise<number> {
    const before = this.now();
    let afterNumber = 0;
    let count = 0;
    for (;;) {
      const from = { definitions: this.names(), before, afterNumber, limit };
      const found = await this.signalAll({ kind: 'restart' }, (tx) =>
        lockOutstandingSagas(tx, from),
      );
      count += found.length;
      const last = found.at(-1);
      if (last === undefined || found.length < limit || signal?.aborted === true) return count;
      afterNumber = last.number;
    }
  }

  private async signalAll(
    signal: SagaSignal,
    lock: (tx: Transaction) => Promise<StoredSaga[]>,
  ): Promise<StoredSaga[]> {
    let promised: (() => Promise<void>)[] = [];
    const found = await this.parts.database.transaction(async (tx) => {
      promised = [];
      const context: BatchContext = { tx, beforeAck: (work) => void promised.push(work) };
      const sagas = await lock(tx);
      const batch = new Batch(this.now(), sagas);
      for (const stored of sagas) this.turn(batch, stored, signal);
      await this.save(batch, context);
      return sagas;
    });
    for (const work of promised) await this.sayOrWait(work);
    return found;
  }

  /** What can't be said now is asked again at the next deadline: the rows know it was asked. */
  private async sayOrWait(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'commands could not be sent: asked again later');
    }
  }

  private turn(batch: Batch, stored: StoredSaga, signal: SagaSignal): void {
    const { definition } = this.registered(stored.saga.definition);
    const clock = { now: batch.now, timings: this.parts.timings };
    const advanced = advance(definition, stored.saga, signal, clock);
    if (advanced.stale) batch.repeat(stored, advanced);
    else batch.add({ ...stored, saga: advanced.next, updatedAt: batch.now }, advanced);
  }

  private async save(batch: Batch, context: BatchContext): Promise<void> {
    await updateSagas(context.tx, batch.changed());
    await appendLog(context.tx, batch.log);
    for (const { definition, milestone, sagas } of batch.reached.values()) {
      await this.registered(definition).milestones[milestone]?.(sagas, context);
    }
    this.promise(batch, context);
  }

  private promise(batch: Batch, context: BatchContext): void {
    if (batch.asks.size > 0) {
      context.beforeAck(() => this.parts.commands.send([...batch.asks.values()]));
    }
    if (batch.resend.size > 0) {
      context.beforeAck(() => this.parts.answers.resend([...batch.resend]));
    }
  }

  private registered(name: string): RegisteredSaga {
    const saga = this.sagas.get(name);
    // Most likely a newer version's: the reply goes up the ladder until that version takes it.
    if (saga === undefined) throw new Error(`no saga is called ${name} here`);
    return saga;
  }

  private names(): string[] {
    return [...this.sagas.keys()];
  }

  private clock(): Clock {
    return { now: this.now(), timings: this.parts.timings };
  }
}

/** What one batch has come to, gathered until it is saved at once. */
class Batch {
  readonly log: StoredLogEntry[] = [];
  /** By command id: what several duplicates want repeated is repeated once. */
  readonly asks = new Map<string, OutgoingCommand>();
  readonly resend = new Set<string>();
  readonly reached = new Map<
    string,
    { definition: string; milestone: string; sagas: StoredSaga[] }
  >();
  private readonly sagas: Map<string, StoredSaga>;
  private readonly touched = new Set<string>();

  constructor(
    readonly now: Date,
    loaded: readonly StoredSaga[] = [],
  ) {
    this.sagas = new Map(loaded.map((stored) => [stored.saga.id, stored]));
  }

  find(sagaId: string): StoredSaga | undefined {
    return this.sagas.get(sagaId);
  }

  changed(): StoredSaga[] {
    return [...this.sagas.values()].filter((stored) => this.touched.has(stored.saga.id));
  }

  add(stored: StoredSaga, advanced: Advance<unknown>): void {
    const { id, definition } = stored.saga;
    this.sagas.set(id, stored);
    if (advanced.log.length > 0) this.touched.add(id);
    this.note(stored, advanced);
    for (const one of advanced.reached) {
      const milestone = one.kind === 'passed' ? one.step : one.kind;
      const key = `${definition}\n${milestone}`;
      const group = this.reached.get(key) ?? { definition, milestone, sagas: [] };
      group.sagas.push(stored);
      this.reached.set(key, group);
    }
  }

  /** What is written and said about a saga, whether it is new or goes on. */
  note(stored: NewSaga, advanced: Advance<unknown>): void {
    const sagaId = stored.saga.id;
    this.log.push(...advanced.log.map((entry) => ({ ...entry, sagaId })));
    this.ask(stored, advanced);
  }

  /** Says again what the saga said last: who said it first may have died before it was heard. */
  repeat(stored: StoredSaga, advanced: Advance<unknown>): void {
    this.resend.add(stored.origin.requestMessageId);
    this.ask(stored, advanced);
  }

  private ask({ origin }: NewSaga, { asks }: Advance<unknown>): void {
    const { correlationId, traceparent, requestMessageId } = origin;
    for (const ask of asks) {
      const command = { ...ask, correlationId, causationId: requestMessageId };
      this.asks.set(ask.id, traceparent === null ? command : { ...command, traceparent });
    }
  }
}

function checkMilestones({ definition, milestones }: RegisteredSaga): void {
  const known = ['completed', 'compensated', ...definition.steps.map((step) => step.name)];
  const unknown = Object.keys(milestones).filter((milestone) => !known.includes(milestone));
  if (unknown.length > 0) {
    throw new Error(`saga ${definition.name} never reaches ${unknown.join(', ')}`);
  }
}
