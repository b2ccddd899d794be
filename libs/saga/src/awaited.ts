import {
  isWithdrawable,
  type Ask,
  type PivotStep,
  type SagaDefinition,
  type SagaStep,
} from './define-saga.js';
import type { SagaCommand, SagaInstance } from './instance.js';
import { commandIdOf, type Direction } from './saga-id.js';

/** The command a saga waits for, to be sent again under the same id; empty at the end. */
export function outstanding<State>(
  definition: SagaDefinition<State>,
  saga: SagaInstance<State>,
): SagaCommand[] {
  if (saga.messageId === null) return [];
  const { step } = awaited(definition, saga);
  return [commandOf(saga.messageId, step, saga.direction, saga.data)];
}

/** The pivot a saga goes on to when the awaited step says yes, if it can be withdrawn. */
export function pivotAhead<State>(
  definition: SagaDefinition<State>,
  saga: SagaInstance<State>,
): PivotStep<State> | undefined {
  if (saga.step === null || saga.direction !== 'do') return undefined;
  const next = definition.steps[awaited(definition, saga).index + 1];
  return isWithdrawable(next) ? next : undefined;
}

/** The pivot was asked because of a yes that is not stored. */
export function isAnswerToPivotAhead<State>(
  definition: SagaDefinition<State>,
  saga: SagaInstance<State>,
  messageId: string,
): boolean {
  const pivot = pivotAhead(definition, saga);
  return pivot !== undefined && messageId === commandIdOf(saga.id, pivot.name, 'do');
}

/** Throws when the row and the definition don't belong together. */
export function awaited<State>(
  definition: SagaDefinition<State>,
  saga: SagaInstance<State>,
): { step: SagaStep<State>; index: number } {
  const index = definition.steps.findIndex((one) => one.name === saga.step);
  const step = definition.steps[index];
  if (step === undefined) {
    throw new Error(`saga ${definition.name} has no step "${String(saga.step)}" (${saga.id})`);
  }
  return { step, index };
}

/** What is said to have a step done, or undone. */
export function commandOf<State>(
  id: string,
  step: SagaStep<State>,
  direction: Direction,
  data: State,
): SagaCommand {
  const { contract, payload, unhurried } = direction === 'do' ? step.ask(data) : undoOf(step, data);
  return { id, contract, payload, unhurried };
}

function undoOf<State>(step: SagaStep<State>, data: State): Ask {
  if (step.kind === 'undoable') return step.undo(data);
  if (isWithdrawable(step)) return step.withdraw(data);
  throw new Error(`step "${step.name}" cannot be undone`);
}
