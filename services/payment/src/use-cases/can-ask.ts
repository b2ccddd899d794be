import { PINGS } from '@encore/contracts';
import {
  OutcomeUnknownError,
  ServiceUnavailableError,
  type ServiceClient,
} from '@encore/messaging';

const ANSWER_MS = 1_000;

type Client = Pick<ServiceClient, 'ask' | 'interruptions'>;

/**
 * Tells whether commands would go out now and replies come in, and did ever since the last time it
 * said yes. A sweep may wait for the broker in the middle of its work and end when the broker is
 * back: whoever looked only at this moment would count the outage as the others' silence.
 */
export function canAskThrough(client: Client): () => Promise<boolean> {
  let known = client.interruptions;
  return async () => {
    const before = known;
    const isAnswered = await asksItself(client);
    known = client.interruptions;
    return isAnswered && known === before;
  };
}

/** Only what surely could not be sent says no; an answer that is late says nothing. */
async function asksItself(client: Client): Promise<boolean> {
  try {
    await client.ask(PINGS.payment, {}, { timeoutMs: ANSWER_MS, correlationId: 'sweep-sagas' });
    return true;
  } catch (error) {
    if (error instanceof ServiceUnavailableError) return false;
    if (error instanceof OutcomeUnknownError) return true;
    throw error;
  }
}
