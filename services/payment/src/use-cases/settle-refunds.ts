import { accepted, RefundCompleted, refused } from '@encore/contracts';
import { DeferredAnswers, Outbox, type BatchContext } from '@encore/messaging';
import type { SagaMilestones, SagaRecord } from '@encore/saga';
import { Injectable } from '@nestjs/common';
import { viewOfRefund, type Refund } from '../domain/refund.js';
import { PaymentsRepository } from '../persistence/payments.repository.js';
import { RefundsRepository } from '../persistence/refunds.repository.js';
import type { RefundPayment } from '../sagas/refund-payment.saga.js';
import { causeOf } from './cause-of.js';

type Saga = SagaRecord<RefundPayment>;

/** What the refund saga's milestones mean: rows of refund and payment, the event, the answer. */
@Injectable()
export class SettleRefunds {
  readonly milestones: SagaMilestones<RefundPayment> = {
    'credit the wallet': (sagas, context) => this.complete(sagas, context),
    compensated: (sagas, context) => this.fail(sagas, context),
  };

  constructor(
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly outbox: Outbox,
    private readonly answers: DeferredAnswers,
  ) {}

  /** The money is back: that is what was asked for, whatever is still noted elsewhere. */
  private async complete(sagas: readonly Saga[], context: BatchContext): Promise<void> {
    const { tx } = context;
    await this.payments.giveBack(
      tx,
      sagas.map(({ saga }) => saga.data),
    );
    const refunds = await this.refunds.end(
      tx,
      sagas.map(({ saga, updatedAt }) => ({
        refundId: saga.data.refundId,
        state: 'COMPLETED' as const,
        failure: null,
        completedAt: updatedAt,
      })),
    );
    this.outbox.announce(tx, RefundCompleted, sagas.map(eventOf), causeOf(sagas));
    const publish = this.answers.settle(
      tx,
      sagas.map(({ saga, origin }) => ({
        requestId: origin.requestMessageId,
        outcome: accepted(viewOfRefund(find(refunds, saga.data.refundId))),
      })),
    );
    context.beforeAck(publish);
  }

  private async fail(sagas: readonly Saga[], context: BatchContext): Promise<void> {
    await this.refunds.end(
      context.tx,
      sagas.map(({ saga }) => ({
        refundId: saga.data.refundId,
        state: 'FAILED' as const,
        failure: refusalOf(saga).code,
        completedAt: null,
      })),
    );
    const publish = this.answers.settle(
      context.tx,
      sagas.map(({ saga, origin }) => {
        const { code, detail } = refusalOf(saga);
        const { refundId } = saga.data;
        return {
          requestId: origin.requestMessageId,
          outcome: refused(code, { ...detail, refundId }),
        };
      }),
    );
    context.beforeAck(publish);
  }
}

function eventOf({ saga }: Saga) {
  const { refundId, paymentId, userId, reservationId, amountKrw } = saga.data;
  return { refundId, paymentId, userId, reservationId, amountKrw };
}

function find(refunds: readonly Refund[], refundId: number): Refund {
  const refund = refunds.find((one) => one.refundId === refundId);
  if (refund === undefined) throw new Error(`refund ${refundId} has a saga but no row`);
  return refund;
}

function refusalOf(saga: Saga['saga']) {
  if (saga.refusal === null) throw new Error(`saga ${saga.id} was undone for no reason`);
  return saga.refusal;
}
