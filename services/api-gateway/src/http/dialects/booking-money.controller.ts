import { Controller } from '@nestjs/common';
import { Bookings } from '../../application/bookings.js';
import { HeldPayments } from '../../application/held-payments.js';
import { Payments } from '../../application/payments.js';
import { Wallets } from '../../application/wallets.js';
import { Call, type HttpCall } from '../call.js';
import { Serves } from '../endpoint.js';
import { ProblemError } from '../problem.js';
import { CHARGE, LIST_PAYMENTS, PAY, READ_BALANCE, REFUND } from './booking-money.endpoints.js';
import { paymentOf } from './booking.shapes.js';

const DEFAULT_ROWS = 20;

/** `booking` and its draft, about money; and the payment they share with `user-token`. */
@Controller()
export class BookingMoneyController {
  constructor(
    private readonly wallets: Wallets,
    private readonly bookings: Bookings,
    private readonly payments: Payments,
    private readonly heldPayments: HeldPayments,
  ) {}

  @Serves(READ_BALANCE)
  async readBalance(@Call() call: HttpCall<typeof READ_BALANCE>) {
    const { balanceKrw } = await this.wallets.wallet(call.reader);
    return call.ok({ balance: balanceKrw });
  }

  @Serves(CHARGE)
  async charge(@Call() call: HttpCall<typeof CHARGE>) {
    const { value, replayed } = await this.wallets.charge(call.body.amount, call.writer);
    return call.done({ value: { balance: value.balanceKrw }, replayed });
  }

  @Serves(PAY)
  async pay(@Call() call: HttpCall<typeof PAY>) {
    const { reservationId, amount } = call.body;
    if (reservationId === undefined) return this.payEverything(call);
    const wanted = { reservationId, expectedAmountKrw: amount ?? null };
    const { value, replayed } = await this.payments.pay(wanted, call.writer);
    requireEnd(value);
    const transactionId = String(value.paymentId);
    return call.done({ value: { status: 'success', transactionId }, replayed });
  }

  @Serves(LIST_PAYMENTS)
  async listPayments(@Call() call: HttpCall<typeof LIST_PAYMENTS>) {
    const { page, limit = DEFAULT_ROWS } = call.query;
    const { items, total } = await this.payments.page({ page, limit }, call.reader);
    return call.ok({ payments: items.map(paymentOf), total });
  }

  @Serves(REFUND)
  async refund(@Call() call: HttpCall<typeof REFUND>) {
    const { reservationId, reason = null } = call.body;
    // Whose reservation it is, is another question than whether it can be refunded.
    await this.bookings.reservation(reservationId, call.reader);
    const wanted = { reservationId, seatNumbers: null, reason };
    const { value, replayed } = await this.payments.refund(wanted, call.writer);
    requireEnd(value);
    return call.done({
      value: {
        message: 'Refund processed successfully',
        refundId: String(value.refundId),
        amount: value.amountKrw,
        status: value.state,
      },
      replayed,
    });
  }

  private async payEverything(call: HttpCall<typeof PAY>) {
    const { replayed } = await this.heldPayments.payAll({}, call.writer);
    const { userId } = call.writer;
    const message = 'Payment successful and ownership assigned.';
    return call.done({ value: { userId, status: 'completed', message }, replayed });
  }
}

/** The documents know only done and failed: what is still under way is neither. */
function requireEnd({ state }: { readonly state: string }): void {
  if (state === 'PENDING') throw new ProblemError('OUTCOME_UNKNOWN');
}
