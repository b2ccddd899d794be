// @ts-check
// What 1,000 slow clients cost everybody else: the same requests with and without them, in turns in
// one run, so that both see the same machine. `npm start` first; see README.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRIVATE } from '../scripts/paths.mjs';
import { SlowSockets } from './slow-sockets.mjs';

const SLOW = numberOf('SLOW_SOCKETS', 1_000);
const ROUNDS = numberOf('ROUNDS', 3);
const REQUESTS = numberOf('REQUESTS', 2_000);
const CLIENTS = numberOf('CLIENTS', 8);
const WARM_UP_REQUESTS = 500;
/** Beyond it the slow ones are felt. */
const RATIO_MAX = 2;

/**
 * @param {string} name
 * @param {number} usual
 */
function numberOf(name, usual) {
  const given = Number(process.env[name] ?? usual);
  if (!Number.isInteger(given) || given < 1) throw new Error(`${name} must be a whole number`);
  return given;
}

/** @returns {string} */
function gatewayUrl() {
  const given = process.env['GATEWAY_URL'];
  if (given !== undefined) return given;
  return JSON.parse(readFileSync(join(PRIVATE, 'run.json'), 'utf8')).gateway;
}

/**
 * @param {string} gateway
 * @param {number} userId
 * @returns {Promise<Record<string, string>>} the headers of somebody in front of the seats
 */
async function arrive(gateway, userId) {
  const answer = await fetch(`${gateway}/v1/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId }),
  });
  const { token } = /** @type {{ token: string }} */ (await answer.json());
  const headers = { authorization: `Bearer ${token}` };
  const room = `${gateway}/v1/waiting-rooms/default/entries`;
  const joined = await fetch(room, { method: 'POST', headers });
  if (!joined.ok) throw new Error(`user ${userId} cannot join: ${joined.status}`);
  return headers;
}

/** What people do most while a sale runs. */
const PATHS = ['/v1/schedules/1/seats', '/v1/wallet', '/v1/waiting-rooms/default/entries/me'];

/**
 * @param {string} gateway
 * @param {Record<string, string>[]} people
 * @param {number} count of requests
 * @returns {Promise<number[]>} milliseconds each took
 */
async function measure(gateway, people, count) {
  /** @type {number[]} */
  const took = [];
  let left = count;
  const client = async (/** @type {Record<string, string>} */ headers) => {
    while (left > 0) {
      left -= 1;
      const startedAt = performance.now();
      const answer = await fetch(`${gateway}${PATHS[left % PATHS.length]}`, { headers });
      await answer.arrayBuffer();
      took.push(performance.now() - startedAt);
      if (answer.status !== 200) throw new Error(`a normal request got ${answer.status}`);
    }
  };
  await Promise.all(people.map(client));
  return took;
}

/**
 * @param {number[]} values
 * @param {number} share
 */
function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/**
 * @param {string} name
 * @param {number[]} took
 */
function line(name, took) {
  const [half, most] = [quantile(took, 0.5), quantile(took, 0.99)];
  return `${name.padEnd(12)} p50 ${half.toFixed(1)} ms   p99 ${most.toFixed(1)} ms   n ${took.length}`;
}

const gateway = gatewayUrl();
const people = await Promise.all(
  Array.from({ length: CLIENTS }, (_, index) => arrive(gateway, index + 1)),
);
await measure(gateway, people, WARM_UP_REQUESTS);

/** @type {number[]} */
const undisturbed = [];
/** @type {number[]} */
const disturbed = [];
let cutOff = 0;
for (let round = 1; round <= ROUNDS; round += 1) {
  undisturbed.push(...(await measure(gateway, people, REQUESTS)));
  const slow = new SlowSockets(gateway, { insists: true });
  await slow.add(SLOW);
  disturbed.push(...(await measure(gateway, people, REQUESTS)));
  console.log(`round ${round}: ${slow.open} slow sockets open at its end`);
  cutOff += slow.cutOff;
  slow.release();
}
const ratio = quantile(disturbed, 0.99) / quantile(undisturbed, 0.99);
console.log(line('undisturbed', undisturbed));
console.log(line('disturbed', disturbed));
console.log(`${SLOW} slow sockets, ${cutOff} of them cut off and back meanwhile`);
console.log(`p99 disturbed / undisturbed: ${ratio.toFixed(2)} (promised: below ${RATIO_MAX})`);
process.exitCode = ratio < RATIO_MAX ? 0 : 1;
