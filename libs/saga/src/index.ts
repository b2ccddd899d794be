export {
  defineSaga,
  finish,
  message,
  pivot,
  step,
  unhurried,
  type Ask,
  type CommandContract,
  type SagaDefinition,
  type SagaStep,
} from './define-saga.js';
export {
  DEFAULT_TIMINGS,
  hasEnded,
  reasonOf,
  type LogEntry,
  type Milestone,
  type SagaCommand,
  type SagaInstance,
  type SagaTimings,
} from './instance.js';
export { advance, begin, type Advance, type SagaSignal } from './advance.js';
export { outstanding } from './awaited.js';
export { commandIdOf, newSagaId, sagaIdOf } from './saga-id.js';
export { foldLog, type FoldedSaga } from './fold-log.js';
export { Conversation } from './conversation.js';
export { sagaLaws, type SagaExamples, type SagaLaw } from './laws.js';
export { sagaMigrations } from './migrations.js';
export {
  SagaRunner,
  type MilestoneHook,
  type RegisteredSaga,
  type SagaMilestones,
  type SagaRunnerParts,
  type SagaStart,
} from './saga.runner.js';
export { SagaReader, type SagaCount, type SagaFilter } from './saga.reader.js';
export type { SagaOrigin, SagaRecord, StoredSaga } from './saga.store.js';
