import type { RefusalDetail, SagaLogEntry, SagaState } from '@encore/contracts';
import type { Direction } from './saga-id.js';
import type { Ask } from './define-saga.js';

export type SagaEvent = SagaLogEntry['event'];

/** One saga as it stands: everything `advance` needs to know, all of it stored in one row. */
export interface SagaInstance<State> {
  readonly id: string;
  readonly definition: string;
  readonly state: SagaState;
  /** The step whose answer is awaited, by name; null at the end. */
  readonly step: string | null;
  /** Whether that step is being done or undone. */
  readonly direction: Direction;
  /** How often the awaited step was asked; 0 at the end. */
  readonly attempt: number;
  readonly data: State;
  /** The refusal that turned the saga back; null while it goes forward. */
  readonly refusal: { readonly code: string; readonly detail: RefusalDetail | null } | null;
  /** Why a person should look; null unless NEEDS_ATTENTION. */
  readonly attention: string | null;
  /** The id of the command whose answer is awaited; null at the end. */
  readonly messageId: string | null;
  /** When the awaited step was first asked: giving up counts from here. */
  readonly firstAskedAt: Date | null;
  /** When the awaited step is asked again; null at the end. */
  readonly nextAskAt: Date | null;
  /** The sequence of the latest log entry. */
  readonly logLength: number;
}

/** One line of a saga's log; the contract's shape with the time as a date. */
export interface LogEntry {
  readonly sequence: number;
  readonly at: Date;
  readonly step: string | null;
  readonly event: SagaEvent;
  readonly messageId: string | null;
  readonly attempt: number;
  readonly reason: string | null;
}

export interface SagaCommand extends Ask {
  readonly id: string;
}

/** What a saga has come to, for those who must store or tell it in the same transaction. */
export type Milestone =
  | { readonly kind: 'passed'; readonly step: string }
  | { readonly kind: 'completed' }
  | { readonly kind: 'compensated' };

/** When to ask again, give up and call a person. */
export interface SagaTimings {
  /** The first pause before an unanswered step is asked again; doubles each time. */
  readonly askAgainAfterMs: number;
  /** The longest such pause. */
  readonly askAgainAfterAtMostMs: number;
  /** How long an undoable step may stay unanswered before the saga turns back. */
  readonly giveUpAfterMs: number;
  /** Asked so often without an answer, whatever can't be given up needs attention. */
  readonly maxAttempts: number;
  /** The first pause between asks of a saga that needs attention; doubles each time. */
  readonly attentionAskAgainAfterMs: number;
  /** The longest such pause: each ask that nobody can handle leaves one more parked message. */
  readonly attentionAskAgainAfterAtMostMs: number;
}

export const DEFAULT_TIMINGS: SagaTimings = {
  askAgainAfterMs: 3_000,
  askAgainAfterAtMostMs: 30_000,
  giveUpAfterMs: 60_000,
  maxAttempts: 12,
  attentionAskAgainAfterMs: 60_000,
  attentionAskAgainAfterAtMostMs: 3_600_000,
};

/** Nothing is awaited any more. */
export function hasEnded(saga: SagaInstance<unknown>): boolean {
  return saga.state === 'COMPLETED' || saga.state === 'COMPENSATED';
}

/** What the outside sees as the reason of where a saga stands. */
export function reasonOf(saga: SagaInstance<unknown>): string | null {
  return saga.attention ?? saga.refusal?.code ?? null;
}
