import type { Cause } from '@encore/messaging';
import type { SagaRecord } from '@encore/saga';

/**
 * What caused a batch of events. Events of one batch share their cause, so only a batch of one can
 * name it: exactly the quiet system in which somebody follows a single trace.
 */
export function causeOf(sagas: readonly SagaRecord[]): Cause {
  const [only, another] = sagas;
  if (only === undefined || another !== undefined) return {};
  const { correlationId, requestMessageId, traceparent } = only.origin;
  const cause = { correlationId, causationId: requestMessageId };
  return traceparent === null ? cause : { ...cause, traceparent };
}
