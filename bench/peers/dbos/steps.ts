// A step may run again when the process died before it was recorded: each is one statement that
// finds its own effect already there, and says so.
import pg from 'pg';
import { setting } from '../shared/program.js';

const POOL_MAX_CONNECTIONS = 8;

const pool = new pg.Pool({
  connectionString: setting('DATABASE_URL'),
  max: POOL_MAX_CONNECTIONS,
  keepAlive: true,
});

interface PaymentRequest {
  userId: number;
  reservationId: number;
  amountKrw: number;
}

interface BegunPayment extends PaymentRequest {
  paymentId: number;
}

export interface Payment extends BegunPayment {
  state: 'COMPLETED';
  completedAt: string;
}

const BEGIN = {
  name: 'begin',
  text: `
    INSERT INTO payments (user_id, reservation_id, amount_krw, state)
    VALUES ($1, $2, $3, 'PENDING')
    ON CONFLICT (reservation_id) WHERE state <> 'FAILED'
      DO UPDATE SET state = payments.state
      WHERE payments.user_id = EXCLUDED.user_id AND payments.state = 'PENDING'
    RETURNING payment_id AS "paymentId"`,
};
const DEBIT = {
  name: 'debit',
  text: `
    WITH debited AS (
      UPDATE wallets SET balance_krw = balance_krw - $3::integer
       WHERE user_id = $1 AND balance_krw >= $3::integer
         AND NOT EXISTS (SELECT FROM movements WHERE payment_id = $2 AND kind = 'DEBIT')
      RETURNING balance_krw
    ), moved AS (
      INSERT INTO movements (kind, payment_id, user_id, amount_krw, balance_after_krw)
      SELECT 'DEBIT', $2, $1, -$3::integer, balance_krw FROM debited
      RETURNING payment_id
    )
    SELECT payment_id FROM moved
    UNION ALL
    SELECT payment_id FROM movements WHERE payment_id = $2 AND kind = 'DEBIT'`,
};
const CONFIRM = {
  name: 'confirm',
  text: `
    UPDATE reservations SET state = 'CONFIRMED', payment_id = $3, confirmed_at = now()
     WHERE reservation_id = $1 AND user_id = $2 AND price_krw = $4
       AND (state = 'HELD' AND expires_at > now() OR state = 'CONFIRMED' AND payment_id = $3)
    RETURNING reservation_id`,
};
const FINISH = {
  name: 'finish',
  text: `
    WITH expired AS (
      UPDATE entries SET state = 'EXPIRED', expired_at = now()
       WHERE user_id = $1 AND state <> 'EXPIRED' AND state = 'ACTIVE'
      RETURNING entry_id
    )
    UPDATE payments SET state = 'COMPLETED', completed_at = coalesce(completed_at, now())
     WHERE payment_id = $2
       AND (state = 'COMPLETED' OR state = 'PENDING' AND EXISTS (SELECT FROM expired))
    RETURNING payment_id AS "paymentId", user_id AS "userId", reservation_id AS "reservationId",
      amount_krw AS "amountKrw", state, completed_at AS "completedAt"`,
};
const UNDO = {
  name: 'undo',
  text: `
    WITH failed AS (
      UPDATE payments SET state = 'FAILED', failure = $2
       WHERE payment_id = $1 AND state = 'PENDING'
      RETURNING payment_id, user_id, reservation_id, amount_krw
    ), released AS (
      UPDATE reservations SET state = 'HELD', payment_id = NULL, confirmed_at = NULL
        FROM failed
       WHERE reservations.reservation_id = failed.reservation_id
         AND reservations.payment_id = failed.payment_id
    ), refunded AS (
      UPDATE wallets SET balance_krw = balance_krw + failed.amount_krw
        FROM failed
       WHERE wallets.user_id = failed.user_id
         AND EXISTS (SELECT FROM movements WHERE payment_id = failed.payment_id AND kind = 'DEBIT')
      RETURNING wallets.user_id, balance_krw
    )
    INSERT INTO movements (kind, payment_id, user_id, amount_krw, balance_after_krw)
    SELECT 'REFUND', failed.payment_id, refunded.user_id, failed.amount_krw, refunded.balance_krw
      FROM refunded JOIN failed USING (user_id)`,
};

/** @returns the payment's id; null when the reservation is paid for or somebody else's attempt */
export async function begin(request: PaymentRequest): Promise<number | null> {
  const { userId, reservationId, amountKrw } = request;
  const values = [userId, reservationId, amountKrw];
  const { rows } = await pool.query<{ paymentId: number }>({ ...BEGIN, values });
  return rows[0]?.paymentId ?? null;
}

export async function debit({ userId, paymentId, amountKrw }: BegunPayment): Promise<boolean> {
  const { rows } = await pool.query({ ...DEBIT, values: [userId, paymentId, amountKrw] });
  return rows.length > 0;
}

export async function confirm(payment: BegunPayment): Promise<boolean> {
  const { reservationId, userId, paymentId, amountKrw } = payment;
  const values = [reservationId, userId, paymentId, amountKrw];
  const { rows } = await pool.query({ ...CONFIRM, values });
  return rows.length > 0;
}

export async function finish({ userId, paymentId }: BegunPayment): Promise<Payment | null> {
  const { rows } = await pool.query<Payment>({ ...FINISH, values: [userId, paymentId] });
  return rows[0] ?? null;
}

export async function undo(paymentId: number, failure: string): Promise<void> {
  await pool.query({ ...UNDO, values: [paymentId, failure] });
}
