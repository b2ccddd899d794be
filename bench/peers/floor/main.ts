import { servePayments } from '../shared/http.js';
import { pay, Refused } from './pay.js';

servePayments(async ({ userId, reservationId }) => {
  try {
    return await pay(userId, reservationId);
  } catch (error) {
    if (error instanceof Refused) return { refusal: error.message };
    throw error;
  }
});
