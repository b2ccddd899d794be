// @ts-check
// A peer's databases: created for one run, filled, looked into afterwards, dropped.
import pg from 'pg';
import { booksOf, rowsFor, TABLES } from './schema.mjs';

/**
 * @typedef {import('./schema.mjs').Part} Part
 * @typedef {{ name: string, url: string, parts: Part[] }} PeerDatabase
 * @typedef {{ completed: number, unknown: number }} Expected as clients were told
 */

/**
 * @template Result
 * @param {string} url
 * @param {(client: pg.Client) => Promise<Result>} work
 * @returns {Promise<Result>}
 */
async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export class PeerDatabases {
  #payments;
  #postgresUrl;
  #databases;

  /**
   * @param {string} postgresUrl of an administrator
   * @param {string} prefix
   * @param {readonly (Part | Part[])[]} layout one database for each
   * @param {number} payments
   */
  constructor(postgresUrl, prefix, layout, payments) {
    this.#postgresUrl = postgresUrl;
    this.#payments = payments;
    this.#databases = layout.map((one) => {
      const parts = [one].flat();
      const name = parts.length === 1 ? `${prefix}_${parts[0]}` : prefix;
      const url = new URL(postgresUrl);
      url.pathname = `/${name}`;
      return { name, url: url.href, parts };
    });
  }

  /**
   * Tables, indexes and rows, and the statistics that plans are made by.
   */
  async create() {
    const rows = rowsFor(this.#payments);
    for (const { name, url, parts } of this.#databases) {
      await withClient(this.#postgresUrl, (admin) => admin.query(`CREATE DATABASE ${name}`));
      await withClient(url, async (client) => {
        for (const part of parts) await client.query(TABLES[part] + rows[part]);
        await client.query('VACUUM (ANALYZE)');
      });
    }
  }

  /**
   * @param {Part} part
   * @returns {string} the URL of the database that holds it
   */
  urlOf(part) {
    const found = this.#databases.find(({ parts }) => parts.includes(part));
    if (found === undefined) throw new Error(`No database holds ${part}`);
    return found.url;
  }

  /**
   * Every part knows of exactly the same people's payments, as many as clients were told; a request
   * without an answer may have made one. Throws otherwise.
   * @param {Expected} expected
   */
  async check({ completed, unknown }) {
    const books = booksOf(this.#payments);
    /** @type {string[]} */
    const violations = [];
    /** @type {Set<string>} */
    const payers = new Set();
    for (const { url, parts } of this.#databases) {
      await withClient(url, async (client) => {
        for (const part of parts) {
          const query = books[part];
          if (query === undefined) continue;
          const { rows } = await client.query(query);
          const [{ count, paid, wrong }] = rows;
          payers.add(paid);
          if (count < completed || count > completed + unknown) {
            violations.push(`${part} knows of ${count} payments, clients of ${completed}`);
          }
          if (wrong > 0 && unknown === 0) violations.push(`${part} has ${wrong} wrong rows`);
        }
      });
    }
    if (payers.size > 1 && unknown === 0) violations.push('the parts disagree on who paid');
    if (violations.length > 0) throw new Error(violations.join('; '));
  }

  async drop() {
    await withClient(this.#postgresUrl, async (admin) => {
      for (const { name } of this.#databases) {
        await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }
    });
  }
}
