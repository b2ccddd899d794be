import { PINGS } from '@encore/contracts';
import {
  OutcomeUnknownError,
  ServiceUnavailableError,
  type ServiceClient,
} from '@encore/messaging';

const ANSWER_MS = 1_000;

/**
 * Whether commands would go out now and replies come in: the service asks itself, through the
 * broker. Only what surely could not be sent says no; an answer that is late says nothing.
 */
export async function canAsk(client: Pick<ServiceClient, 'ask'>): Promise<boolean> {
  try {
    await client.ask(PINGS.payment, {}, { timeoutMs: ANSWER_MS, correlationId: 'sweep-sagas' });
    return true;
  } catch (error) {
    if (error instanceof ServiceUnavailableError) return false;
    if (error instanceof OutcomeUnknownError) return true;
    throw error;
  }
}
