import { pool } from '../dbos/serve.js';
import { type BegunPayment } from '../shared/payment.js';

/** Finds its own effect there when the process died before the step was recorded. */
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

export async function debit({ userId, paymentId, amountKrw }: BegunPayment): Promise<boolean> {
  const { rows } = await pool.query({ ...DEBIT, values: [userId, paymentId, amountKrw] });
  return rows.length > 0;
}
