import { RequestRefund, type Outcome } from '@encore/contracts';
import {
  DEFERRED,
  Handles,
  InvalidMessageError,
  type BatchContext,
  type Deferred,
  type Received,
} from '@encore/messaging';
import { SagaRunner } from '@encore/saga';
import { Controller, Inject } from '@nestjs/common';
import type { Payment } from '../domain/payment.js';
import type { RefundPolicy } from '../domain/refund-policy.js';
import {
  decideRefund,
  outcomeOfRefund,
  type Refund,
  type RefundablePayment,
  type RefundPlan,
} from '../domain/refund.js';
import { PaymentsRepository } from '../persistence/payments.repository.js';
import { RefundsRepository, type RefundedSeat } from '../persistence/refunds.repository.js';
import { refundPayment } from '../sagas/refund-payment.saga.js';

export const REFUND_POLICY = Symbol('how much is given back how long before the concert');

type Request = Received<typeof RequestRefund>;
type Answer = Outcome<typeof RequestRefund> | Deferred;
interface Planned {
  readonly request: Request;
  readonly plan: RefundPlan;
}

@Controller()
export class RequestRefundHandler {
  constructor(
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly sagas: SagaRunner,
    @Inject(REFUND_POLICY) private readonly policy: RefundPolicy,
  ) {}

  @Handles(RequestRefund)
  async request(requests: Request[], context: BatchContext): Promise<Answer[]> {
    const { tx } = context;
    const now = new Date();
    const ids = requests.map(({ id }) => id);
    // Requests that are older than the inbox remembers.
    const known = await this.refunds.requested(tx, ids);
    const reservationIds = requests.map(({ payload }) => payload.reservationId);
    const payments = await this.payments.lockOfReservations(tx, reservationIds);
    const seats = await this.refunds.seatsOfPayments(
      tx,
      payments.map(({ paymentId }) => paymentId),
    );
    const planned: Planned[] = [];
    const answers = requests.map((request) => {
      const refund = known.get(request.id);
      if (refund !== undefined) return answerAgain(request, refund);
      const payment = paymentFor(request, payments);
      const found = payment && refundable(payment, seats, planned);
      const decision = decideRefund(found, request.payload, this.policy, now);
      if (!decision.ok) return decision;
      planned.push({ request, plan: decision.value });
      return DEFERRED;
    });
    await this.start(planned, now, context);
    return answers;
  }

  private async start(
    planned: readonly Planned[],
    now: Date,
    context: BatchContext,
  ): Promise<void> {
    if (planned.length === 0) return;
    const ids = await this.refunds.insert(
      context.tx,
      planned.map(({ request, plan }) => ({
        requestMessageId: request.id,
        paymentId: plan.payment.paymentId,
        reservationId: plan.payment.reservationId,
        userId: plan.payment.userId,
        seatNumbers: plan.seatNumbers,
        amountKrw: plan.amountKrw,
        reason: plan.reason,
      })),
      now,
    );
    const starts = planned.map(({ request, plan }) => {
      const { paymentId, reservationId, userId } = plan.payment;
      const refundId = idOf(ids, request);
      const subject = { paymentId, refundId, reservationId, userId };
      return {
        data: { ...subject, seatNumbers: plan.seatNumbers, amountKrw: plan.amountKrw },
        origin: {
          ...subject,
          requestMessageId: request.id,
          correlationId: request.correlationId,
          traceparent: request.traceparent ?? null,
        },
      };
    });
    this.sagas.start(refundPayment, starts, context, now);
  }
}

function answerAgain({ id, payload }: Request, refund: Refund): Answer {
  if (refund.userId !== payload.userId || refund.reservationId !== payload.reservationId) {
    throw new InvalidMessageError(`The id ${id} was used before for another refund`);
  }
  return outcomeOfRefund(refund) ?? DEFERRED;
}

/** The payment that bought the reservation; else the person's own latest attempt. */
function paymentFor({ payload }: Request, payments: readonly Payment[]): Payment | undefined {
  const tried = payments.filter(({ reservationId }) => reservationId === payload.reservationId);
  const bought = tried.find(({ state }) => state !== 'PENDING' && state !== 'FAILED');
  return bought ?? tried.findLast(({ userId }) => userId === payload.userId);
}

/** With what requests earlier in this batch have just been granted. */
function refundable(
  payment: Payment,
  seats: readonly RefundedSeat[],
  planned: readonly Planned[],
): RefundablePayment {
  const { paymentId } = payment;
  const own = seats.filter((seat) => seat.paymentId === paymentId);
  const granted = planned.some(({ plan }) => plan.payment.paymentId === paymentId);
  return {
    payment,
    refundedSeats: new Set(own.map((seat) => seat.seatNumber)),
    refundRunning: granted || own.some((seat) => seat.running),
  };
}

function idOf(ids: ReadonlyMap<string, number>, request: Request): number {
  const id = ids.get(request.id);
  if (id === undefined) throw new Error(`the refund of request ${request.id} was not stored`);
  return id;
}
