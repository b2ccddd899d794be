// @ts-check
// What must be true of the services' books after a run: row by row within a database, by sums
// between two, because hundreds of thousands of payments are looked at after every interval.
import { until } from '../../scripts/processes.mjs';

const QUIET_LIMIT_MS = 60_000;
const QUIET_POLL_MS = 100;
const SERVICES = /** @type {const} */ (['queue', 'concert', 'reservation', 'wallet', 'payment']);
const SUCCESSFUL = `state NOT IN ('PENDING', 'FAILED')`;

/** @typedef {import('./encore-databases.mjs').Databases} Databases */

/**
 * @param {Databases} databases
 * @param {import('../harness/rounds.mjs').Expected} expected
 * @returns {Promise<string[]>} a sentence for each violation
 */
export async function violationsOf(databases, expected) {
  await quiet(databases);
  const found = await Promise.all([
    promised(databases, expected),
    ledger(databases),
    bought(databases),
    seats(databases),
  ]);
  return found.flat();
}

/**
 * Waits until no saga is open and nothing is left to publish.
 * @param {Databases} databases
 */
export async function quiet(databases) {
  const openNow = async () => {
    const sagas = `SELECT count(*) AS value FROM sagas
                    WHERE state IN ('RUNNING', 'COMPENSATING', 'NEEDS_ATTENTION')`;
    const left = await Promise.all([
      databases.number('payment', sagas),
      ...SERVICES.map((one) => databases.number(one, 'SELECT count(*) AS value FROM outbox')),
    ]);
    return left.reduce((sum, count) => sum + count, 0);
  };
  if (await until(async () => (await openNow()) === 0, QUIET_LIMIT_MS, QUIET_POLL_MS)) return;
  throw new Error(`Encore: ${await openNow()} sagas and events are still open`);
}

/**
 * Nothing that a client was told is lost; what no client heard of may have happened.
 * @param {Databases} databases
 * @param {import('../harness/rounds.mjs').Expected} expected
 */
async function promised(databases, { completed, unknown }) {
  const made = await databases.number(
    'payment',
    `SELECT count(*) AS value FROM payments WHERE ${SUCCESSFUL}`,
  );
  if (made >= completed && made <= completed + unknown) return [];
  return [`${completed} payments were confirmed to clients (${unknown} unknown), ${made} are made`];
}

/**
 * Balances are the sums of their entries, and money is neither made nor lost.
 * @param {Databases} databases
 */
async function ledger(databases) {
  const [row] = await databases.rows(
    'wallet',
    `SELECT (SELECT count(*) FROM accounts a LEFT JOIN account_balances b ON b.account = a.user_id
              WHERE a.balance_krw <> coalesce(b.balance_krw, 0) OR a.balance_krw < 0) AS wrong,
            (SELECT coalesce(sum(signed_amount_krw), 0) FROM ledger_entries) AS total,
            (SELECT coalesce(sum(amount_krw), 0) FROM movements WHERE kind = 'CHARGE') AS charged,
            (SELECT coalesce(sum(balance_krw), 0) FROM accounts) AS balances`,
  );
  const kept = await databases.number(
    'payment',
    `SELECT coalesce(sum(amount_krw - refunded_krw), 0) AS value
       FROM payments WHERE ${SUCCESSFUL}`,
  );
  const { wrong, total, charged, balances } = row;
  return [
    ...(Number(wrong) === 0 ? [] : [`${wrong} balances are not the sum of their entries`]),
    ...(Number(total) === 0 ? [] : [`the ledger sums to ${total}`]),
    ...(Number(charged) === Number(balances) + kept
      ? []
      : [`${charged} charged, but ${balances} in wallets and ${kept} in payments`]),
  ];
}

/**
 * A payment is completed exactly when it was debited once and owns its reservation: three
 * databases name the same payments. Order does not matter to a sum of squares, and two different
 * sets of ids have the same one only by a very unlikely accident.
 * @param {Databases} databases
 */
async function bought(databases) {
  const sameOf = (/** @type {string} */ id) =>
    `count(*) || ' with checksum ' || coalesce(sum(${id}::numeric * ${id}), 0) AS payments`;
  const [[made], [owning], [debited]] = await Promise.all([
    databases.rows('payment', `SELECT ${sameOf('payment_id')} FROM payments WHERE ${SUCCESSFUL}`),
    databases.rows(
      'reservation',
      `SELECT ${sameOf('payment_id')} FROM reservations
        WHERE state IN ('CONFIRMED', 'CANCELLED', 'REFUNDED')`,
    ),
    databases.rows(
      'wallet',
      `SELECT ${sameOf('payment_id')} FROM movements AS debit
        WHERE kind = 'PAYMENT' AND NOT EXISTS (
          SELECT FROM movements AS returned
           WHERE returned.kind = 'PAYMENT_RETURNED' AND returned.cause = debit.cause)`,
    ),
  ]);
  return [
    ...(owning.payments === made.payments
      ? []
      : [`${made.payments} made, but reservations owned by ${owning.payments}`]),
    ...(debited.payments === made.payments
      ? []
      : [`${made.payments} made, but debited are ${debited.payments}`]),
  ];
}

/**
 * A seat has one live owner, and no reservation is being paid by nobody.
 * @param {Databases} databases
 */
async function seats(databases) {
  const [row] = await databases.rows(
    'reservation',
    `SELECT (SELECT count(*) FROM (
               SELECT FROM reservation_seats JOIN reservations USING (reservation_id, schedule_id)
                WHERE NOT cancelled AND (state IN ('PAYING', 'CONFIRMED')
                      OR (state = 'HELD' AND expires_at > now()))
                GROUP BY schedule_id, seat_number HAVING count(*) > 1) AS twice) AS twice,
            (SELECT count(*) FROM reservations WHERE state = 'PAYING') AS stuck`,
  );
  return [
    ...(Number(row.twice) === 0 ? [] : [`${row.twice} seats have two owners`]),
    ...(Number(row.stuck) === 0 ? [] : [`${row.stuck} reservations are paid for by nobody`]),
  ];
}
