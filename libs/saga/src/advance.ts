import type { AskableContract, Outcome, RefusalDetail } from '@encore/contracts';
import { awaited, commandOf, isAnswerToPivotAhead, outstanding, pivotAhead } from './awaited.js';
import type { SagaDefinition, SagaStep } from './define-saga.js';
import {
  hasEnded,
  type LogEntry,
  type Milestone,
  type SagaCommand,
  type SagaEvent,
  type SagaInstance,
  type SagaTimings,
} from './instance.js';
import { commandIdOf, type Direction } from './saga-id.js';

/** What can happen to a saga after it began. */
export type SagaSignal =
  /** The answer to a command, recognised by the command's id. */
  | {
      readonly kind: 'answer';
      readonly messageId: string;
      readonly outcome: Outcome<AskableContract>;
    }
  /** The time to ask again may have come. */
  | { readonly kind: 'deadline' }
  /** The process that waited for the answer is gone: what it asked may never have been sent. */
  | { readonly kind: 'restart' };

export interface SagaBeginning<State> {
  readonly id: string;
  readonly data: State;
  readonly heard?: Outcome<AskableContract> | undefined;
}

/** Time as data: the same signal at the same moment always leads to the same place. */
export interface Clock {
  readonly now: Date;
  readonly timings: SagaTimings;
}

export interface Advance<State> {
  readonly next: SagaInstance<State>;
  /** Commands to send once `next` and `log` are stored. */
  readonly asks: readonly SagaCommand[];
  readonly log: readonly LogEntry[];
  readonly reached: readonly Milestone[];
  /**
   * True when an answer changed nothing, being a duplicate or late. It may have come again because
   * somebody died before saying what the saga had to say: `asks` then repeats the outstanding one.
   */
  readonly stale: boolean;
}

/** A copy of one's own. */
type Draft<State> = { -readonly [Key in keyof SagaInstance<State>]: SagaInstance<State>[Key] };

/** One turn while it is being worked out; only this module ever sees it half-done. */
interface Turn<State> {
  readonly definition: SagaDefinition<State>;
  readonly clock: Clock;
  readonly saga: Draft<State>;
  readonly asks: SagaCommand[];
  readonly log: LogEntry[];
  readonly reached: Milestone[];
}

/**
 * A new saga: its first command asked and both facts logged. Where the first step was asked and
 * answered in another way already, `heard` is that answer: nothing of that command is sent then.
 */
export function begin<State>(
  definition: SagaDefinition<State>,
  { id, data, heard }: SagaBeginning<State>,
  clock: Clock,
): Advance<State> {
  const turn = turnOf(definition, clock, {
    id,
    data,
    definition: definition.name,
    state: 'RUNNING',
    step: null,
    attempt: 0,
    messageId: null,
    firstAskedAt: null,
    nextAskAt: null,
    direction: 'do',
    refusal: null,
    attention: null,
    logLength: 0,
  });
  note(turn, 'STARTED');
  askFrom(turn, 0);
  if (heard !== undefined) {
    turn.asks.length = 0;
    answered(turn, heard);
  }
  return result(turn);
}

/**
 * The one place that decides how a saga goes on. Pure: needs neither broker nor database. Throws
 * only when the row and the definition don't belong together or a reply breaks its contract.
 */
export function advance<State>(
  definition: SagaDefinition<State>,
  saga: SagaInstance<State>,
  signal: SagaSignal,
  clock: Clock,
): Advance<State> {
  const turn = turnOf(definition, clock, saga);
  if (signal.kind === 'answer') {
    if (isAnswerToPivotAhead(definition, saga, signal.messageId)) {
      const { step, index } = awaited(definition, saga);
      passed(turn, step, index, undefined);
      turn.asks.length = 0;
    } else if (saga.messageId !== signal.messageId) {
      return { ...result(turn), asks: outstanding(definition, saga), stale: true };
    }
    answered(turn, signal.outcome);
  } else if (!hasEnded(saga)) {
    if (signal.kind === 'restart') askAgain(turn, { giveUpClockRestarts: true });
    else if (saga.nextAskAt !== null && saga.nextAskAt <= clock.now) overdue(turn);
  }
  return result(turn);
}

function answered<State>(turn: Turn<State>, outcome: Outcome<AskableContract>): void {
  const { step, index } = awaited(turn.definition, turn.saga);
  if (outcome.ok) {
    if (turn.saga.state === 'NEEDS_ATTENTION') resume(turn);
    if (turn.saga.direction === 'do') passed(turn, step, index, outcome.value);
    else {
      note(turn, 'UNDONE');
      undoFrom(turn, index - 1);
    }
    return;
  }
  if (turn.saga.direction === 'undo' && step.kind === 'pivot') {
    turnForward(turn, step, outcome.refusal);
  } else if (turn.saga.direction === 'undo' || isRequired(step)) stuck(turn, outcome.refusal);
  else if (step.kind === 'finishing') {
    if (turn.saga.state === 'NEEDS_ATTENTION') resume(turn);
    note(turn, 'REFUSED', outcome.refusal);
    askFrom(turn, index + 1);
  } else {
    if (turn.saga.state === 'NEEDS_ATTENTION') resume(turn);
    note(turn, 'REFUSED', outcome.refusal);
    turnBack(turn, outcome.refusal, outcome.detail ?? null, index - 1);
  }
}

function isRequired(step: SagaStep<unknown>): boolean {
  return step.kind === 'finishing' && step.mustSucceed;
}

function passed<State>(
  turn: Turn<State>,
  step: SagaStep<State>,
  index: number,
  reply: unknown,
): void {
  note(turn, 'ACCEPTED');
  turn.saga.data = step.keep(turn.saga.data, reply);
  turn.reached.push({ kind: 'passed', step: step.name });
  askFrom(turn, index + 1);
}

/** A "no" that no rule of the saga can deal with: said once to a person, not once per repeat. */
function stuck<State>(turn: Turn<State>, refusal: string): void {
  if (turn.saga.attention === refusal) return;
  note(turn, turn.saga.direction === 'undo' ? 'UNDO_REFUSED' : 'REFUSED', refusal);
  needsAttention(turn, refusal);
}

function overdue<State>(turn: Turn<State>): void {
  const { step, index } = awaited(turn.definition, turn.saga);
  const { now, timings } = turn.clock;
  if (canBeGivenUp(step, turn.saga.direction)) {
    if (givesUpAt(turn) <= now) {
      note(turn, 'GAVE_UP_WAITING', turn.definition.abandonedAs);
      // The unanswered step may have happened, or may yet: it is undone with the others.
      const pivot = pivotAhead(turn.definition, turn.saga);
      turnBack(turn, turn.definition.abandonedAs, null, pivot === undefined ? index : index + 1);
      return;
    }
  } else if (turn.saga.attempt >= timings.maxAttempts && turn.saga.state !== 'NEEDS_ATTENTION') {
    needsAttention(turn, 'unanswered');
  }
  askAgain(turn, { giveUpClockRestarts: false });
}

function canBeGivenUp(step: SagaStep<unknown>, direction: Direction): boolean {
  return step.kind === 'undoable' && direction === 'do';
}

function givesUpAt<State>({ saga, clock }: Turn<State>): Date {
  return after(saga.firstAskedAt ?? clock.now, clock.timings.giveUpAfterMs);
}

function turnBack<State>(
  turn: Turn<State>,
  code: string,
  detail: RefusalDetail | null,
  from: number,
): void {
  turn.saga.state = 'COMPENSATING';
  turn.saga.refusal = { code, detail };
  undoFrom(turn, from);
}

/** The pivot could not be withdrawn, because it happened: it says so once more when asked. */
function turnForward<State>(turn: Turn<State>, pivot: SagaStep<State>, refusal: string): void {
  if (turn.saga.state === 'NEEDS_ATTENTION') resume(turn);
  note(turn, 'UNDO_REFUSED', refusal);
  turn.saga.state = 'RUNNING';
  turn.saga.refusal = null;
  ask(turn, pivot, 'do');
}

function needsAttention<State>(turn: Turn<State>, reason: string): void {
  note(turn, 'NEEDS_ATTENTION', reason);
  turn.saga.state = 'NEEDS_ATTENTION';
  turn.saga.attention = reason;
  turn.saga.nextAskAt = after(turn.clock.now, pauseMs(turn, turn.saga.attempt));
}

function resume<State>(turn: Turn<State>): void {
  note(turn, 'RESUMED');
  turn.saga.state = turn.saga.direction === 'do' ? 'RUNNING' : 'COMPENSATING';
  turn.saga.attention = null;
}

function askFrom<State>(turn: Turn<State>, index: number): void {
  const step = turn.definition.steps[index];
  if (step === undefined) end(turn, 'COMPLETED');
  else ask(turn, step, 'do');
}

/** Undoes the step at `index`, and after its answer those before it; below zero all is undone. */
function undoFrom<State>(turn: Turn<State>, index: number): void {
  const step = turn.definition.steps[index];
  if (step === undefined) end(turn, 'COMPENSATED');
  else ask(turn, step, 'undo');
}

function ask<State>(turn: Turn<State>, step: SagaStep<State>, direction: Direction): void {
  const { saga } = turn;
  const id = commandIdOf(saga.id, step.name, direction);
  const { now, timings } = turn.clock;
  saga.step = step.name;
  saga.direction = direction;
  saga.attempt = 1;
  saga.messageId = id;
  saga.firstAskedAt = now;
  saga.nextAskAt = after(now, timings.askAgainAfterMs);
  note(turn, direction === 'do' ? 'ASKED' : 'UNDO_ASKED');
  turn.asks.push(commandOf(id, step, direction, saga.data));
}

function askAgain<State>(turn: Turn<State>, options: { giveUpClockRestarts: boolean }): void {
  const { saga } = turn;
  const { now } = turn.clock;
  saga.attempt += 1;
  if (options.giveUpClockRestarts) saga.firstAskedAt = now;
  const nextAskAt = after(now, pauseMs(turn, saga.attempt));
  const { step } = awaited(turn.definition, saga);
  // Giving up is not put off by the pause that happens to run when its time comes.
  const last = canBeGivenUp(step, saga.direction) ? givesUpAt(turn) : nextAskAt;
  saga.nextAskAt = last < nextAskAt ? last : nextAskAt;
  note(turn, saga.direction === 'do' ? 'ASKED_AGAIN' : 'UNDO_ASKED_AGAIN');
  turn.asks.push(...outstanding(turn.definition, saga));
}

function pauseMs<State>(turn: Turn<State>, attempt: number): number {
  const { timings } = turn.clock;
  if (turn.saga.state === 'NEEDS_ATTENTION') {
    const doublings = Math.max(0, attempt - timings.maxAttempts - 1);
    const doubled = timings.attentionAskAgainAfterMs * 2 ** doublings;
    return Math.min(doubled, timings.attentionAskAgainAfterAtMostMs);
  }
  return Math.min(timings.askAgainAfterMs * 2 ** (attempt - 1), timings.askAgainAfterAtMostMs);
}

function end<State>(turn: Turn<State>, state: 'COMPLETED' | 'COMPENSATED'): void {
  const { saga } = turn;
  saga.state = state;
  saga.step = null;
  saga.attempt = 0;
  saga.messageId = null;
  saga.firstAskedAt = null;
  saga.nextAskAt = null;
  note(turn, state);
  turn.reached.push({ kind: state === 'COMPLETED' ? 'completed' : 'compensated' });
}

function note<State>(turn: Turn<State>, event: SagaEvent, reason: string | null = null): void {
  const { step, messageId, attempt } = turn.saga;
  turn.saga.logLength += 1;
  const sequence = turn.saga.logLength;
  turn.log.push({ sequence, at: turn.clock.now, step, event, messageId, attempt, reason });
}

function after(now: Date, pause: number): Date {
  return new Date(now.getTime() + pause);
}

function turnOf<State>(
  definition: SagaDefinition<State>,
  clock: Clock,
  saga: SagaInstance<State>,
): Turn<State> {
  return { definition, clock, saga: { ...saga }, asks: [], log: [], reached: [] };
}

function result<State>(turn: Turn<State>): Advance<State> {
  const { saga, asks, log, reached } = turn;
  return { next: saga, asks, log, reached, stale: false };
}
