import {
  accepted,
  ListSagas,
  ReadSaga,
  refused,
  type Outcome,
  type SagaView,
} from '@encore/contracts';
import { AnswersEach, type Received } from '@encore/messaging';
import { reasonOf, SagaReader, type StoredSaga } from '@encore/saga';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { pageOf } from './page.js';

const sagaId = z.uuid();

/** For operators: whose saga it is doesn't matter, what became of it does. */
@Controller()
export class ReadSagasHandler {
  constructor(private readonly sagas: SagaReader) {}

  @AnswersEach(ListSagas)
  async list({ payload }: Received<typeof ListSagas>): Promise<Outcome<typeof ListSagas>> {
    const { limit, cursor, ...filter } = payload;
    if (cursor !== undefined && !sagaId.safeParse(cursor).success) {
      return accepted({ items: [], nextCursor: null });
    }
    const rows = await this.sagas.find(filter, { limit: limit + 1, before: cursor });
    return accepted(pageOf(rows, limit, { cursor: ({ saga }) => saga.id, item: viewOfSaga }));
  }

  @AnswersEach(ReadSaga)
  async read({ payload }: Received<typeof ReadSaga>): Promise<Outcome<typeof ReadSaga>> {
    const stored = await this.sagas.read(payload.sagaId);
    if (stored === undefined) return refused('PAYMENT_SAGA_NOT_FOUND');
    const timeline = await this.sagas.timeline(payload.sagaId);
    return accepted({ ...viewOfSaga(stored), timeline });
  }
}

function viewOfSaga({ saga, origin, startedAt, updatedAt }: StoredSaga): SagaView {
  return {
    sagaId: saga.id,
    definition: saga.definition,
    state: saga.state,
    step: saga.step,
    attempt: saga.attempt,
    paymentId: origin.paymentId,
    refundId: origin.refundId,
    reservationId: origin.reservationId,
    userId: origin.userId,
    requestId: origin.correlationId,
    reason: reasonOf(saga),
    startedAt: startedAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    nextAskAt: saga.nextAskAt?.toISOString() ?? null,
  };
}
