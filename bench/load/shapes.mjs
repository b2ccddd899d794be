// @ts-check
// How load comes: each shape sends until it is over or nothing is left to send, and resolves when
// the last answer is there.
import { setTimeout as delay } from 'node:timers/promises';
import { wireOf } from './request-list.mjs';

/** @typedef {import('./client.mjs').Load} Load */
/** @typedef {import('./connection.mjs').Response} Response */

/** @type {Record<import('./client.mjs').Order['shape'], (load: Load) => Promise<void>>} */
export const SHAPES = { closed, open, rush, journey };

const TICK_MS = 1;
const REFUSED_FOR_NOW = new Set([0, 429, 503]);

/**
 * Everybody waits for the answer before asking again.
 * @param {Load} load
 */
async function closed(load) {
  const workers = Array.from({ length: load.order.concurrency }, () => worker(load));
  await Promise.all(workers);
}

/**
 * Callbacks, not promises: they cost less, and this is the hot loop.
 * @param {Load} load
 * @returns {Promise<void>}
 */
function worker({ list, recorder, open: connect, isOver }) {
  const connection = connect();
  return new Promise((resolve) => {
    const next = () => {
      const index = isOver() ? undefined : list.take();
      if (index === undefined) return resolve();
      const sentAtMs = performance.now();
      recorder.offer();
      connection.send(list.wire(index), (response) => {
        recorder.record(response, performance.now() - sentAtMs);
        if (REFUSED_FOR_NOW.has(response.status)) list.giveBack(index);
        // A refused connection fails at once: without a pause this would spin.
        if (response.status === 0) setTimeout(next, 10);
        else next();
      });
    };
    next();
  });
}

/**
 * A fixed number of requests a second, whatever becomes of those before. A latency counts from the
 * moment the request was due: waiting for a free connection is waiting too.
 * @param {Load} load
 */
async function open({ order, list, recorder, open: connect, isOver }) {
  /** @type {import('./connection.mjs').Connection[]} */
  const idle = [];
  let opened = 0;
  let underWay = 0;
  const startedAtMs = performance.now();
  const due = arrivals(order.phases ?? []);
  let next = due.next();
  while (!isOver() && !next.done) {
    const nowMs = performance.now() - startedAtMs;
    for (; !next.done && next.value <= nowMs; next = due.next()) {
      const dueAtMs = startedAtMs + next.value;
      const connection = idle.pop() ?? (opened++ < order.concurrency ? connect() : undefined);
      if (connection === undefined) {
        recorder.noteUnsent();
        continue;
      }
      const index = list.take();
      // Everybody there is has asked and waits: nobody is left to ask now.
      if (index === undefined) {
        idle.push(connection);
        recorder.noteUnsent();
        continue;
      }
      recorder.offer();
      underWay += 1;
      connection.send(list.wire(index), (response) => {
        underWay -= 1;
        idle.push(connection);
        recorder.record(response, performance.now() - dueAtMs);
        if (REFUSED_FOR_NOW.has(response.status)) list.giveBack(index);
      });
    }
    await delay(TICK_MS);
  }
  while (underWay > 0) await delay(TICK_MS);
}

/**
 * The moments requests are due, in milliseconds from the beginning.
 * @param {readonly import('./client.mjs').Phase[]} phases
 * @returns {Generator<number, void>}
 */
function* arrivals(phases) {
  let beganMs = 0;
  for (const { seconds, perSecond } of phases) {
    const count = Math.round(seconds * perSecond);
    for (let index = 0; index < count; index += 1) yield beganMs + (index / perSecond) * 1_000;
    beganMs += seconds * 1_000;
  }
}

/**
 * So many at the same instant; the next ones when all of them have their answer.
 * @param {Load} load
 */
async function rush({ order, list, recorder, open: connect, isOver }) {
  const connections = Array.from({ length: Number(order.rushSize) }, connect);
  while (!isOver()) {
    const asked = connections.map((connection) => {
      const index = list.take();
      if (index === undefined) return undefined;
      recorder.offer();
      const sentAtMs = performance.now();
      return new Promise((resolve) => {
        connection.send(list.wire(index), (response) => {
          recorder.record(response, performance.now() - sentAtMs);
          resolve(undefined);
        });
      });
    });
    const sent = asked.filter((one) => one !== undefined);
    await Promise.all(sent);
    if (sent.length < connections.length) return;
  }
}

/**
 * Each worker walks one person after another through a way of several requests; a way is counted
 * once, with the status of its last answer.
 * @param {Load} load
 */
async function journey({ order, list, recorder, open: connect, isOver }) {
  const { default: walk } = await import(String(order.journey));
  const { host } = new URL(order.url);
  const walker = async () => {
    const connection = connect();
    /** @param {import('./request-list.mjs').Request} request */
    const ask = (request) =>
      new Promise((/** @type {(response: Response) => void} */ resolve) => {
        connection.send(wireOf(host, request), resolve);
      });
    for (;;) {
      const index = isOver() ? undefined : list.take();
      if (index === undefined) return;
      const startedAtMs = performance.now();
      recorder.offer();
      const last = await walk(JSON.parse(String(list.wire(index))), ask);
      recorder.record(last, performance.now() - startedAtMs);
    }
  };
  await Promise.all(Array.from({ length: order.concurrency }, walker));
}
