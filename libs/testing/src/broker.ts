import { randomBytes } from 'node:crypto';
import { DEFAULT_LIMITS, Topology } from '@encore/messaging';
import { connect } from 'amqplib';
import { serverUrl } from './servers.js';

export interface TestBroker {
  readonly url: string;
  /** Stands before the name of every queue and exchange, so that tests do not hear each other. */
  readonly prefix: string;
  /** Deletes what services under this prefix have declared. */
  cleanup(): Promise<void>;
}

/** A corner of the real broker for one test file. */
export function testBroker(): TestBroker {
  const url = serverUrl('AMQP_URL');
  const prefix = `test-${randomBytes(5).toString('hex')}.`;
  return { url, prefix, cleanup: () => removeAll(url, prefix) };
}

async function removeAll(url: string, prefix: string): Promise<void> {
  const topology = new Topology({ prefix, retryDelaysMs: DEFAULT_LIMITS.retryDelaysMs });
  const connection = await connect(url);
  try {
    const channel = await connection.createChannel();
    // Deleting what was never declared is allowed.
    for (const queue of topology.queues.keys()) await channel.deleteQueue(queue);
    for (const exchange of topology.exchanges.keys()) await channel.deleteExchange(exchange);
  } finally {
    await connection.close();
  }
}
