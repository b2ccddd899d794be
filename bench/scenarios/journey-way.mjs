// @ts-check
import { setTimeout as delay } from 'node:timers/promises';

/** @typedef {import('../load/connection.mjs').Response} Response */
/** @typedef {(request: import('../load/request-list.mjs').Request) => Promise<Response>} Ask */

const ENTRIES = '/v1/waiting-rooms/default/entries';

/**
 * One person's way, walked in the load client. Ends at the first answer that is not the hoped-for
 * one, and with it.
 * @param {{ headers: Record<string, string>, scheduleId: number, seatNumber: number }} person
 * @param {Ask} ask
 * @returns {Promise<Response>}
 */
export default async function walk({ headers, scheduleId, seatNumber }, ask) {
  const post = (/** @type {string} */ path, /** @type {object | undefined} */ body) =>
    ask({ method: 'POST', path, headers, ...(body === undefined ? {} : { body }) });
  const get = (/** @type {string} */ path) => ask({ method: 'GET', path, headers });
  let entry = await post(ENTRIES, undefined);
  while (entry.status < 300 && jsonOf(entry).state === 'WAITING') {
    await delay(jsonOf(entry).nextPollMs);
    entry = await get(`${ENTRIES}/me`);
  }
  if (entry.status >= 300) return entry;
  const seats = await get(`/v1/schedules/${scheduleId}/seats`);
  if (seats.status !== 200) return seats;
  const held = await post('/v1/reservations', { scheduleId, seatNumbers: [seatNumber] });
  if (held.status !== 201) return held;
  return post('/v1/payments', { reservationId: jsonOf(held).reservationId });
}

/** @param {Response} response */
function jsonOf({ body }) {
  return JSON.parse(body.toString());
}
