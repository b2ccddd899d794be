// @ts-check
// Clients that take a place at a server and are never done with their request.
import { connect } from 'node:net';

/** The ways to be slow, each as the bytes it begins with; after them comes a byte now and then. */
const BEGINNINGS = [
  // Says nothing at all.
  undefined,
  // Its headers never end.
  'GET /v1/concerts HTTP/1.1\r\nHost: slow\r\nX-Slow: ',
  // Its body never ends.
  'POST /v1/tokens HTTP/1.1\r\nHost: slow\r\nContent-Type: application/json\r\n' +
    'Content-Length: 10000\r\n\r\n{"userId": ',
];
const A_BYTE_EVERY_MS = 500;

/** A number of slow clients, all three kinds in turns. */
export class SlowSockets {
  /** @type {Set<import('node:net').Socket>} */
  #open = new Set();
  /** @type {Set<import('node:net').Socket>} */
  #talking = new Set();
  #cutOff = 0;
  #opened = 0;
  #port;
  #insists;
  #trickling;

  /**
   * @param {string} gateway its URL
   * @param {{ insists?: boolean }} [options] whether one that is cut off comes again
   */
  constructor(gateway, { insists = false } = {}) {
    this.#port = Number(new URL(gateway).port);
    this.#insists = insists;
    this.#trickling = setInterval(() => this.#trickle(), A_BYTE_EVERY_MS);
  }

  /** How many are connected. */
  get open() {
    return this.#open.size;
  }

  /** How many were hung up on so far. */
  get cutOff() {
    return this.#cutOff;
  }

  /**
   * Resolves when so many more are connected.
   * @param {number} count
   */
  async add(count) {
    await Promise.all(Array.from({ length: count }, () => this.#connect()));
  }

  /** Hangs up everywhere. */
  release() {
    clearInterval(this.#trickling);
    this.#insists = false;
    for (const socket of this.#open) socket.destroy();
  }

  /** @returns {Promise<void>} */
  #connect() {
    const beginning = BEGINNINGS[this.#opened++ % BEGINNINGS.length];
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.#port, host: '127.0.0.1' });
      socket.once('connect', () => {
        this.#open.add(socket);
        if (beginning !== undefined) {
          socket.write(beginning);
          this.#talking.add(socket);
        }
        resolve();
      });
      // Whatever it is told, it does not care.
      socket.resume();
      socket.on('error', reject);
      socket.once('close', () => this.#closed(socket));
    });
  }

  /** @param {import('node:net').Socket} socket */
  #closed(socket) {
    this.#talking.delete(socket);
    if (!this.#open.delete(socket)) return;
    this.#cutOff += 1;
    if (this.#insists) this.#connect().catch(() => this.#closed(socket));
  }

  #trickle() {
    for (const socket of this.#talking) socket.write('1');
  }
}
