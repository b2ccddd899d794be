import { isUnavailable, type Database, type Transaction } from '@encore/database';
import type {
  BatchContext,
  CommandSender,
  DeferredAnswers,
  OutgoingCommand,
  ReceivedReply,
} from '@encore/messaging';
import { advance, begin, type SagaBeginning, type SagaSignal } from './advance.js';
import { pivotAhead } from './awaited.js';
import { AwaitingSagas } from './awaiting-sagas.js';
import { Batch } from './batch.js';
import { isWithdrawable, type SagaDefinition } from './define-saga.js';
import type { SagaTimings } from './instance.js';
import { newSagaId, sagaIdOf } from './saga-id.js';
import {
  appendLog,
  insertSagas,
  lockDueSagas,
  lockOutstandingSagas,
  lockSagas,
  updateSagas,
  type SagaOrigin,
  type SagaRecord,
  type StoredSaga,
} from './saga.store.js';
import { UnhurriedAsks } from './unhurried-asks.js';

/**
 * What a milestone means to the service: its own rows, events and answers, set-based, in the
 * transaction of the saga's step. Declared as a method, so that hooks of different sagas fit one
 * list: which state belongs to which is guaranteed by the definition's name in the row.
 */
export type MilestoneHook<State> = {
  hook(sagas: readonly SagaRecord<State>[], context: BatchContext): Promise<void> | void;
}['hook'];

/** By a step's name (it said yes), `completed` or `compensated`. */
export type SagaMilestones<State> = Readonly<Record<string, MilestoneHook<State>>>;

export interface RegisteredSaga<State = unknown> {
  readonly definition: SagaDefinition<State>;
  readonly milestones: SagaMilestones<State>;
}

export interface SagaRunnerParts {
  readonly database: Pick<Database, 'transaction'>;
  readonly commands: Pick<CommandSender, 'send'>;
  readonly answers: Pick<DeferredAnswers, 'resend'>;
  /** Whether commands would go out now and replies come in: silence counts only while they do. */
  readonly canAsk: () => Promise<boolean>;
  readonly sagas: readonly RegisteredSaga[];
  readonly timings: SagaTimings;
  /** Commands that nobody waits for are sent together, so far apart. */
  readonly unhurriedPaceMs: number;
  /** Hears of replies that belong to no saga, and of what could not be sent or go on. */
  readonly logger: Record<'warn' | 'error', (fields: object, text: string) => void>;
  readonly now?: () => Date;
}

export interface SagaStart<State> extends Pick<SagaBeginning<State>, 'data' | 'heard'> {
  readonly origin: SagaOrigin;
}

/**
 * Runs sagas: takes those of a batch that it remembers, loads and locks the rows of the others,
 * lets `advance` decide each in order, saves rows and logs with one statement each, and sends what
 * was decided after the commit. A process that dies in between loses nothing: the row says what was
 * asked, or what led to it and says yes again, and it is asked again under the same id by whoever
 * sees the answer's duplicate, the deadline or the restart first.
 */
export class SagaRunner {
  private readonly sagas: ReadonlyMap<string, RegisteredSaga>;
  private readonly now: () => Date;
  private readonly awaiting = new AwaitingSagas();
  private readonly unhurried: UnhurriedAsks;
  /**
   * What was asked before then may have been asked in vain, or answered unheard: before this
   * process came up, or while it had no broker or no database. Null when it has been asked again.
   */
  private doubtedBefore: Date | null;
  private saidThatItWaits = false;

  constructor(private readonly parts: SagaRunnerParts) {
    this.sagas = new Map(parts.sagas.map((saga) => [saga.definition.name, saga]));
    this.now = parts.now ?? (() => new Date());
    this.doubtedBefore = this.now();
    const send = (commands: readonly OutgoingCommand[]) =>
      this.sayOrWait(() => parts.commands.send(commands));
    this.unhurried = new UnhurriedAsks(send, parts.unhurriedPaceMs);
    parts.sagas.forEach(checkMilestones);
  }

  /**
   * Begins sagas in the transaction of the request that wants them; returns them in order. What an
   * answer to the first step already led to is for the caller to settle, not for the milestones.
   */
  start<State>(
    definition: SagaDefinition<State>,
    starts: readonly SagaStart<State>[],
    context: BatchContext,
    now = this.now(),
  ): SagaRecord<State>[] {
    const clock = { now, timings: this.parts.timings };
    const batch = new Batch(clock.now);
    const begun = starts.map(({ origin, ...start }) => {
      const id = newSagaId(clock.now.getTime());
      const advanced = begin(definition, { id, ...start }, clock);
      const stored = { saga: advanced.next, origin, startedAt: clock.now, updatedAt: clock.now };
      batch.note(stored, advanced);
      return stored;
    });
    insertSagas(context.tx, begun);
    appendLog(context.tx, batch.turns);
    context.tx.afterCommit(() =>
      this.awaiting.keep(begun.map((record) => ({ record, unwritten: [] }))),
    );
    this.promise(batch, context);
    return begun;
  }

  /**
   * Handles replies to what sagas asked: those of one saga in the order they came. Where another
   * process moved a saga on that this one remembers, the next line of its log is taken: the
   * transaction is tried again, and reads, because what was remembered is forgotten by then.
   */
  async handleReplies(replies: readonly ReceivedReply[], context: BatchContext): Promise<void> {
    const remembered = this.awaiting.take(replies.map((reply) => reply.inReplyTo));
    const known = new Set(remembered.map(({ record }) => record.saga.id));
    const ids = new Set(replies.map((reply) => sagaIdOf(reply.inReplyTo)));
    const others = await lockSagas(
      context.tx,
      [...ids].filter((id) => !known.has(id)),
    );
    const batch = new Batch(this.now(), others, remembered);
    for (const { inReplyTo, type, outcome } of replies) {
      const stored = batch.find(sagaIdOf(inReplyTo));
      if (stored === undefined) {
        this.parts.logger.warn({ messageId: inReplyTo, type }, 'a reply belongs to no saga');
      } else {
        const isRemembered = known.has(stored.saga.id);
        this.turn(batch, stored, { kind: 'answer', messageId: inReplyTo, outcome }, isRemembered);
      }
    }
    await this.save(batch, context);
  }

  /**
   * Asks again, gives up or calls a person where that is due; returns for how many sagas. First
   * asks again for everything when something may have been asked in vain. Does nothing while
   * nothing can be asked: an outage is nobody's silence, and no payment fails because of it.
   */
  async sweep(limit: number, stopping?: AbortSignal): Promise<number> {
    if (!(await this.canAsk())) return 0;
    try {
      if (this.doubtedBefore !== null) await this.catchUp(this.doubtedBefore, limit, stopping);
      if (this.doubtedBefore !== null) return 0;
      const found = await this.signalAll({ kind: 'deadline' }, (tx) =>
        lockDueSagas(tx, { definitions: this.names(), now: this.now(), limit }),
      );
      return found.length;
    } catch (error) {
      // Whatever else it was must not keep what is due from being asked the next time.
      this.doubtedBefore = isUnavailable(error) ? this.now() : null;
      throw error;
    }
  }

  /** Sends what waits for its time; nothing is to be handled any more. */
  async close(): Promise<void> {
    await this.unhurried.flush();
  }

  private async canAsk(): Promise<boolean> {
    const can = await this.parts.canAsk();
    if (!can) {
      this.doubtedBefore = this.now();
      if (!this.saidThatItWaits) this.parts.logger.warn({}, 'nothing can be asked: the sagas wait');
    }
    this.saidThatItWaits = !can;
    return can;
  }

  /**
   * Asks again, in portions, whatever was asked before then: whoever waited for it may be gone, and
   * what it meant to send with it. Another living instance's sagas are asked a second time, which
   * changes nothing.
   */
  private async catchUp(before: Date, limit: number, stopping?: AbortSignal): Promise<void> {
    let afterNumber = 0;
    while (stopping?.aborted !== true && (await this.canAsk())) {
      const from = { definitions: this.names(), before, afterNumber, limit };
      const found = await this.signalAll({ kind: 'restart' }, (tx) =>
        lockOutstandingSagas(tx, from),
      );
      const last = found.at(-1);
      if (last === undefined || found.length < limit) {
        this.doubtedBefore = null;
        return;
      }
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
      for (const stored of sagas) this.turnOrPassOver(batch, stored, signal);
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

  /** What cannot go on, written by another version perhaps, must not hold up those behind it. */
  private turnOrPassOver(batch: Batch, stored: SagaRecord, signal: SagaSignal): void {
    try {
      this.turn(batch, stored, signal);
    } catch (error) {
      const { id, step } = stored.saga;
      const fields = { err: error, sagaId: id, step };
      this.parts.logger.error(fields, 'a saga cannot go on: passed over for now');
      const pauseMs = this.parts.timings.attentionAskAgainAfterMs;
      batch.postpone(stored, new Date(batch.now.getTime() + pauseMs));
    }
  }

  private turn(batch: Batch, stored: SagaRecord, signal: SagaSignal, isRemembered = false): void {
    const { definition } = this.registered(stored.saga.definition);
    const clock = { now: batch.now, timings: this.parts.timings };
    const advanced = advance(definition, stored.saga, signal, clock);
    if (advanced.stale) {
      batch.repeat(stored, advanced);
      return;
    }
    const next = { ...stored, saga: advanced.next, updatedAt: batch.now };
    if (isRemembered && this.leadsToPivotAhead(stored, next)) batch.goOnUnwritten(next, advanced);
    else batch.add(next, advanced);
  }

  /**
   * The yes to a step before a pivot that can be withdrawn is written with the pivot's answer. Not
   * when the step was asked more than once: something is amiss then, and a row that shows how far
   * the saga got is worth more than a trip to the database.
   */
  private leadsToPivotAhead({ saga }: SagaRecord, { saga: next }: SagaRecord): boolean {
    const pivot = pivotAhead(this.registered(saga.definition).definition, saga);
    return saga.attempt === 1 && pivot?.name === next.step && next.direction === 'do';
  }

  private async save(batch: Batch, context: BatchContext): Promise<void> {
    updateSagas(context.tx, batch.changed());
    appendLog(context.tx, batch.turns);
    context.tx.afterCommit(() => this.awaiting.keep(batch.all()));
    for (const { definition, milestone, sagas } of batch.reached.values()) {
      await this.registered(definition).milestones[milestone]?.(sagas, context);
    }
    this.promise(batch, context);
  }

  private promise(batch: Batch, context: BatchContext): void {
    if (batch.asks.size > 0) {
      context.beforeAck(() => this.parts.commands.send([...batch.asks.values()]));
    }
    if (batch.unhurriedAsks.size > 0) {
      context.tx.afterCommit(() => this.unhurried.add([...batch.unhurriedAsks.values()]));
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
}

function checkMilestones({ definition, milestones }: RegisteredSaga): void {
  const known = ['completed', 'compensated', ...definition.steps.map((step) => step.name)];
  const unknown = Object.keys(milestones).filter((milestone) => !known.includes(milestone));
  if (unknown.length > 0) {
    throw new Error(`saga ${definition.name} never reaches ${unknown.join(', ')}`);
  }
  const unwritten = definition.steps.filter((_step, index) =>
    isWithdrawable(definition.steps[index + 1]),
  );
  for (const { name } of unwritten) {
    if (!(name in milestones)) continue;
    throw new Error(`saga ${definition.name} may not store that "${name}" said yes: no milestone`);
  }
}
