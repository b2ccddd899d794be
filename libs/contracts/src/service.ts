import { z } from 'zod';
import { query, SERVICES, type ServiceName } from './define.js';

function pingOf(service: ServiceName) {
  return query(service, 'Ping', {
    summary: `Answers at once when the ${service} service can be asked.`,
    actor: 'anyone',
    payload: z.object({}),
    reply: z.object({ version: z.string() }),
    refusals: [],
  });
}

/** One `Ping` per service: how the gateway's readiness knows that a service can be asked. */
export const PINGS = Object.fromEntries(
  SERVICES.map((service) => [service, pingOf(service)]),
) as Record<ServiceName, ReturnType<typeof pingOf>>;

function storedAnswerOf(service: ServiceName) {
  return query(service, 'ReadStoredAnswer', {
    summary: `What the ${service} service answered to a request of the one who asks, by its id.`,
    actor: 'identified',
    payload: z.object({ messageId: z.uuid() }),
    reply: z.object({
      /** Null when the one who asks made no such request, or longer ago than answers are kept. */
      request: z
        .object({
          /** The wire name of the request. */
          type: z.string(),
          fingerprint: z.string().nullable(),
          /** The outcome as its contract describes it; null while the answer is still to come. */
          outcome: z.unknown(),
        })
        .nullable(),
    }),
    refusals: [],
  });
}

/**
 * One `ReadStoredAnswer` per service: how the gateway gives an answer again to who may not ask any
 * more, because what shut the door (a payment that used the entry up) was that very request.
 */
export const STORED_ANSWERS = Object.fromEntries(
  SERVICES.map((service) => [service, storedAnswerOf(service)]),
) as Record<ServiceName, ReturnType<typeof storedAnswerOf>>;
