// The steps of a payment in plain SQL, as DBOS and graphile-worker have them by their manuals. Each
// may run again after a crash: it then finds its own effect there, and says so. One that refuses
// has changed nothing.
import { type Database } from './database.js';
import { type BegunPayment, type Payment } from './payment.js';

const DEBIT = {
  name: 'debit',
  text: `
    UPDATE wallets SET balance_krw = balance_krw - $3
     WHERE user_id = $1 AND balance_krw >= $3
       AND NOT EXISTS (SELECT FROM movements WHERE payment_id = $2 AND kind = 'DEBIT')
    RETURNING balance_krw AS "balanceKrw"`,
};
const RECORD_DEBIT = {
  name: 'record-debit',
  text: `
    INSERT INTO movements (kind, payment_id, user_id, amount_krw, balance_after_krw)
    VALUES ('DEBIT', $1, $2, $3, $4)`,
};
const FIND_DEBIT = {
  name: 'find-debit',
  text: `SELECT movement_id FROM movements WHERE payment_id = $1 AND kind = 'DEBIT'`,
};
const CONFIRM = {
  name: 'confirm',
  text: `
    UPDATE reservations SET state = 'CONFIRMED', payment_id = $3, confirmed_at = now()
     WHERE reservation_id = $1 AND user_id = $2 AND price_krw = $4
       AND (state = 'HELD' AND expires_at > now() OR state = 'CONFIRMED' AND payment_id = $3)
    RETURNING reservation_id`,
};
const EXPIRE = {
  name: 'expire',
  text: `
    UPDATE entries SET state = 'EXPIRED', expired_at = now(), payment_id = $2
     WHERE user_id = $1 AND state <> 'EXPIRED' AND state = 'ACTIVE'
    RETURNING entry_id`,
};
const FIND_EXPIRED = {
  name: 'find-expired',
  text: `SELECT entry_id FROM entries WHERE user_id = $1 AND payment_id = $2`,
};
const COMPLETE = {
  name: 'complete',
  text: `
    UPDATE payments SET state = 'COMPLETED', completed_at = coalesce(completed_at, now())
     WHERE payment_id = $1 AND state IN ('PENDING', 'COMPLETED')
    RETURNING payment_id AS "paymentId", user_id AS "userId", reservation_id AS "reservationId",
      amount_krw AS "amountKrw", state, completed_at AS "completedAt"`,
};

/** Two statements: the caller's transaction makes them one. */
export async function debit(client: Database, payment: BegunPayment): Promise<boolean> {
  const { userId, paymentId, amountKrw } = payment;
  const values = [userId, paymentId, amountKrw];
  const { rows } = await client.query<{ balanceKrw: number }>({ ...DEBIT, values });
  const [debited] = rows;
  if (debited === undefined) return await isThere(client, FIND_DEBIT, [paymentId]);
  const movement = [paymentId, userId, -amountKrw, debited.balanceKrw];
  await client.query({ ...RECORD_DEBIT, values: movement });
  return true;
}

export async function confirm(database: Database, payment: BegunPayment): Promise<boolean> {
  const { reservationId, userId, paymentId, amountKrw } = payment;
  return await isThere(database, CONFIRM, [reservationId, userId, paymentId, amountKrw]);
}

export async function expire(database: Database, payment: BegunPayment): Promise<boolean> {
  const values = [payment.userId, payment.paymentId];
  if (await isThere(database, EXPIRE, values)) return true;
  return await isThere(database, FIND_EXPIRED, values);
}

/** @returns null when the payment has been undone */
export async function complete(
  database: Database,
  { paymentId }: BegunPayment,
): Promise<Payment | null> {
  const { rows } = await database.query<Payment>({ ...COMPLETE, values: [paymentId] });
  return rows[0] ?? null;
}

async function isThere(
  database: Database,
  statement: { name: string; text: string },
  values: unknown[],
): Promise<boolean> {
  const { rows } = await database.query({ ...statement, values });
  return rows.length > 0;
}
