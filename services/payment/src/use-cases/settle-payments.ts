import { accepted, PaymentCompleted, refused } from '@encore/contracts';
import { DeferredAnswers, Outbox, type BatchContext } from '@encore/messaging';
import type { SagaMilestones, StoredSaga } from '@encore/saga';
import { Injectable } from '@nestjs/common';
import { viewOfPayment, type Payment, type Purchase } from '../domain/payment.js';
import { PaymentsRepository } from '../persistence/payments.repository.js';
import { pinnedBy, type PayForReservation } from '../sagas/pay-for-reservation.saga.js';
import { causeOf } from './cause-of.js';

type Saga = StoredSaga<PayForReservation>;

/** What the payment saga's milestones mean: the payment's row, its event and the answer. */
@Injectable()
export class SettlePayments {
  readonly milestones: SagaMilestones<PayForReservation> = {
    'confirm the reservation': (sagas, context) => this.complete(sagas, context),
    compensated: (sagas, context) => this.fail(sagas, context),
  };

  constructor(
    private readonly payments: PaymentsRepository,
    private readonly outbox: Outbox,
    private readonly answers: DeferredAnswers,
  ) {}

  /** The point of no return: whoever waits is told now, not when the queue entry is used up. */
  private async complete(sagas: readonly Saga[], context: BatchContext): Promise<void> {
    const { tx } = context;
    const completed = await this.payments.end(
      tx,
      sagas.map(({ saga, updatedAt }) => ({
        paymentId: saga.data.paymentId,
        state: 'COMPLETED' as const,
        purchase: purchaseOf(saga.data),
        failure: null,
        completedAt: updatedAt,
      })),
    );
    const ids = new Set(completed.map((payment) => payment.paymentId));
    const news = sagas.filter(({ saga }) => ids.has(saga.data.paymentId));
    await this.outbox.announce(tx, PaymentCompleted, news.map(eventOf), causeOf(news));
    const publish = await this.answers.settle(
      tx,
      bySaga(sagas, completed, ({ origin }, payment) => ({
        requestId: origin.requestMessageId,
        outcome: accepted(viewOfPayment(payment)),
      })),
    );
    context.beforeAck(publish);
  }

  /** Everything is undone: only now may the client hear "no", and find its hold as it was. */
  private async fail(sagas: readonly Saga[], context: BatchContext): Promise<void> {
    const failed = await this.payments.end(
      context.tx,
      sagas.map(({ saga }) => ({
        paymentId: saga.data.paymentId,
        state: 'FAILED' as const,
        purchase: saga.data.pinned === null ? null : purchaseOf(saga.data),
        failure: refusalOf(saga).code,
        completedAt: null,
      })),
    );
    const publish = await this.answers.settle(
      context.tx,
      bySaga(sagas, failed, ({ origin, saga }, { paymentId }) => {
        const { code, detail } = refusalOf(saga);
        return {
          requestId: origin.requestMessageId,
          outcome: refused(code, { ...detail, paymentId }),
        };
      }),
    );
    context.beforeAck(publish);
  }
}

/** Pairs the payments that really changed with their sagas. */
function bySaga<Result>(
  sagas: readonly Saga[],
  payments: readonly Payment[],
  map: (saga: Saga, payment: Payment) => Result,
): Result[] {
  const byId = new Map(sagas.map((stored) => [stored.saga.data.paymentId, stored]));
  return payments.flatMap((payment) => {
    const stored = byId.get(payment.paymentId);
    return stored === undefined ? [] : [map(stored, payment)];
  });
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
