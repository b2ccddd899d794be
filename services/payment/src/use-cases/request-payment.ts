import { refused, RequestPayment, type Outcome } from '@encore/contracts';
import type { Transaction } from '@encore/database';
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
import { outcomeOfPayment, refusalOfPayment, type Payment } from '../domain/payment.js';
import { PaymentsRepository, type LivePayment } from '../persistence/payments.repository.js';
import { payForReservation } from '../sagas/pay-for-reservation.saga.js';
import { EarlyPins } from './early-pins.js';
import { SettlePayments } from './settle-payments.js';

type Request = Received<typeof RequestPayment>;
type Answer = Outcome<typeof RequestPayment> | Deferred;

/** A payment in the way may fail between two looks at it; nobody loses so often in a row. */
const TRIES_MAX = 3;

@Controller()
export class RequestPaymentHandler {
  constructor(
    private readonly payments: PaymentsRepository,
    @Inject(EarlyPins) private readonly pins: Pick<EarlyPins, 'ask'>,
    private readonly sagas: SagaRunner,
    @Inject(SettlePayments) private readonly settle: Pick<SettlePayments, 'fail'>,
  ) {}

  /** The database's constraint decides who pays, within the batch as well as between instances. */
  @Handles(RequestPayment)
  async request(requests: Request[], context: BatchContext): Promise<Answer[]> {
    const now = new Date();
    const paymentIds = new Map<string, number>();
    const known = new Map<string, Payment>();
    const inTheWay: LivePayment[] = [];
    let open = requests;
    for (let tries = 0; tries < TRIES_MAX && open.length > 0; tries += 1) {
      const inserted = await this.insert(context.tx, open, now);
      inserted.forEach((paymentId, requestId) => paymentIds.set(requestId, paymentId));
      open = open.filter(({ id }) => !paymentIds.has(id));
      for (const [id, payment] of await this.requested(context.tx, open)) known.set(id, payment);
      open = open.filter(({ id }) => !known.has(id));
      inTheWay.push(...(await this.blocking(context.tx, open)));
      open = open.filter((request) => !inTheWay.some((live) => blocks(live, request)));
    }
    const refusals = await this.start(requests, paymentIds, now, context);
    return requests.map((request) => {
      if (paymentIds.has(request.id)) return refusals.get(request.id) ?? DEFERRED;
      const payment = known.get(request.id);
      if (payment !== undefined) return answerAgain(request, payment);
      return refusalOf(inTheWay.find((live) => blocks(live, request)));
    });
  }

  private async insert(tx: Transaction, requests: readonly Request[], now: Date) {
    const wanted = requests.map(({ id, payload }) => ({ ...payload, requestMessageId: id }));
    return this.payments.insert(tx, wanted, now);
  }

  /** What requests made that are older than the inbox remembers. */
  private async requested(tx: Transaction, requests: readonly Request[]) {
    return this.payments.requested(
      tx,
      requests.map(({ id }) => id),
    );
  }

  private async blocking(tx: Transaction, requests: readonly Request[]): Promise<LivePayment[]> {
    if (requests.length === 0) return [];
    const reservationIds = requests.map(({ payload }) => payload.reservationId);
    return this.payments.live(tx, reservationIds);
  }

  /** Returns the refusals of those that the reservation refused at once, by request. */
  private async start(
    requests: readonly Request[],
    paymentIds: ReadonlyMap<string, number>,
    now: Date,
    context: BatchContext,
  ): Promise<ReadonlyMap<string, Answer>> {
    const wanted = requests.flatMap(({ id, payload, correlationId, traceparent }) => {
      const paymentId = paymentIds.get(id);
      if (paymentId === undefined) return [];
      const { userId, reservationId } = payload;
      return [
        {
          data: { ...payload, paymentId, pinned: null },
          origin: {
            requestMessageId: id,
            correlationId,
            traceparent: traceparent ?? null,
            paymentId,
            refundId: null,
            reservationId,
            userId,
          },
        },
      ];
    });
    if (wanted.length === 0) return new Map();
    const heard = await this.pins.ask(wanted);
    const starts = wanted.map((one, index) => ({ ...one, heard: heard[index] }));
    const begun = this.sagas.start(payForReservation, starts, context, now);
    const refusedOnes = begun.filter(({ saga }) => saga.state === 'COMPENSATED');
    if (refusedOnes.length === 0) return new Map();
    const answers = this.settle.fail(refusedOnes, context.tx);
    return new Map(
      answers.map(({ requestId, outcome }) => [
        requestId,
        refused(refusalOfPayment(outcome.refusal), outcome.detail),
      ]),
    );
  }
}

function answerAgain({ id, payload }: Request, payment: Payment): Answer {
  if (payment.userId !== payload.userId || payment.reservationId !== payload.reservationId) {
    throw new InvalidMessageError(`The id ${id} was used before for another payment`);
  }
  return outcomeOfPayment(payment) ?? DEFERRED;
}

function blocks(live: LivePayment, { payload }: Request): boolean {
  return live.reservationId === payload.reservationId && live.userId === payload.userId;
}

function refusalOf(live: LivePayment | undefined): Outcome<typeof RequestPayment> {
  if (live === undefined) return refused('PAYMENT_IN_PROGRESS');
  const { paymentId, state } = live;
  return refused(state === 'PENDING' ? 'PAYMENT_IN_PROGRESS' : 'PAYMENT_ALREADY_COMPLETED', {
    paymentId,
  });
}
