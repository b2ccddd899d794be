// @ts-check
// Our own system, told in the words of every contestant: see bench/README.md.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { localSecrets } from '../../scripts/secrets.mjs';
import { GATEWAY, startSystem } from '../../scripts/system.mjs';
import { pack, wireOf } from '../load/request-list.mjs';
import { runLoad } from '../harness/load.mjs';
import { violationsOf } from './encore-books.mjs';
import { addHistory } from './encore-history.mjs';
import { Databases, SEATS_PER_SCHEDULE } from './encore-databases.mjs';
import { tokenOffice } from './encore-tokens.mjs';

/** Enough people at once to be quick, few enough not to be a load of its own. */
const ARRIVING_AT_ONCE = 32;
const ARRIVE_LIMIT_SECONDS = 300;
const UNLIMITED = '10000000';

/**
 * What differs from the defaults: one load client is many people at one address, and all of them
 * have shown their tokens before they pay. No durability, log or check is switched off.
 */
export const ENCORE_ENV = {
  NODE_ENV: 'production',
  ALLOW_OPEN_AUTH_IN_PRODUCTION: 'true',
  RATE_LIMIT_SELLING_USER_REQUESTS: UNLIMITED,
  RATE_LIMIT_SELLING_ADDRESS_REQUESTS: UNLIMITED,
  RATE_LIMIT_OTHER_USER_REQUESTS: UNLIMITED,
  RATE_LIMIT_OTHER_ADDRESS_REQUESTS: UNLIMITED,
  TOKEN_CACHE_MAX_TOKENS: '200000',
};

/** @typedef {import('../load/request-list.mjs').Request} Request */

export class Encore {
  /** Schedules, each with its people, that are there already. */
  #seededSchedules = 0;
  /** Payments, and as many people, that were there before the first request. */
  #history = 0;
  /** @type {Map<number, string>} */
  #tokens = new Map();
  #issue;
  /** Keys of this run: a second one on the same servers repeats none. */
  #mark = randomBytes(4).toString('hex');

  /**
   * @param {import('../../scripts/system.mjs').System} system
   * @param {Databases} databases
   * @param {(userId: number) => string} tokenOf
   */
  constructor(system, databases, tokenOf) {
    this.system = system;
    this.databases = databases;
    this.#issue = tokenOf;
    this.url = system.gateway;
  }

  /**
   * @param {{ postgresUrl: string, amqpUrl: string, directory: string,
   *   env?: Record<string, string> }} given
   */
  static async start({ postgresUrl, amqpUrl, directory, env = {} }) {
    const mark = `bench${randomBytes(4).toString('hex')}`;
    const secrets = localSecrets(directory);
    const system = await startSystem({
      postgres: postgresUrl,
      broker: amqpUrl,
      secrets,
      logDirectory: join(directory, 'logs'),
      databasePrefix: `${mark}_`,
      queuePrefix: `${mark}.`,
      env: { ...ENCORE_ENV, ...env },
    });
    const databases = new Databases(postgresUrl, `${mark}_`);
    try {
      await system.awaitAllReady();
      await databases.begin();
    } catch (error) {
      await system.stop();
      throw error;
    }
    return new Encore(system, databases, tokenOffice(secrets.tokenSigningKeys));
  }

  /** @returns {Record<string, number>} pids; the gateway first */
  get processes() {
    const { [GATEWAY]: gateway, ...services } = this.system.services;
    const named = Object.entries({ gateway, ...services });
    return Object.fromEntries(named.map(([name, facts]) => [name, Number(facts?.pid)]));
  }

  /**
   * So many payments were made long ago.
   * @param {number} payments
   * @param {(text: string) => void} report
   */
  async remember(payments, report) {
    this.#seededSchedules = Math.ceil(payments / SEATS_PER_SCHEDULE);
    this.#history = this.#seededSchedules * SEATS_PER_SCHEDULE;
    await addHistory(this.databases, this.#seededSchedules, report);
    await this.databases.settle();
  }

  /**
   * Before payments `from` to `to` are asked for: their seats are held, and their owners have come
   * through the waiting room and seen their holds, so that the gateway knows them, their tokens and
   * what they hold, as it does of everybody who held seats through it in the last minutes. So those
   * who did not get to pay the last time come again.
   * @param {number} from
   * @param {number} to
   */
  async prepare(from, to) {
    const last = Math.ceil((this.#history + to) / SEATS_PER_SCHEDULE);
    if (last > this.#seededSchedules) {
      const first = this.#seededSchedules + 1;
      const [from, to] = [(first - 1) * SEATS_PER_SCHEDULE + 1, last * SEATS_PER_SCHEDULE];
      await this.databases.addWallets(from, to);
      await this.databases.addEntries(from, to);
      await this.databases.addSchedules(first, last);
      await this.databases.holdSchedules(first, last);
      await this.databases.settle();
      this.#seededSchedules = last;
    }
    await this.arrive(this.#history + from + 1, this.#history + to, { haveHolds: true });
  }

  /**
   * Users `first` to `last` look after their entries once, and those who hold something look at it.
   * @param {number} first
   * @param {number} last
   * @param {{ haveHolds?: boolean }} [options]
   */
  async arrive(first, last, { haveHolds = false } = {}) {
    const users = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
    const looks = users.flatMap((userId) =>
      haveHolds ? [this.positionOf(userId), this.holdOf(userId)] : [this.positionOf(userId)],
    );
    const arrived = await runLoad({
      url: this.url,
      seconds: ARRIVE_LIMIT_SECONDS,
      concurrency: ARRIVING_AT_ONCE,
      packed: this.pack(looks),
    });
    if ((arrived.statuses['200'] ?? 0) !== looks.length) {
      throw new Error(`not everybody arrived: ${JSON.stringify(arrived.statuses)}`);
    }
  }

  /** @param {readonly Request[]} requests */
  pack(requests) {
    const { host } = new URL(this.url);
    return pack(requests.map((request) => wireOf(host, request)));
  }

  /**
   * @param {number} index
   * @returns {Request}
   */
  requestOf(index) {
    const reservationId = this.#history + index + 1;
    return {
      method: 'POST',
      path: '/v1/payments',
      headers: this.headersOf(reservationId, `pay-${index}`),
      body: { reservationId },
    };
  }

  /**
   * @param {number} userId
   * @param {string} [room]
   * @returns {Request}
   */
  positionOf(userId, room = 'default') {
    const path = `/v1/waiting-rooms/${room}/entries/me`;
    return { method: 'GET', path, headers: this.headersOf(userId) };
  }

  /**
   * The hold of a user, which has the user's number.
   * @param {number} userId
   * @returns {Request}
   */
  holdOf(userId) {
    const path = `/v1/reservations/${userId}`;
    return { method: 'GET', path, headers: this.headersOf(userId) };
  }

  /**
   * @param {number} userId
   * @param {string} [key] of what changes something
   * @returns {Record<string, string>}
   */
  headersOf(userId, key) {
    const token = this.#tokens.get(userId) ?? this.#issue(userId);
    this.#tokens.set(userId, token);
    const authorization = `Bearer ${token}`;
    if (key === undefined) return { authorization };
    return { authorization, 'idempotency-key': `${this.#mark}-${key}` };
  }

  /**
   * The books of all services agree, and say that exactly so many payments were made as clients
   * were told; throws otherwise.
   * @param {import('../harness/rounds.mjs').Expected} expected
   */
  async check({ completed, unknown }) {
    const expected = { completed: this.#history + completed, unknown };
    const found = await violationsOf(this.databases, expected);
    for (const name of Object.keys(this.system.services)) {
      const ends = this.system.exitsOf(name).length;
      if (ends > 0) found.push(`${name} ended ${ends} times`);
    }
    if (found.length > 0) throw new Error(`Encore: ${found.join('; ')}`);
  }

  async stop() {
    await this.databases.close();
    await this.system.stop();
    await this.system.dropDatabases();
  }
}

export default {
  name: 'encore',
  label: 'Encore',
  guarantees: [
    'survives kill -9 of any process at any moment',
    'one result per Idempotency-Key',
    'compensates what cannot be finished',
    'every step durable and on record',
    'verified tokens and the waiting room checked on every call',
  ],
  lacks: [],
  start: Encore.start,
};
