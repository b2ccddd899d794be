import {
  refused,
  type AskableContract,
  type Outcome,
  type Refused,
  type RefusalDetail,
} from '@encore/contracts';
import type { Reservation } from './reservation.js';

/**
 * What to answer, and the reservation as it is afterwards: the very same object when nothing
 * changed.
 */
export interface Decision<C extends AskableContract> {
  readonly outcome: Outcome<C>;
  readonly next: Reservation | undefined;
}

/** A refusal, which by its nature changes nothing. */
export function unchanged<Refusal extends string>(
  reservation: Reservation | undefined,
  refusal: Refusal,
  detail?: RefusalDetail,
): { outcome: Refused<Refusal>; next: Reservation | undefined } {
  return { outcome: refused(refusal, detail), next: reservation };
}
