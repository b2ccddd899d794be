// @ts-check
// Payments of long ago, as the services would have left them: everything sold, paid and done. In
// portions, all databases at once. Indexes whose keys come in no order are built afterwards: adding
// to a large one takes longer with every portion.
import pg from 'pg';
import { fixed } from '../harness/report.mjs';
import { PRICE_KRW, SEATS_PER_SCHEDULE } from './encore-databases.mjs';

/** Schedules of one portion: 50 times as many payments. */
const PORTION = 2_000;
/** People who come again and again. */
const REGULARS_MAX = 200_000;
/** Above every user the bench sends requests for. */
const FIRST_REGULAR = 500_000_000;
const WHEN = `now() - interval '30 days'`;
const PAID = `FROM generate_series($1::bigint, $2::bigint) AS id`;
const USER = `${FIRST_REGULAR} + id % $3::bigint`;
const SCHEDULE = `1 + (id - 1) / ${SEATS_PER_SCHEDULE}`;
const SEAT = `1 + (id - 1) % ${SEATS_PER_SCHEDULE}`;
const uuidOf = (/** @type {string} */ kind) => `md5('${kind}' || id)::uuid`;
/** Ordered by time, as those of sagas are, and longer ago than any of now. */
const SAGA = `('01000000' || lpad(to_hex(id), 8, '0') || left(md5('saga' || id), 16))::uuid`;

/** By service: what payments `$1` to `$2` of `$3` people left there. */
const LEFT_BEHIND = {
  payment: [
    `INSERT INTO payments (payment_id, request_message_id, user_id, reservation_id, entry_id,
       room_id, state, schedule_id, concert_id, starts_at, amount_krw, seats, created_at,
       completed_at)
     OVERRIDING SYSTEM VALUE
     SELECT id, ${uuidOf('request')}, ${USER}, id, id, 'default', 'COMPLETED', ${SCHEDULE}, 1,
       ${WHEN}, ${PRICE_KRW},
       jsonb_build_array(jsonb_build_object('seatNumber', ${SEAT}, 'priceKrw', ${PRICE_KRW})),
       ${WHEN}, ${WHEN} ${PAID}`,
    `INSERT INTO sagas (id, definition, state, direction, attempt, data, log_length,
       request_message_id, request_id, payment_id, reservation_id, user_id, started_at, updated_at)
     SELECT ${SAGA}, 'pay-for-reservation', 'COMPLETED', 'do', 0,
       jsonb_build_object('paymentId', id, 'userId', ${USER}, 'reservationId', id, 'entryId', id,
         'roomId', 'default', 'expectedAmountKrw', null, 'pinned',
         jsonb_build_object('amountKrw', ${PRICE_KRW}, 'scheduleId', ${SCHEDULE})),
       10, ${uuidOf('request')}, 'request-' || id, id, id, ${USER}, ${WHEN}, ${WHEN} ${PAID}`,
    `INSERT INTO saga_log (saga_id, sequence, at, step, event, message_id, attempt, further)
     SELECT ${SAGA}, line, ${WHEN}, 'pin the reservation', 'ACCEPTED', ${uuidOf('message')}, 1,
       jsonb_build_array(
         jsonb_build_array('debit the wallet', 'ASKED', ${uuidOf('message')}, 1, null))
       ${PAID}, unnest('{1, 5, 7, 9}'::integer[]) AS line`,
  ],
  reservation: [
    `INSERT INTO reservations (reservation_id, user_id, schedule_id, state, payment_id, created_at,
       confirmed_at)
     SELECT id, ${USER}, ${SCHEDULE}, 'CONFIRMED', id, ${WHEN}, ${WHEN} ${PAID}`,
    `INSERT INTO reservation_seats (reservation_id, seat_number, schedule_id, seat_id, price_krw)
     SELECT id, ${SEAT}, ${SCHEDULE}, id, ${PRICE_KRW} ${PAID}`,
    `UPDATE schedules SET owned_seats = seat_count, seats_version = 100
      WHERE schedule_id BETWEEN 1 + ($1::bigint - 1) / ${SEATS_PER_SCHEDULE}
        AND $2::bigint / ${SEATS_PER_SCHEDULE}`,
  ],
  wallet: [
    `INSERT INTO movements (kind, cause, payment_id, user_id, debit_account, credit_account,
       amount_krw, balance_after_krw, created_at)
     SELECT 'PAYMENT', id::text, id, ${USER}, ${USER}, -2, ${PRICE_KRW}, 0, ${WHEN} ${PAID}`,
    `INSERT INTO movements (kind, cause, user_id, debit_account, credit_account, amount_krw,
       balance_after_krw, created_at)
     SELECT 'CHARGE', ${uuidOf('charge')}::text, ${USER}, -1, ${USER}, ${PRICE_KRW}, ${PRICE_KRW},
       ${WHEN} ${PAID}`,
  ],
  queue: [
    `INSERT INTO entries (entry_id, room_id, user_id, place, state, joined_at, last_seen_at,
       admitted_at, active_until, ended_at, payment_id)
     OVERRIDING SYSTEM VALUE
     SELECT id, 'default', ${USER}, id, 'USED', ${WHEN}, ${WHEN}, ${WHEN}, ${WHEN}, ${WHEN}, id
     ${PAID}`,
  ],
};

/**
 * By service: indexes and constraints that sweepers, which go on meanwhile, do without.
 * @type {Record<keyof typeof LEFT_BEHIND, readonly string[]>}
 */
const SCATTERED = {
  payment: ['payment_requested_once', 'payments_of_user', 'sagas_by_user', 'sagas_by_request'],
  reservation: ['reservations_of_a_user'],
  wallet: ['cause_moves_money_once', 'movements_of_user'],
  queue: ['entries_of_a_person'],
};
const DEFINITIONS = `
  SELECT coalesce(
      'ALTER TABLE ' || table_name || ' DROP CONSTRAINT ' || conname, 'DROP INDEX ' || index_name
    ) AS drop,
    coalesce(
      'ALTER TABLE ' || table_name || ' ADD CONSTRAINT ' || conname || ' ' ||
        pg_get_constraintdef(constraints.oid),
      pg_get_indexdef(index_oid)
    ) AS build
  FROM unnest($1::text[]) AS index_name
  JOIN LATERAL (
    SELECT indexrelid AS index_oid, indrelid::regclass AS table_name
    FROM pg_index WHERE indexrelid = index_name::regclass
  ) AS indexes ON true
  LEFT JOIN pg_constraint AS constraints ON conindid = index_oid AND contype = 'u'`;
/** What is loaded refers to what is there: nothing has to ask about each row. */
const SESSION = '-c session_replication_role=replica -c maintenance_work_mem=512MB';

/**
 * @param {import('./encore-databases.mjs').Databases} databases
 * @param {number} schedules all sold out
 * @param {(text: string) => void} report
 */
export async function addHistory(databases, schedules, report) {
  const people = Math.min(REGULARS_MAX, schedules * SEATS_PER_SCHEDULE);
  await databases.addWallets(FIRST_REGULAR, FIRST_REGULAR + people - 1, 0);
  const loaders = await Promise.all(
    Object.keys(LEFT_BEHIND).map((service) =>
      Loader.open(databases, /** @type {keyof typeof LEFT_BEHIND} */ (service)),
    ),
  );
  try {
    for (let first = 1; first <= schedules; first += PORTION) {
      const last = Math.min(schedules, first + PORTION - 1);
      await databases.addSchedules(first, last);
      const range = [(first - 1) * SEATS_PER_SCHEDULE + 1, last * SEATS_PER_SCHEDULE, people];
      await Promise.all(loaders.map((loader) => loader.load(range)));
      if (last % (10 * PORTION) === 0) report(`  ${fixed(last * SEATS_PER_SCHEDULE)} stored`);
    }
    await Promise.all(loaders.map((loader) => loader.buildIndexes()));
  } finally {
    await Promise.all(loaders.map((loader) => loader.close()));
  }
  const next = schedules * SEATS_PER_SCHEDULE + 1;
  const identity = `pg_get_serial_sequence('payments', 'payment_id')`;
  await databases.rows('payment', `SELECT setval(${identity}, ${next})`);
}

/** One service's database, without some of its indexes until all is there. */
class Loader {
  #client;
  #statements;
  /** @type {string[]} */
  #indexes = [];

  /**
   * @param {pg.Client} client
   * @param {readonly string[]} statements
   */
  constructor(client, statements) {
    this.#client = client;
    this.#statements = statements;
  }

  /**
   * @param {import('./encore-databases.mjs').Databases} databases
   * @param {keyof typeof LEFT_BEHIND} service
   */
  static async open(databases, service) {
    const connectionString = databases.urlOf(service);
    const client = new pg.Client({ connectionString, options: SESSION });
    await client.connect();
    const loader = new Loader(client, LEFT_BEHIND[service]);
    const { rows } = await client.query(DEFINITIONS, [SCATTERED[service]]);
    loader.#indexes = rows.map(({ build }) => build);
    for (const { drop } of rows) await client.query(drop);
    return loader;
  }

  /** @param {readonly number[]} range first, last, people */
  async load(range) {
    for (const text of this.#statements) {
      await this.#client.query(text, text.includes('$3') ? [...range] : range.slice(0, 2));
    }
  }

  async buildIndexes() {
    for (const build of this.#indexes) await this.#client.query(build);
  }

  close() {
    return this.#client.end();
  }
}
