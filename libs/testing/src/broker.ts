import { randomBytes } from 'node:crypto';
import { SERVICES } from '@encore/contracts';
import { connect } from 'amqplib';
import { serverUrl } from './servers.js';

export interface TestBroker {
  readonly url: string;
  /** Stands before the name of every queue and exchange, so that tests do not hear each other. */
  readonly prefix: string;
  /** Deletes what services under this prefix have declared. */
  cleanup(): Promise<void>;
}

/** At least as many as the retry ladder has; deleting what is not there is allowed. */
const RETRY_LEVELS = 12;
const ROLES = ['requests', 'commands', 'replies', 'events', 'parked'];
const RETRY_NAMES = Array.from({ length: RETRY_LEVELS }, (_, index) => `encore.retry.${index + 1}`);
const EXCHANGES = ['encore.events', 'encore.beacons', 'encore.retry-return', ...RETRY_NAMES];

/** A corner of the real broker for one test file. */
export function testBroker(options: { services?: readonly string[] } = {}): TestBroker {
  const url = serverUrl('AMQP_URL');
  const prefix = `test-${randomBytes(5).toString('hex')}.`;
  return {
    url,
    prefix,
    cleanup: () => removeAll(url, prefix, options.services ?? SERVICES),
  };
}

async function removeAll(url: string, prefix: string, services: readonly string[]): Promise<void> {
  const connection = await connect(url);
  try {
    const channel = await connection.createChannel();
    const queues = services.flatMap((service) => ROLES.map((role) => `${service}.${role}`));
    queues.push(...RETRY_NAMES);
    await Promise.all(queues.map((queue) => channel.deleteQueue(`${prefix}${queue}`)));
    await Promise.all(EXCHANGES.map((exchange) => channel.deleteExchange(`${prefix}${exchange}`)));
  } finally {
    await connection.close();
  }
}
