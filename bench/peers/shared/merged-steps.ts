// What takes several statements elsewhere, in one.
import { type Database } from './database.js';
import { type Payment } from './payment.js';

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

/**
 * Expires the queue entry and completes the payment.
 * @returns null when the entry is not active
 */
export async function finish(
  database: Database,
  { userId, paymentId }: { userId: number; paymentId: number },
): Promise<Payment | null> {
  const { rows } = await database.query<Payment>({ ...FINISH, values: [userId, paymentId] });
  return rows[0] ?? null;
}

/** Everything a payment did so far; nothing when it is undone or completed. */
export async function undo(database: Database, paymentId: number, failure: string): Promise<void> {
  await database.query({ ...UNDO, values: [paymentId, failure] });
}
