// @ts-check

/**
 * Payment `index`, from 0: one user pays for the one reservation of theirs.
 * @param {number} index
 */
export function paymentRequestOf(index) {
  return {
    method: 'POST',
    path: '/payment',
    // Only some peers look at the key; sending it to all costs all the same.
    headers: { 'content-type': 'application/json', 'idempotency-key': `pay-${index}` },
    body: { userId: index + 1, reservationId: index + 1 },
  };
}
