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

const ROLES = ['requests', 'commands', 'replies', 'events', 'parked'];
/** At least as many as the retry ladder has; deleting a queue that is not there is allowed. */
const RETRY_LEVELS = 10;
const EXCHANGES = ['encore.events', 'encore.retry', 'encore.origin'];

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
    for (let level = 0; level < RETRY_LEVELS; level += 1) queues.push(`encore.retry.${level}`);
    await Promise.all(queues.map((queue) => channel.deleteQueue(`${prefix}${queue}`)));
    await Promise.all(EXCHANGES.map((exchange) => channel.deleteExchange(`${prefix}${exchange}`)));
  } finally {
    await connection.close();
  }
}
