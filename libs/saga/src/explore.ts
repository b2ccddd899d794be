import { deepEqual, equal, ok } from 'node:assert/strict';
import { accepted, refused } from '@encore/contracts';
import { advance, begin, type Advance, type SagaSignal } from './advance.js';
import { pivotAhead } from './awaited.js';
import { isWithdrawable, type SagaDefinition } from './define-saga.js';
import { foldLog } from './fold-log.js';
import {
  hasEnded,
  reasonOf,
  type LogEntry,
  type SagaInstance,
  type SagaTimings,
} from './instance.js';
import { commandIdOf, newSagaId } from './saga-id.js';

/** Short, so that every wait of the saga is reached within a few signals. */
const TIMINGS: SagaTimings = {
  askAgainAfterMs: 1,
  askAgainAfterAtMostMs: 1,
  giveUpAfterMs: 3,
  maxAttempts: 2,
  attentionAskAgainAfterMs: 1,
  attentionAskAgainAfterAtMostMs: 1,
};
/** Far above what a saga of ten steps needs; reaching it means that something never settles. */
const NODES_MAX = 100_000;

/** A place a saga can be in, with the path on which it was first reached. */
interface Node<State> {
  readonly saga: SagaInstance<State>;
  readonly log: readonly LogEntry[];
  readonly now: Date;
}

/**
 * Walks through every place a saga can get to, breadth-first, by every signal in every order: yes,
 * no, silence, restart, and the late answer to anything ever asked, or asked by a process that died
 * before it could write that down. Throws where a promise is broken; returns the number of places.
 */
export function explore<State>(
  definition: SagaDefinition<State>,
  start: State,
  replyTo: (step: string) => unknown,
): number {
  const now = new Date(0);
  const begun = begin(definition, { id: newSagaId(0), data: start }, { now, timings: TIMINGS });
  const first: Node<State> = { saga: begun.next, log: begun.log, now };
  const open = [first];
  const seen = new Set([keyOf(first)]);
  for (let node = open.shift(); node !== undefined; node = open.shift()) {
    for (const signal of signalsTo(definition, node, replyTo)) {
      const next = follow(definition, node, signal);
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(next);
      ok(seen.size <= NODES_MAX, 'the saga never settles');
    }
  }
  return seen.size;
}

function signalsTo<State>(
  definition: SagaDefinition<State>,
  { saga, log }: Node<State>,
  replyTo: (step: string) => unknown,
): SagaSignal[] {
  const ahead = pivotAhead(definition, saga);
  const answers = definition.steps.flatMap((step) => {
    const said = (event: LogEntry['event']) =>
      log.some((entry) => entry.event === event && entry.step === step.name);
    const yes = accepted(replyTo(step.name));
    return [
      ...(said('ASKED') || step === ahead
        ? [{ id: commandIdOf(saga.id, step.name, 'do'), yes }]
        : []),
      ...(said('UNDO_ASKED')
        ? [{ id: commandIdOf(saga.id, step.name, 'undo'), yes: accepted({}) }]
        : []),
    ];
  });
  return [
    { kind: 'deadline' },
    { kind: 'restart' },
    ...answers.flatMap(({ id, yes }) => [
      { kind: 'answer' as const, messageId: id, outcome: yes },
      { kind: 'answer' as const, messageId: id, outcome: refused('NO') },
    ]),
  ];
}

function follow<State>(
  definition: SagaDefinition<State>,
  { saga, log, now }: Node<State>,
  signal: SagaSignal,
): Node<State> {
  const later = signal.kind === 'deadline' ? (saga.nextAskAt ?? now) : now;
  const advanced = advance(definition, saga, signal, { now: later, timings: TIMINGS });
  const next = { saga: advanced.next, log: [...log, ...advanced.log], now: later };
  keepsItsPromises(definition, next, advanced);
  if (hasEnded(saga)) deepEqual(advanced.next, saga);
  return next;
}

function keepsItsPromises<State>(
  definition: SagaDefinition<State>,
  { saga, log }: Node<State>,
  advanced: Advance<State>,
): void {
  const { state, step, attempt } = saga;
  deepEqual(foldLog(log), { state, step, attempt, reason: reasonOf(saga) });
  advanced.asks.forEach((ask) => equal(ask.id, saga.messageId));

  const names = (event: LogEntry['event']) =>
    log.filter((entry) => entry.event === event).map((entry) => entry.step);
  const passed = names('ACCEPTED');
  const pivot = definition.steps.find((one) => one.kind === 'pivot')?.name ?? '';
  const undoAsked = names('UNDO_ASKED');
  const withdrawn = undoAsked.filter((name) => name === pivot);
  const undone = undoAsked.filter((name) => name !== pivot);
  if (passed.includes(pivot)) deepEqual(undone, [], 'undone past the point of no return');
  if (state === 'COMPLETED') ok(passed.includes(pivot), 'completed without its pivot');
  if (state !== 'COMPENSATED') return;
  // Every step that was done, or may have been because nobody answered, and none besides; what may
  // have led to the pivot only after that was withdrawn, or has said itself that it did not happen.
  const mayBeDone = [...passed, ...names('GAVE_UP_WAITING')];
  deepEqual(undone, mayBeDone.reverse());
  const [first, ...further] = names('UNDONE');
  const isWithdrawn = first === pivot;
  deepEqual(isWithdrawn ? further : names('UNDONE'), undone);
  deepEqual(withdrawn, mayHaveLedTo(definition, names('GAVE_UP_WAITING')) ? [pivot] : []);
  ok(isWithdrawn || withdrawn.length === 0 || names('REFUSED').includes(pivot), 'not withdrawn');
}

function mayHaveLedTo<State>(
  { steps }: SagaDefinition<State>,
  givenUp: readonly (string | null)[],
): boolean {
  return steps.some(
    ({ name }, index) => givenUp.includes(name) && isWithdrawable(steps[index + 1]),
  );
}

/** Two places are one when they differ in nothing that decides how the saga goes on. */
function keyOf<State>({ saga, log, now }: Node<State>): string {
  const { state, step, direction, attention, refusal } = saga;
  const attempt = Math.min(saga.attempt, TIMINGS.maxAttempts + 1);
  const waitedMs = now.getTime() - (saga.firstAskedAt ?? now).getTime();
  const passed = log.filter((entry) => entry.event === 'ACCEPTED').length;
  const waited = Math.min(waitedMs, TIMINGS.giveUpAfterMs);
  return JSON.stringify([
    state,
    step,
    direction,
    attention,
    refusal?.code,
    attempt,
    waited,
    passed,
  ]);
}
