import {
  accepted,
  ListRefunds,
  ReadRefund,
  ReadRequestedRefund,
  refused,
  type Outcome,
} from '@encore/contracts';
import { AnswersEach, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { viewOfRefund } from '../domain/refund.js';
import { RefundsRepository } from '../persistence/refunds.repository.js';
import { idOfCursor, pageOf } from './page.js';

@Controller()
export class ReadRefundsHandler {
  constructor(private readonly refunds: RefundsRepository) {}

  @AnswersEach(ReadRefund)
  async read({ payload }: Received<typeof ReadRefund>): Promise<Outcome<typeof ReadRefund>> {
    const refund = await this.refunds.find(payload.refundId);
    if (refund === undefined) return refused('PAYMENT_REFUND_NOT_FOUND');
    if (refund.userId !== payload.userId) return refused('PAYMENT_NOT_YOURS');
    return accepted(viewOfRefund(refund));
  }

  /** Someone else's request is as good as none: its id is a secret of who made it. */
  @AnswersEach(ReadRequestedRefund)
  async readRequested({
    payload,
  }: Received<typeof ReadRequestedRefund>): Promise<Outcome<typeof ReadRequestedRefund>> {
    const refund = await this.refunds.findRequested(payload.requestMessageId);
    if (refund?.userId !== payload.userId) return refused('PAYMENT_REFUND_NOT_FOUND');
    return accepted(viewOfRefund(refund));
  }

  @AnswersEach(ListRefunds)
  async list({ payload }: Received<typeof ListRefunds>): Promise<Outcome<typeof ListRefunds>> {
    const { userId, cursor, limit } = payload;
    const rows = await this.refunds.ofUser(userId, idOfCursor(cursor), limit + 1);
    return accepted(
      pageOf(rows, limit, {
        cursor: ({ refundId }) => String(refundId),
        item: viewOfRefund,
      }),
    );
  }
}
