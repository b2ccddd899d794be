// @ts-check
import { connect } from 'node:net';

const PROTOCOL_3 = 196_608;
const ANSWER_LIMIT_MS = 1_000;

/**
 * Asks a PostgreSQL for a session and reads the first letter of its answer, without any package:
 * "R" asks for the password, so it serves; "E" is an error, such as "the database system is
 * starting up".
 * @param {number} port
 * @returns {Promise<'serving' | 'starting' | 'silent'>}
 */
export function startupAnswer(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: ANSWER_LIMIT_MS });
    /** @param {'serving' | 'starting' | 'silent'} answer */
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => socket.write(startupPacket()));
    socket.once('data', (data) => finish(data[0] === 'R'.charCodeAt(0) ? 'serving' : 'starting'));
    socket.once('error', () => finish('silent'));
    socket.once('close', () => finish('silent'));
    socket.once('timeout', () => finish('silent'));
  });
}

function startupPacket() {
  const body = Buffer.from('user\0postgres\0database\0postgres\0\0', 'latin1');
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + body.length, 0);
  head.writeInt32BE(PROTOCOL_3, 4);
  return Buffer.concat([head, body]);
}
