import {
  accepted,
  PaymentCompleted,
  refused,
  RequestPayment,
  type AskableContract,
  type Outcome,
} from '@encore/contracts';
import type { Queryable, Transaction } from '@encore/database';
import { DeferredAnswers, Outbox, type BatchContext } from '@encore/messaging';
import type { SagaMilestones, SagaRecord } from '@encore/saga';
import { Injectable } from '@nestjs/common';
import { outcomeOfPayment, viewOfPayment, type Payment, type Purchase } from '../domain/payment.js';
import { PaymentsRepository } from '../persistence/payments.repository.js';
import { pinnedBy, type PayForReservation } from '../sagas/pay-for-reservation.saga.js';
import { causeOf } from './cause-of.js';

type Saga = SagaRecord<PayForReservation>;

/** What the payment saga's milestones mean: the payment's row, its event and the answer. */
@Injectable()
export class SettlePayments {
  readonly milestones: SagaMilestones<PayForReservation> = {
    'confirm the reservation': (sagas, context) => this.complete(sagas, context),
    compensated: (sagas, context) =>
      context.beforeAck(this.answers.settle(context.tx, this.fail(sagas, context.tx))),
  };

  constructor(
    private readonly payments: PaymentsRepository,
    private readonly outbox: Outbox,
    private readonly answers: DeferredAnswers,
  ) {
    answers.recallWith(RequestPayment, (queryable, ids) => this.recall(queryable, ids));
  }

  /** The answers to requests whose payments were made. A failure says more than its row. */
  private async recall(
    queryable: Queryable,
    requestIds: readonly string[],
  ): Promise<ReadonlyMap<string, Outcome<AskableContract>>> {
    const outcomes = new Map<string, Outcome<AskableContract>>();
    for (const [id, payment] of await this.payments.requested(queryable, requestIds)) {
      const outcome = outcomeOfPayment(payment);
      if (outcome?.ok === true) outcomes.set(id, outcome);
    }
    return outcomes;
  }

  /** The point of no return: whoever waits is told now, not when the queue entry is used up. */
  private complete(sagas: readonly Saga[], context: BatchContext): void {
    const { tx } = context;
    this.payments.end(
      tx,
      sagas.map(({ saga, updatedAt }) => ({
        paymentId: saga.data.paymentId,
        state: 'COMPLETED',
        purchase: purchaseOf(saga.data),
        failure: null,
        completedAt: updatedAt,
      })),
    );
    this.outbox.announce(tx, PaymentCompleted, sagas.map(eventOf), causeOf(sagas));
    const answers = sagas.map((stored) => ({
      requestId: stored.origin.requestMessageId,
      outcome: accepted(viewOfPayment(completedPayment(stored))),
    }));
    context.beforeAck(this.answers.tell(tx, answers));
  }

  /**
   * Everything is undone: only now may the client hear "no", and find its hold as it was. Returns
   * what the requests are to be answered.
   */
  fail(sagas: readonly Saga[], tx: Transaction) {
    this.payments.end(
      tx,
      sagas.map(({ saga }) => ({
        paymentId: saga.data.paymentId,
        state: 'FAILED',
        purchase: saga.data.pinned === null ? null : purchaseOf(saga.data),
        failure: refusalOf(saga).code,
        completedAt: null,
      })),
    );
    return sagas.map(({ saga, origin }) => {
      const { code, detail } = refusalOf(saga);
      const { paymentId } = saga.data;
      return {
        requestId: origin.requestMessageId,
        outcome: refused(code, { ...detail, paymentId }),
      };
    });
  }
}

/** The payment as its row says from now on: it began with its saga. */
function completedPayment({ saga, startedAt, updatedAt }: Saga): Payment {
  const { paymentId, userId, reservationId } = saga.data;
  return {
    paymentId,
    userId,
    reservationId,
    state: 'COMPLETED',
    purchase: purchaseOf(saga.data),
    refundedKrw: 0,
    failure: null,
    createdAt: startedAt,
    completedAt: updatedAt,
  };
}

function purchaseOf(data: PayForReservation): Purchase {
  const { scheduleId, concertId, startsAt, amountKrw, seats } = pinnedBy(data);
  return { scheduleId, concertId, startsAt: new Date(startsAt), amountKrw, seats };
}

function eventOf({ saga }: Saga) {
  const { paymentId, userId, reservationId, entryId, roomId } = saga.data;
  const { amountKrw } = pinnedBy(saga.data);
  return { paymentId, userId, reservationId, amountKrw, entryId, roomId };
}

function refusalOf(saga: Saga['saga']) {
  if (saga.refusal === null) throw new Error(`saga ${saga.id} was undone for no reason`);
  return saga.refusal;
}
