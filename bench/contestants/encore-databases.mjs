// @ts-check
// Fills the services' databases as their own messages would have, only in bulk: people with money
// and an active entry, schedules on sale, seats held. Whoever changes what a service keeps for one
// of these changes it here; the books after each run tell when they disagree.
import pg from 'pg';

const SERVICES = /** @type {const} */ (['queue', 'concert', 'reservation', 'wallet', 'payment']);
export const SEATS_PER_SCHEDULE = 50;
export const PRICE_KRW = 10_000;
/** Above every id seeded here: what the services number themselves never meets it. */
const FIRST_OWN_ID = 1_000_000_000;
const CONCERT_ID = 1;
const LAST_FOR = `now() + interval '12 hours'`;

/** @typedef {typeof SERVICES[number]} Service */

export class Databases {
  /** @type {Map<Service, pg.Pool>} */
  #pools;
  /** @type {(service: Service) => string} */
  urlOf;

  /**
   * @param {string} adminUrl
   * @param {string} prefix of the databases
   */
  constructor(adminUrl, prefix) {
    this.urlOf = (service) => new URL(`/${prefix}${service}`, adminUrl).href;
    this.#pools = new Map(
      SERVICES.map((service) => {
        const pool = new pg.Pool({ connectionString: this.urlOf(service), max: 2 });
        // A session that ends while it is idle: whoever needs one next is told.
        pool.on('error', () => undefined);
        return [service, pool];
      }),
    );
  }

  /**
   * @param {Service} service
   * @param {string} text
   * @param {unknown[]} [values]
   * @returns {Promise<any[]>}
   */
  async rows(service, text, values = []) {
    const pool = this.#pools.get(service);
    if (pool === undefined) throw new Error(`${service} has no database`);
    return (await pool.query(text, values)).rows;
  }

  /**
   * @param {Service} service
   * @param {string} text giving one row with one `value`
   * @param {unknown[]} [values]
   */
  async number(service, text, values = []) {
    const [row] = await this.rows(service, text, values);
    return Number(row?.value);
  }

  /** An open room, one concert, and ids of the services' own far above those seeded. */
  async begin() {
    await this.rows(
      'queue',
      `UPDATE rooms SET active_cap = 100000000, admissions_per_second = 1000000, tokens = 1000000`,
    );
    await this.rows(
      'concert',
      `INSERT INTO concerts (concert_id, name, venue, description)
       VALUES ($1, 'Measured', 'Here', 'A concert for the bench.')`,
      [CONCERT_ID],
    );
    const identities = /** @type {const} */ ([
      ['queue', 'entries', 'entry_id'],
      ['concert', 'schedules', 'schedule_id'],
      ['concert', 'seats', 'seat_id'],
      ['reservation', 'reservations', 'reservation_id'],
    ]);
    for (const [service, table, column] of identities) {
      const sequence = `pg_get_serial_sequence('${table}', '${column}')`;
      await this.rows(service, `SELECT setval(${sequence}, ${FIRST_OWN_ID})`);
    }
  }

  /**
   * Users `first` to `last` with money, which was charged.
   * @param {number} first
   * @param {number} last
   * @param {number} [balanceKrw]
   */
  async addWallets(first, last, balanceKrw = PRICE_KRW) {
    await this.rows(
      'wallet',
      `WITH opened AS (
         INSERT INTO accounts (user_id, balance_krw)
         SELECT id, $3::bigint FROM generate_series($1::bigint, $2::bigint) AS id
         RETURNING user_id
       )
       INSERT INTO movements (kind, cause, user_id, debit_account, credit_account, amount_krw,
                              balance_after_krw)
       SELECT 'CHARGE', gen_random_uuid()::text, id, -1, id, $3::bigint, $3::bigint
       FROM generate_series($1::bigint, $2::bigint) AS id WHERE $3::bigint > 0`,
      [first, last, balanceKrw],
    );
  }

  /**
   * An active entry for each of the users `first` to `last`.
   * @param {number} first
   * @param {number} last
   */
  async addEntries(first, last) {
    await this.rows(
      'queue',
      `WITH room AS (
         UPDATE rooms SET active_count = active_count + $2::bigint - $1::bigint + 1,
                          last_place = greatest(last_place, $2::bigint)
         WHERE room_id = 'default'
       )
       INSERT INTO entries (entry_id, room_id, user_id, place, state, joined_at, last_seen_at,
                            admitted_at, active_until)
       OVERRIDING SYSTEM VALUE
       SELECT id, 'default', id, id, 'ACTIVE', now(), now(), now(), ${LAST_FOR}
       FROM generate_series($1::bigint, $2::bigint) AS id`,
      [first, last],
    );
  }

  /**
   * A room that lets nobody in, and users 1 to `count` waiting in it.
   * @param {string} room
   * @param {number} count
   */
  async addWaiting(room, count) {
    await this.rows(
      'queue',
      `INSERT INTO rooms (room_id, active_cap, admissions_per_second, paused, draining,
                          active_seconds, grace_seconds, tokens, last_place, waiting_count,
                          backlog_since)
       VALUES ($1, 100, 1, true, false, 300, 600, 0, $2::bigint, $2::bigint, now())`,
      [room, count],
    );
    await this.rows(
      'queue',
      `INSERT INTO entries (entry_id, room_id, user_id, place, state, joined_at, last_seen_at)
       OVERRIDING SYSTEM VALUE
       SELECT id, $1::text, id, id, 'WAITING', now(), now()
       FROM generate_series(1, $2::bigint) AS id`,
      [room, count],
    );
  }

  /**
   * Schedules `first` to `last`, on sale, every seat free.
   * @param {number} first
   * @param {number} last
   */
  async addSchedules(first, last) {
    const range = [first, last, SEATS_PER_SCHEDULE];
    const each = 'FROM generate_series($1::bigint, $2::bigint) AS schedule';
    const seat = `(schedule - 1) * $3::bigint + number`;
    const everySeat = `${each}, generate_series(1, $3::bigint) AS number`;
    await this.rows(
      'concert',
      `INSERT INTO schedules (schedule_id, concert_id, starts_at, sales_open_at, sale_open,
                              waiting_room_id, seat_count)
       SELECT schedule, ${CONCERT_ID}, now() + interval '30 days', now() - interval '1 day', true,
              'default', $3::bigint ${each}`,
      range,
    );
    await this.rows(
      'concert',
      `INSERT INTO seats (schedule_id, seat_number, seat_id, price_krw)
       SELECT schedule, number, ${seat}, ${PRICE_KRW} ${everySeat}`,
      range,
    );
    await this.rows(
      'reservation',
      `INSERT INTO schedules (schedule_id, concert_id, concert_name, starts_at, sales_open_at,
                              sale_open, catalogue_version, seat_count)
       SELECT schedule, ${CONCERT_ID}, 'Measured', now() + interval '30 days',
              now() - interval '1 day', true, 1, $3::bigint ${each}`,
      range,
    );
    await this.rows(
      'reservation',
      `INSERT INTO seats (schedule_id, seat_number, seat_id, price_krw)
       SELECT schedule, number, ${seat}, ${PRICE_KRW} ${everySeat}`,
      range,
    );
    await this.rows(
      'queue',
      `INSERT INTO schedules (schedule_id, published_version, seat_count)
       SELECT schedule, 1, $3::integer ${each}`,
      range,
    );
  }

  /**
   * Every seat of these schedules held: seat by seat by the users with the seats' numbers.
   * @param {number} first
   * @param {number} last
   */
  async holdSchedules(first, last) {
    const range = [first, last];
    const held = 'FROM seats WHERE schedule_id BETWEEN $1::bigint AND $2::bigint';
    await this.rows(
      'reservation',
      `WITH held AS (
         INSERT INTO reservations (reservation_id, user_id, schedule_id, state, expires_at,
                                   created_at)
         SELECT seat_id, seat_id, schedule_id, 'HELD', ${LAST_FOR}, now() ${held}
         RETURNING reservation_id
       ), owned AS (
         UPDATE schedules SET owned_seats = seat_count, seats_version = 1
         WHERE schedule_id BETWEEN $1::bigint AND $2::bigint
       )
       INSERT INTO reservation_seats (reservation_id, seat_number, schedule_id, seat_id, price_krw)
       SELECT seat_id, seat_number, schedule_id, seat_id, price_krw ${held}`,
      range,
    );
    await this.rows(
      'concert',
      `WITH held AS (
         UPDATE seats SET status = 'HELD', held_until = ${LAST_FOR}, status_version = 1
         WHERE schedule_id BETWEEN $1::bigint AND $2::bigint
       )
       UPDATE schedules SET taken_seats = seat_count, status_changes = 1
       WHERE schedule_id BETWEEN $1::bigint AND $2::bigint`,
      range,
    );
    await this.rows(
      'queue',
      `UPDATE schedules SET seats_version = 1, seats_left = 0
       WHERE schedule_id BETWEEN $1::bigint AND $2::bigint`,
      range,
    );
  }

  /** Plans made for empty tables are bad ones, and autovacuum comes too late for a measurement. */
  async settle() {
    await Promise.all(SERVICES.map((service) => this.rows(service, 'ANALYZE')));
  }

  async close() {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
  }
}
