// @ts-check
// Starts a peer made of services over the broker: a database and a queue for each, and a gateway.
import { randomBytes } from 'node:crypto';
import amqplib from 'amqplib';
import { PeerDatabases } from './databases.mjs';
import { paymentRequestOf } from './payment-request.mjs';
import { buildPrograms, Programs } from './programs.mjs';
import { PRICE_KRW } from './schema.mjs';

const SERVICES = /** @type {const} */ (['queue', 'concert', 'reservation', 'wallet', 'payment']);

/**
 * @param {string} peer
 * @param {import('../../harness/payers.mjs').StartOptions} options
 * @returns {Promise<import('../../harness/payers.mjs').Running>}
 */
export async function startServices(peer, { postgresUrl, amqpUrl, directory, payments }) {
  buildPrograms();
  const prefix = `bench_${peer}_${randomBytes(4).toString('hex')}`;
  const databases = new PeerDatabases(postgresUrl, prefix, SERVICES, payments);
  const programs = new Programs(peer, directory);
  const stop = async () => {
    await programs.stop();
    await deleteQueues(amqpUrl, prefix);
    await databases.drop();
  };
  try {
    await databases.create();
    const common = { AMQP_URL: amqpUrl, QUEUE_PREFIX: prefix, PRICE_KRW: String(PRICE_KRW) };
    const starting = SERVICES.map((service) =>
      programs.start(service, { ...common, DATABASE_URL: databases.urlOf(service) }),
    );
    await Promise.all(starting);
    const { port } = await programs.start('gateway', common);
    return {
      url: `http://127.0.0.1:${port}`,
      processes: programs.processes,
      requestOf: paymentRequestOf,
      check: (expected) => databases.check(expected),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {string} amqpUrl
 * @param {string} prefix
 */
async function deleteQueues(amqpUrl, prefix) {
  const connection = await amqplib.connect(amqpUrl);
  const channel = await connection.createChannel();
  for (const service of SERVICES) await channel.deleteQueue(`${prefix}.${service}`);
  await connection.close();
}
