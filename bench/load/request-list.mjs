// @ts-check

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} [headers]
 * @property {unknown} [body] sent as JSON
 *
 * @typedef {{ bytes: Buffer, ends: Uint32Array }} Packed requests as they go over the wire
 */

/**
 * @param {string} host
 * @param {Request} request
 */
export function wireOf(host, { method, path, headers = {}, body }) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const given = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const all = {
    host,
    ...(text === undefined ? {} : { 'content-type': 'application/json' }),
    ...given,
    ...(text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text ?? ''}`);
}

/**
 * One buffer for all of them: a list crosses to the load client at once.
 * @param {readonly Buffer[]} wires
 * @returns {Packed}
 */
export function pack(wires) {
  let end = 0;
  const ends = Uint32Array.from(wires, (wire) => (end += wire.length));
  return { bytes: Buffer.concat(wires), ends };
}

/** Hands requests out, each as often as it may be sent. */
export class RequestList {
  #next = 0;
  /** @type {number[]} */
  #again = [];

  /**
   * @param {Packed} packed
   * @param {'once' | 'over-and-over' | 'until-accepted'} use
   */
  constructor({ bytes, ends }, use) {
    // What came through a channel is a plain Uint8Array.
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.ends = ends;
    this.use = use;
  }

  get used() {
    return this.#next;
  }

  /** @returns {number | undefined} the index of a request to send now */
  take() {
    if (this.#next < this.ends.length) return this.#next++;
    if (this.use === 'over-and-over' && this.ends.length > 0) {
      this.#next += 1;
      return (this.#next - 1) % this.ends.length;
    }
    return this.#again.shift();
  }

  /**
   * What was refused is asked again with the same key, as somebody would who wants his seat.
   * @param {number} index
   */
  giveBack(index) {
    if (this.use === 'until-accepted') this.#again.push(index);
  }

  /** @param {number} index */
  wire(index) {
    return this.bytes.subarray(index === 0 ? 0 : this.ends[index - 1], this.ends[index]);
  }
}
