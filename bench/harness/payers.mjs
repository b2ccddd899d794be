// @ts-check
// Contestants of the payment: ours and the peers beside it, and how one of them pays.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../scripts/paths.mjs';
import encore from '../contestants/encore.mjs';
import { pack, wireOf } from '../load/request-list.mjs';
import { runLoad } from './load.mjs';
import { successfulIn, unknownIn } from './rounds.mjs';

const PEERS = join(ROOT, 'bench', 'peers');
/** A list longer than what is thought to be needed, by so much. */
const RESERVE = 1.5;
/** Thought to be possible before anything is known; a list that is too short ends a turn early. */
const FIRST_GUESS_PER_SECOND = 800;
const GUESS_PER_SECOND_MAX = 6_000;

/**
 * @typedef {object} StartOptions
 * @property {string} postgresUrl
 * @property {string} amqpUrl
 * @property {string} directory of its own
 * @property {number} payments how many it will be asked for at most
 *
 * @typedef {object} Running
 * @property {string} url
 * @property {Record<string, number>} processes pids by name
 * @property {(index: number) => import('../load/request-list.mjs').Request} requestOf payment
 *   `index` from 0: each another user's reservation
 * @property {(from: number, to: number) => Promise<void>} [prepare] called before payments `from`
 *   to `to` are asked for, when not everything is there from the start
 * @property {(expected: import('./rounds.mjs').Expected) => Promise<void>} check
 * @property {() => Promise<void>} stop
 * @property {import('../../scripts/system.mjs').System} [system] ours
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string} label
 * @property {readonly string[]} guarantees
 * @property {readonly string[]} lacks
 * @property {(options: StartOptions) => Promise<Running>} start
 */

/**
 * @param {readonly string[] | undefined} only their names; everybody when absent
 * @returns {Promise<Contestant[]>}
 */
export async function contestants(only) {
  const files = existsSync(PEERS)
    ? readdirSync(PEERS).map((name) => join(PEERS, name, 'peer.mjs'))
    : [];
  const wanted = files
    .filter((file) => existsSync(file))
    .filter((file) => only === undefined || only.some((name) => file.includes(`/${name}/`)));
  /** @type {Contestant[]} */
  const peers = [];
  for (const file of wanted) peers.push((await import(pathToFileURL(file).href)).default);
  const found = [encore, ...peers].filter(({ name }) => only?.includes(name) ?? true);
  const missing = only?.filter((wanted) => !found.some(({ name }) => name === wanted)) ?? [];
  if (missing.length > 0) throw new Error(`There is no contestant ${missing.join(', ')}`);
  return found;
}

/** One contestant that is up, and how far its list of payments has been used. */
export class Payer {
  /** Payments below this number were asked for. */
  #next = 0;
  #expected = { completed: 0, unknown: 0 };
  /** @type {Map<number, number>} payments per second, by concurrency */
  #known = new Map();

  /**
   * @param {Contestant} contestant
   * @param {Running} running
   * @param {number} payments
   */
  constructor(contestant, running, payments) {
    this.contestant = contestant;
    this.running = running;
    this.payments = payments;
  }

  /**
   * Pays for a while; what clients were told is checked against the books afterwards.
   * @param {{ seconds: number, warmupSeconds: number, concurrency: number }} how
   * @param {Record<string, number>} servers
   * @param {{ isChecked: boolean }} [options] whether the books are looked into afterwards
   */
  async pay({ seconds, warmupSeconds, concurrency }, servers, { isChecked } = { isChecked: true }) {
    const guess = this.#guess(concurrency);
    const wanted = Math.ceil(guess * RESERVE * (seconds + warmupSeconds)) + 4 * concurrency;
    const load = await this.send({ seconds, warmupSeconds, concurrency }, wanted, servers);
    this.#known.set(concurrency, load.measured.accepted.count / load.measured.seconds);
    if (isChecked) await this.check();
    return load;
  }

  /**
   * Asks for so many payments at most, none of which was asked for before.
   * @param {Omit<import('./load.mjs').LoadOrder, 'url' | 'packed'>} order
   * @param {number} wanted
   * @param {Record<string, number>} servers
   */
  async send(order, wanted, servers) {
    const { running } = this;
    const from = this.#next;
    const to = Math.min(this.payments, from + wanted);
    await running.prepare?.(from, to);
    const { host } = new URL(running.url);
    const indexes = Array.from({ length: to - from }, (_, index) => from + index);
    const packed = pack(indexes.map((index) => wireOf(host, running.requestOf(index))));
    const processes = { ...running.processes, ...servers };
    const load = await runLoad({ ...order, url: running.url, packed }, processes);
    this.#next = from + load.used;
    this.#expected.completed += successfulIn(load.statuses);
    this.#expected.unknown += unknownIn(load.statuses);
    return load;
  }

  /**
   * How many a second, as far as is known: with more people at once perhaps twice as many.
   * @param {number} concurrency
   */
  #guess(concurrency) {
    const same = this.#known.get(concurrency);
    if (same !== undefined) return same;
    if (this.#known.size === 0) return Math.min(FIRST_GUESS_PER_SECOND, 200 * concurrency);
    return Math.min(
      GUESS_PER_SECOND_MAX,
      2 * Math.max(FIRST_GUESS_PER_SECOND, ...this.#known.values()),
    );
  }

  /** Throws when the books do not say what clients were told. */
  check() {
    return this.running.check({ ...this.#expected });
  }
}
