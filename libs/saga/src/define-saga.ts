import type { Contract, PayloadOf, ReplyOf } from '@encore/contracts';
import { commandIdOf, newSagaId, type Direction } from './saga-id.js';

export type CommandContract = Contract<'command'>;

/** A command a saga wants sent: which one, and what it says. */
export interface Ask<C extends CommandContract = CommandContract> {
  readonly contract: C;
  readonly payload: PayloadOf<C>;
  /** Nobody waits for it: it may leave a little later, together with others like it. */
  readonly unhurried?: true | undefined;
}

/** Pairs a command with its payload, checked against the contract by the compiler. */
export function message<C extends CommandContract>(contract: C, payload: PayloadOf<C>): Ask<C> {
  return { contract, payload };
}

/** The same, as one that nobody waits for. */
export function unhurried<C extends CommandContract>(ask: Ask<C>): Ask<C> {
  return { contract: ask.contract, payload: ask.payload, unhurried: true };
}

interface Step<Kind extends string, State> {
  readonly kind: Kind;
  /** Unique in its saga and stored with it: renaming a step is a breaking change. */
  readonly name: string;
  ask(state: State): Ask;
  /** The state with what must be remembered of the reply; throws when the reply is malformed. */
  keep(state: State, reply: unknown): State;
}

/** Before the point of no return: refused or unanswered for too long, the saga turns back. */
export interface UndoableStep<State> extends Step<'undoable', State> {
  /** Succeeds also when the do never happened or is still on its way. */
  undo(state: State): Ask;
}

/** The point of no return: a refusal turns the saga back, silence never does. */
export interface PivotStep<State> extends Step<'pivot', State> {
  /**
   * Takes the pivot back, whether it was asked or not: yes means that it never happens, no that it
   * has. With it, the pivot may be asked before the yes to the step before it is stored: that yes
   * is told again to whoever asks again, and nothing of it is kept. A saga that gives up that step
   * withdraws the pivot first.
   */
  withdraw?(state: State): Ask;
}

/** After the point of no return: only ever asked again. */
export interface FinishingStep<State> extends Step<'finishing', State> {
  /** True: a refusal needs a person. False: it is logged and the saga goes on. */
  readonly mustSucceed: boolean;
}

export type SagaStep<State> = UndoableStep<State> | PivotStep<State> | FinishingStep<State>;

export function isWithdrawable<State>(
  step: SagaStep<State> | undefined,
): step is PivotStep<State> & Required<Pick<PivotStep<State>, 'withdraw'>> {
  return step?.kind === 'pivot' && step.withdraw !== undefined;
}

export interface SagaDefinition<State> {
  readonly name: string;
  /** In the order they are asked: undoable ones, the pivot, finishing ones. */
  readonly steps: readonly SagaStep<State>[];
  /** The refusal a caller hears when an undoable step stayed unanswered. */
  readonly abandonedAs: string;
}

interface StepParts<State, C extends CommandContract> {
  ask: (state: NoInfer<State>) => Ask<C>;
  keep?: (state: NoInfer<State>, reply: ReplyOf<C>) => NoInfer<State>;
}

/** `keep` with the reply checked by the contract of what was asked, so a bad reply is a fault. */
function keeper<State, C extends CommandContract>(parts: StepParts<State, C>) {
  return (state: State, reply: unknown): State => {
    if (parts.keep === undefined) return state;
    const { contract } = parts.ask(state);
    return parts.keep(state, contract.reply.parse(reply) as ReplyOf<C>);
  };
}

export function step<State, C extends CommandContract>(
  name: string,
  parts: StepParts<State, C> & { undo: (state: NoInfer<State>) => Ask },
): UndoableStep<State> {
  return { kind: 'undoable', name, ask: parts.ask, keep: keeper(parts), undo: parts.undo };
}

export function pivot<State, C extends CommandContract>(
  name: string,
  parts: StepParts<State, C> & { withdraw?: (state: NoInfer<State>) => Ask },
): PivotStep<State> {
  const { ask, withdraw } = parts;
  const step: PivotStep<State> = { kind: 'pivot', name, ask, keep: keeper<State, C>(parts) };
  return withdraw === undefined ? step : { ...step, withdraw };
}

export function finish<State, C extends CommandContract>(
  name: string,
  parts: StepParts<State, C> & { mustSucceed?: boolean },
): FinishingStep<State> {
  const mustSucceed = parts.mustSucceed ?? false;
  return { kind: 'finishing', name, ask: parts.ask, keep: keeper(parts), mustSucceed };
}

/**
 * A saga as data. The three kinds of step are three named places, so a wrong order cannot be
 * written. Throws at start-up when two commands of one saga would share an id.
 */
export function defineSaga<State>(
  name: string,
  parts: {
    undoable: readonly UndoableStep<State>[];
    pointOfNoReturn: PivotStep<State>;
    finishing: readonly FinishingStep<State>[];
    abandonedAs?: string;
  },
): SagaDefinition<State> {
  if (parts.undoable.length > 0 && parts.abandonedAs === undefined) {
    throw new Error(`saga ${name} can be given up and must say what its caller hears then`);
  }
  const steps = [...parts.undoable, parts.pointOfNoReturn, ...parts.finishing];
  const directions: Direction[] = ['do', 'undo'];
  const example = newSagaId();
  const ids = steps.flatMap((one) =>
    directions.map((direction) => commandIdOf(example, one.name, direction)),
  );
  if (new Set([example, ...ids]).size !== ids.length + 1) {
    throw new Error(`saga ${name} has two steps whose commands would share an id: rename one`);
  }
  return Object.freeze({ name, steps, abandonedAs: parts.abandonedAs ?? '' });
}
