// @ts-check
import { createServer, connect } from 'node:net';

const LOOPBACK = '127.0.0.1';

/**
 * Whether nobody listens on a loopback port. Somebody may take it a moment later: whoever uses it
 * still has to cope with that.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, LOOPBACK, () => probe.close(() => resolve(true)));
  });
}

/**
 * Distinct free ports: the preferred ones where they are free, others elsewhere. All are held open
 * until the last is known, so that no port is given twice.
 * @param {readonly (number | undefined)[]} preferred undefined stands for "any"
 * @returns {Promise<number[]>}
 */
export async function choosePorts(preferred) {
  /** @type {import('node:net').Server[]} */
  const held = [];
  try {
    const ports = [];
    for (const port of preferred) {
      const server = (port !== undefined && (await hold(port))) || (await hold(0));
      if (!server) throw new Error('This machine has no free port left.');
      held.push(server);
      ports.push(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
    }
    return ports;
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

/**
 * @param {number} port
 * @returns {Promise<import('node:net').Server | undefined>}
 */
function hold(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, LOOPBACK, () => resolve(server));
  });
}

/**
 * Whether something accepts connections on a port.
 * @param {number} port
 * @param {string} [host]
 * @returns {Promise<boolean>}
 */
export function accepts(port, host = LOOPBACK) {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 1_000 });
    /** @param {boolean} answer */
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}
