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
import { idOfCursor, pageOf } from './page.js';

/** For operators: whose saga it is doesn't matter, what became of it does. */
@Controller()
export class ReadSagasHandler {
  constructor(private readonly sagas: SagaReader) {}

  @AnswersEach(ListSagas)
  async list({ payload }: Received<typeof ListSagas>): Promise<Outcome<typeof ListSagas>> {
    const { limit, cursor, ...filter } = payload;
    const rows = await this.sagas.find(filter, { limit: limit + 1, below: idOfCursor(cursor) });
    return accepted(
      pageOf(rows, limit, { cursor: ({ number }) => String(number), item: viewOfSaga }),
    );
  }

  @AnswersEach(ReadSaga)
  async read({ payload }: Received<typeof ReadSaga>): Promise<Outcome<typeof ReadSaga>> {
    const stored = await this.sagas.read(payload.sagaId);
    if (stored === undefined) return refused('PAYMENT_SAGA_NOT_FOUND');
    const timeline = await this.sagas.timeline(stored);
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
