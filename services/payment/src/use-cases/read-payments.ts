import {
  accepted,
  ListPayments,
  ListStoredPayments,
  ReadPayment,
  ReadPaymentsPage,
  ReadRequestedPayment,
  refused,
  type Outcome,
} from '@encore/contracts';
import { Answers, AnswersEach, type Received } from '@encore/messaging';
import { SagaReader } from '@encore/saga';
import { Controller } from '@nestjs/common';
import { viewOfPayment } from '../domain/payment.js';
import { PaymentsRepository } from '../persistence/payments.repository.js';
import { payForReservation } from '../sagas/pay-for-reservation.saga.js';
import { idOfCursor, pageOf } from './page.js';

@Controller()
export class ReadPaymentsHandler {
  constructor(
    private readonly payments: PaymentsRepository,
    private readonly sagas: SagaReader,
  ) {}

  @AnswersEach(ReadPayment)
  async read({ payload }: Received<typeof ReadPayment>): Promise<Outcome<typeof ReadPayment>> {
    const payment = await this.payments.find(payload.paymentId);
    if (payment === undefined) return refused('PAYMENT_NOT_FOUND');
    if (payment.userId !== payload.userId) return refused('PAYMENT_NOT_YOURS');
    const { paymentId } = payment;
    const definition = payForReservation.name;
    const [saga] = await this.sagas.find({ paymentId, definition }, { limit: 1 });
    const steps = saga === undefined ? [] : await this.sagas.timeline(saga);
    return accepted({ ...viewOfPayment(payment), steps });
  }

  /** One look at the database answers all who ask at the same time. */
  @Answers(ListStoredPayments)
  async listStored(
    queries: Received<typeof ListStoredPayments>[],
  ): Promise<Outcome<typeof ListStoredPayments>[]> {
    const asked = queries.flatMap(({ payload }) => payload.paymentIds);
    const stored = await this.payments.stored(asked);
    return queries.map(({ payload }) =>
      accepted({ paymentIds: payload.paymentIds.filter((id) => stored.has(id)) }),
    );
  }

  /** Someone else's request is as good as none: its id is a secret of who made it. */
  @AnswersEach(ReadRequestedPayment)
  async readRequested({
    payload,
  }: Received<typeof ReadRequestedPayment>): Promise<Outcome<typeof ReadRequestedPayment>> {
    const payment = await this.payments.findRequested(payload.requestMessageId);
    if (payment?.userId !== payload.userId) return refused('PAYMENT_NOT_FOUND');
    return accepted(viewOfPayment(payment));
  }

  @AnswersEach(ListPayments)
  async list({ payload }: Received<typeof ListPayments>): Promise<Outcome<typeof ListPayments>> {
    const { userId, cursor, limit } = payload;
    const rows = await this.payments.ofUser(userId, idOfCursor(cursor), limit + 1);
    return accepted(
      pageOf(rows, limit, {
        cursor: ({ paymentId }) => String(paymentId),
        item: viewOfPayment,
      }),
    );
  }

  @AnswersEach(ReadPaymentsPage)
  async readPage({
    payload: { userId, page, limit },
  }: Received<typeof ReadPaymentsPage>): Promise<Outcome<typeof ReadPaymentsPage>> {
    const { rows, total } = await this.payments.pageOfUser(userId, (page - 1) * limit, limit);
    return accepted({ items: rows.map(viewOfPayment), total });
  }
}
