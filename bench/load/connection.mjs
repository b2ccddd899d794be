// @ts-check
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding: *chunked/i;
const CLOSES = /\r\nconnection: *close/i;

/**
 * @typedef {object} Response
 * @property {number} status 0 when there was none
 * @property {string} head everything before the body
 * @property {Buffer} body
 * @property {string} [failure] why there was none
 * @typedef {(response: Response) => void} Done
 */

/** @param {string} failure */
const without = (failure) => ({ status: 0, head: '', body: Buffer.alloc(0), failure });

/**
 * One kept-alive connection with one request under way at a time. HTTP by hand, because a client
 * that costs as much as the server halves what the machine has left to show.
 */
export class Connection {
  /** @type {import('node:net').Socket | undefined} */
  #socket;
  /** @type {Buffer} */
  #received = Buffer.alloc(0);
  /** @type {Done | undefined} */
  #done;
  /** When the request under way was sent; 0 when none is. */
  sentAtMs = 0;

  /** @param {{ hostname: string, port: number }} address */
  constructor(address) {
    this.address = address;
  }

  get isBusy() {
    return this.#done !== undefined;
  }

  /**
   * @param {Buffer} request
   * @param {Done} done
   */
  send(request, done) {
    this.#done = done;
    this.sentAtMs = performance.now();
    this.#socket ??= this.#open();
    this.#socket.write(request);
  }

  /**
   * Gives the request under way up.
   * @param {string} failure
   */
  abandon(failure) {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
    this.#finish(without(failure));
  }

  #open() {
    const socket = connect({ host: this.address.hostname, port: this.address.port });
    socket.setNoDelay(true);
    socket.on('data', (data) => this.#take(data));
    socket.on('error', (error) => {
      const code = 'code' in error ? String(error.code) : error.message;
      if (socket === this.#socket) this.abandon(code);
    });
    socket.on('close', () => {
      if (socket !== this.#socket) return;
      if (this.isBusy) this.abandon('closed');
      this.#socket = undefined;
    });
    return socket;
  }

  /** @param {Buffer} data */
  #take(data) {
    this.#received = this.#received.length === 0 ? data : Buffer.concat([this.#received, data]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const body = bodyOf(this.#received.subarray(headEnd + HEAD_END.length), head);
    if (body === undefined) return;
    if (CLOSES.test(head)) {
      const socket = this.#socket;
      this.#socket = undefined;
      socket?.destroy();
    }
    this.#finish({ status: Number(head.slice(9, 12)), head, body });
  }

  /** @param {Response} response */
  #finish(response) {
    const done = this.#done;
    this.#done = undefined;
    this.#received = Buffer.alloc(0);
    this.sentAtMs = 0;
    done?.(response);
  }
}

/**
 * The body once it is complete.
 * @param {Buffer} received
 * @param {string} head
 * @returns {Buffer | undefined}
 */
function bodyOf(received, head) {
  if (CHUNKED.test(head))
    return received.subarray(-5).toString('latin1') === '0\r\n\r\n' ? received : undefined;
  const length = Number(LENGTH.exec(head)?.[1] ?? 0);
  return received.length < length ? undefined : received;
}
