// @ts-check
// Starts a peer that is one process with one database.
import { randomBytes } from 'node:crypto';
import { PeerDatabases } from './databases.mjs';
import { paymentRequestOf } from './payment-request.mjs';
import { buildPrograms, Programs } from './programs.mjs';
import { PRICE_KRW } from './schema.mjs';

/**
 * @param {string} peer
 * @param {import('../../harness/payers.mjs').StartOptions} options
 * @returns {Promise<import('../../harness/payers.mjs').Running>}
 */
export async function startSingle(peer, { postgresUrl, directory, payments }) {
  buildPrograms();
  const prefix = `bench_${peer.replaceAll('-', '_')}_${randomBytes(4).toString('hex')}`;
  const parts = /** @type {const} */ (['wallet', 'reservation', 'queue', 'payment']);
  const databases = new PeerDatabases(postgresUrl, prefix, [[...parts]], payments);
  const programs = new Programs(peer, directory);
  const stop = async () => {
    await programs.stop();
    await databases.drop();
  };
  try {
    await databases.create();
    const { port } = await programs.start('main', {
      DATABASE_URL: databases.urlOf('payment'),
      PRICE_KRW: String(PRICE_KRW),
    });
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
