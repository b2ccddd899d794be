import { z } from 'zod';
import { query, SERVICES, type ServiceName } from './define.js';

function pingOf(service: ServiceName) {
  return query(service, 'Ping', {
    summary: `Answers at once when the ${service} service can be asked.`,
    payload: z.object({}),
    reply: z.object({ version: z.string() }),
    refusals: [],
  });
}

/** One `Ping` per service: how the gateway's readiness knows that a service can be asked. */
export const PINGS = Object.fromEntries(
  SERVICES.map((service) => [service, pingOf(service)]),
) as Record<ServiceName, ReturnType<typeof pingOf>>;
