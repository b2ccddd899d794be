import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { accepted, refused } from '@encore/contracts';
import { Conversation } from './conversation.js';
import { isWithdrawable, type SagaDefinition, type SagaStep } from './define-saga.js';
import { explore } from './explore.js';
import { foldLog } from './fold-log.js';
import { hasEnded, reasonOf } from './instance.js';
import { commandIdOf, sagaIdOf } from './saga-id.js';

/** What the laws need to know of a saga: where it starts, and a good reply to every step. */
export interface SagaExamples<State> {
  readonly start: State;
  /** By step name; a step without one is answered with `{}`. */
  readonly replies: Readonly<Record<string, unknown>>;
}

export interface SagaLaw {
  /** A promise in the present tense: the title of a test. */
  readonly title: string;
  /** Throws an assertion error when the law is broken. */
  readonly check: () => void;
}

const NO = 'SOME_REFUSAL';

/**
 * What every saga owes its callers, whatever its steps are. A definition's spec runs them all:
 * `it.each(sagaLaws(…))('$title', ({ check }) => check())`.
 */
export function sagaLaws<State>(
  definition: SagaDefinition<State>,
  examples: SagaExamples<State>,
): SagaLaw[] {
  const laws = new Laws(definition, examples);
  const each = (kinds: SagaStep<State>['kind'][], title: string, check: (at: number) => void) =>
    definition.steps.flatMap((step, at) =>
      kinds.includes(step.kind)
        ? [{ title: title.replace('<step>', `"${step.name}"`), check: () => check(at) }]
        : [],
    );
  return [
    { title: 'completes when every step says yes', check: () => laws.completes() },
    {
      title: 'keeps its promises wherever answers, silence and restarts may lead it',
      check: () => laws.keepsItsPromisesEverywhere(),
    },
    { title: 'asks under distinct ids that lead back to it', check: () => laws.idsAreDistinct() },
    ...each(['undoable', 'pivot', 'finishing'], 'hears a repeated yes to <step> once', (at) =>
      laws.repeatedAnswersChangeNothing(at),
    ),
    ...each(['undoable', 'pivot', 'finishing'], 'asks again for <step> after a restart', (at) =>
      laws.restartAsksAgain(at),
    ),
    ...each(['undoable', 'pivot'], 'undoes what was done, in reverse, when <step> refuses', (at) =>
      laws.refusalUndoes(at),
    ),
    ...each(['undoable'], 'gives up an unanswered <step> and undoes it too', (at) =>
      laws.givingUpUndoes(at),
    ),
    ...each(['undoable'], 'asks a person when the undo of <step> stays unanswered', (at) =>
      laws.unansweredUndoNeedsAttention(at),
    ),
    ...each(['undoable'], 'asks a person when the undo of <step> is refused', (at) =>
      laws.refusedUndoNeedsAttention(at),
    ),
    ...each(['pivot', 'finishing'], 'never gives up <step>, and resumes by itself', (at) =>
      laws.neverGivesUp(at),
    ),
    ...each(['pivot'], 'says whether <step> happened by whether it can be withdrawn', (at) =>
      laws.withdrawalTells(at),
    ),
    ...each(
      ['pivot'],
      'hears the answer to <step> also before it has stored what led to it',
      (at) => laws.answerAheadIsHeard(at),
    ),
    ...each(['finishing'], 'never turns back when <step> refuses', (at) =>
      laws.refusedFinishNeverTurnsBack(at),
    ),
  ];
}

class Laws<State> {
  constructor(
    private readonly definition: SagaDefinition<State>,
    private readonly examples: SagaExamples<State>,
  ) {}

  completes(): void {
    const talk = this.until(this.definition.steps.length);
    equal(talk.saga.state, 'COMPLETED');
    deepEqual(
      talk.reached.map((one) => (one.kind === 'passed' ? one.step : one.kind)),
      [...this.definition.steps.map((step) => step.name), 'completed'],
    );
    this.tellsItsStory(talk);
  }

  idsAreDistinct(): void {
    const forward = this.until(this.definition.steps.length);
    const back = this.until(this.pivotAt());
    back.refuse(NO);
    this.acceptAll(back);
    for (const talk of [forward, back]) {
      const ids = talk.asks.map((ask) => ask.id);
      equal(new Set(ids).size, ids.length);
      ids.forEach((id) => equal(sagaIdOf(id), talk.saga.id));
    }
  }

  keepsItsPromisesEverywhere(): void {
    const { definition, examples } = this;
    const places = explore(definition, examples.start, (step) => examples.replies[step] ?? {});
    ok(places > definition.steps.length, 'nothing was explored');
  }

  repeatedAnswersChangeNothing(at: number): void {
    const talk = this.until(at);
    const id = talk.awaitedId();
    this.yes(talk);
    const before = talk.saga;
    const repeated = talk.answer(id, accepted(this.replyTo(at)));
    ok(repeated.stale);
    deepEqual(repeated.next, before);
    deepEqual([repeated.log, repeated.reached], [[], []]);
    deepEqual(
      repeated.asks.map((ask) => ask.id),
      before.messageId === null ? [] : [before.messageId],
    );
  }

  restartAsksAgain(at: number): void {
    const talk = this.until(at);
    const { messageId, state } = talk.saga;
    talk.now = new Date(talk.now.getTime() + 10 * talk.timings.giveUpAfterMs);
    const again = talk.restart();
    deepEqual([again.asks.length, again.asks[0]?.id], [1, messageId]);
    deepEqual(talk.asks.at(-1), talk.asks.at(-2));
    equal(talk.saga.state, state);
    this.tellsItsStory(talk);
  }

  refusalUndoes(at: number): void {
    const talk = this.until(at);
    talk.refuse(NO, { because: 'of the test' });
    deepEqual(this.acceptAll(talk), this.namesDownFrom(at - 1));
    equal(talk.saga.state, 'COMPENSATED');
    deepEqual(talk.saga.refusal, { code: NO, detail: { because: 'of the test' } });
    this.tellsItsStory(talk);
  }

  givingUpUndoes(at: number): void {
    const talk = this.until(at);
    const lateId = talk.awaitedId();
    talk.hearNothingUntilItActs();
    equal(talk.saga.state, 'COMPENSATING');
    const undoing = talk.saga;
    const late = talk.answer(lateId, accepted(this.replyTo(at)));
    deepEqual([late.stale, late.next], [true, undoing]);
    const mayHaveHappened = isWithdrawable(this.definition.steps[at + 1]) ? at + 1 : at;
    deepEqual(this.acceptAll(talk), this.namesDownFrom(mayHaveHappened));
    equal(talk.saga.state, 'COMPENSATED');
    equal(talk.saga.refusal?.code, this.definition.abandonedAs);
    notEqual(this.definition.abandonedAs, '');
    this.tellsItsStory(talk);
  }

  unansweredUndoNeedsAttention(at: number): void {
    const talk = this.undoing(at);
    const id = talk.awaitedId();
    talk.hearNothingUntilItActs();
    equal(talk.saga.state, 'NEEDS_ATTENTION');
    equal(talk.hearNothing().asks[0]?.id, id);
    this.tellsItsStory(talk);
    this.acceptAll(talk);
    equal(talk.saga.state, 'COMPENSATED');
    ok(talk.log.some((entry) => entry.event === 'RESUMED'));
    this.tellsItsStory(talk);
  }

  refusedUndoNeedsAttention(at: number): void {
    const talk = this.undoing(at);
    talk.refuse(NO);
    equal(talk.saga.state, 'NEEDS_ATTENTION');
    const stuck = talk.saga;
    const repeated = talk.refuse(NO);
    deepEqual([repeated.next, repeated.log, repeated.asks], [stuck, [], []]);
    this.tellsItsStory(talk);
    this.acceptAll(talk);
    equal(talk.saga.state, 'COMPENSATED');
    this.tellsItsStory(talk);
  }

  neverGivesUp(at: number): void {
    const talk = this.until(at);
    const id = talk.awaitedId();
    talk.hearNothingUntilItActs();
    equal(talk.saga.state, 'NEEDS_ATTENTION');
    for (let deadline = 0; deadline < 100; deadline += 1) {
      equal(talk.hearNothing().asks[0]?.id, id);
    }
    equal(talk.saga.state, 'NEEDS_ATTENTION');
    this.tellsItsStory(talk);
    this.acceptAll(talk);
    equal(talk.saga.state, 'COMPLETED');
    equal(talk.log.filter((entry) => entry.event === 'RESUMED').length, 1);
    this.tellsItsStory(talk);
  }

  withdrawalTells(at: number): void {
    const pivot = this.definition.steps[at];
    if (!isWithdrawable(pivot)) return;
    const talk = this.until(at - 1);
    talk.hearNothingUntilItActs();
    deepEqual([talk.saga.step, talk.saga.direction], [pivot.name, 'undo']);
    talk.hearNothingUntilItActs();
    equal(talk.saga.state, 'NEEDS_ATTENTION');
    talk.refuse(NO);
    const { state, step, direction, refusal, attention } = talk.saga;
    deepEqual([state, step, direction], ['RUNNING', pivot.name, 'do']);
    deepEqual([refusal, attention], [null, null]);
    this.tellsItsStory(talk);
    this.acceptAll(talk);
    equal(talk.saga.state, 'COMPLETED');
    this.tellsItsStory(talk);
  }

  answerAheadIsHeard(at: number): void {
    const pivot = this.definition.steps[at];
    if (!isWithdrawable(pivot)) return;
    const [talk, inOrder] = [this.until(at - 1), this.until(at)];
    this.yes(inOrder);
    const ahead = commandIdOf(talk.saga.id, pivot.name, 'do');
    const advanced = talk.answer(ahead, accepted(this.replyTo(at)));
    equal(advanced.stale, false);
    const asked = (one: Conversation<State>) => one.asks.at(-1)?.contract;
    deepEqual(asked(talk), asked(inOrder));
    deepEqual({ ...talk.saga, id: '', messageId: '' }, { ...inOrder.saga, id: '', messageId: '' });
    equal(advanced.asks.length, talk.saga.messageId === null ? 0 : 1);
    this.tellsItsStory(talk);
    const no = this.until(at - 1);
    no.answer(commandIdOf(no.saga.id, pivot.name, 'do'), refused(NO));
    deepEqual(this.acceptAll(no), this.namesDownFrom(at - 1));
    this.tellsItsStory(no);
  }

  refusedFinishNeverTurnsBack(at: number): void {
    const talk = this.until(at);
    const step = this.definition.steps[at];
    talk.refuse(NO);
    if (step?.kind === 'finishing' && step.mustSucceed) {
      equal(talk.saga.state, 'NEEDS_ATTENTION');
      this.tellsItsStory(talk);
    }
    this.acceptAll(talk);
    equal(talk.saga.state, 'COMPLETED');
    equal(reasonOf(talk.saga), null);
    this.tellsItsStory(talk);
  }

  /** Everything before step `at` has said yes, and step `at` was asked. */
  private until(at: number): Conversation<State> {
    const talk = new Conversation(this.definition, this.examples.start);
    for (let index = 0; index < at; index += 1) this.yes(talk);
    return talk;
  }

  /** The pivot refused and the undo of step `at` was asked. */
  private undoing(at: number): Conversation<State> {
    const talk = this.until(this.pivotAt());
    talk.refuse(NO);
    for (let index = this.pivotAt() - 1; index > at; index -= 1) this.yes(talk);
    return talk;
  }

  /** Yes to everything until the end; returns the steps that were answered, in order. */
  private acceptAll(talk: Conversation<State>): string[] {
    const steps: string[] = [];
    while (!hasEnded(talk.saga)) {
      steps.push(talk.saga.step ?? '');
      this.yes(talk);
      ok(steps.length <= this.definition.steps.length, 'the saga asks more than it has steps');
    }
    return steps;
  }

  private yes(talk: Conversation<State>): void {
    const at = this.definition.steps.findIndex((step) => step.name === talk.saga.step);
    talk.accept(talk.saga.direction === 'do' ? this.replyTo(at) : {});
  }

  private replyTo(at: number): unknown {
    return this.examples.replies[this.definition.steps[at]?.name ?? ''] ?? {};
  }

  private pivotAt(): number {
    return this.definition.steps.findIndex((step) => step.kind === 'pivot');
  }

  private namesDownFrom(at: number): string[] {
    return this.definition.steps
      .slice(0, at + 1)
      .map((step) => step.name)
      .reverse();
  }

  /** The log has no gaps and folds to the state; every command's payload keeps its contract. */
  private tellsItsStory(talk: Conversation<State>): void {
    const { state, step, attempt, logLength } = talk.saga;
    deepEqual(foldLog(talk.log), { state, step, attempt, reason: reasonOf(talk.saga) });
    equal(talk.log.length, logLength);
    talk.asks.forEach((ask) => ask.contract.payload.parse(ask.payload));
  }
}
