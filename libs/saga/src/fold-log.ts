import type { SagaState } from '@encore/contracts';
import type { LogEntry } from './instance.js';

/** As much of a saga as its log alone tells. */
export interface FoldedSaga {
  readonly state: SagaState;
  readonly step: string | null;
  readonly attempt: number;
  readonly reason: string | null;
}

type Line = Pick<LogEntry, 'sequence' | 'step' | 'event' | 'attempt' | 'reason'>;

interface Folding {
  readonly state: SagaState;
  readonly step: string | null;
  readonly attempt: number;
  /** The latest refusal; a reason only once the saga has turned back because of it. */
  readonly refusal: string | null;
  readonly turnedBack: boolean;
  readonly attention: string | null;
}

const NOTHING: Folding = {
  state: 'RUNNING',
  step: null,
  attempt: 0,
  refusal: null,
  turnedBack: false,
  attention: null,
};

/**
 * The saga's state as its log tells it: what an auditor holds against the saga's row. Throws when
 * the log has a gap, or doesn't begin with the beginning.
 */
export function foldLog(log: readonly Line[]): FoldedSaga {
  let saga = NOTHING;
  log.forEach((line, position) => {
    if (line.sequence !== position + 1) {
      throw new Error(`log entry ${position + 1} is missing: found ${line.sequence}`);
    }
    if ((line.event === 'STARTED') !== (position === 0)) {
      throw new Error(`log entry ${line.sequence} is ${line.event}: a log starts once, at 1`);
    }
    saga = fold(saga, line);
  });
  const { state, step, attempt } = saga;
  return {
    state,
    step,
    attempt,
    reason: saga.attention ?? (saga.turnedBack ? saga.refusal : null),
  };
}

function fold(saga: Folding, line: Line): Folding {
  const asked = { step: line.step, attempt: line.attempt };
  const ended = { step: null, attempt: 0 };
  switch (line.event) {
    case 'STARTED':
    case 'ACCEPTED':
    case 'UNDONE':
    case 'UNDO_REFUSED':
      return saga;
    case 'ASKED':
      // Also after a pivot that could not be withdrawn: the saga goes forward again.
      return { ...saga, ...asked, state: 'RUNNING', turnedBack: false };
    case 'ASKED_AGAIN':
    case 'UNDO_ASKED_AGAIN':
      return { ...saga, ...asked };
    case 'REFUSED':
    case 'GAVE_UP_WAITING':
      return { ...saga, refusal: line.reason };
    case 'UNDO_ASKED':
      return { ...saga, ...asked, state: 'COMPENSATING', turnedBack: true };
    case 'NEEDS_ATTENTION':
      return { ...saga, state: 'NEEDS_ATTENTION', attention: line.reason };
    case 'RESUMED':
      return { ...saga, state: saga.turnedBack ? 'COMPENSATING' : 'RUNNING', attention: null };
    case 'COMPLETED':
      return { ...saga, ...ended, state: 'COMPLETED' };
    case 'COMPENSATED':
      return { ...saga, ...ended, state: 'COMPENSATED', turnedBack: true };
  }
}
