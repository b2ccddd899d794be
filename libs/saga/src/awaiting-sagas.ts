import type { SagaRecord } from './saga.store.js';

/** Some 20 MB of sagas. */
const SAGAS_MAX = 10_000;

/**
 * Open sagas as this process stored them last, each by the id of the command it waits for, so that
 * the answer finds it without reading its row. Another process may have moved one on since.
 */
export class AwaitingSagas {
  readonly #sagas = new Map<string, SagaRecord>();

  /** Those that wait for one of these answers; forgotten, for they are about to move on. */
  take(messageIds: readonly string[]): SagaRecord[] {
    return messageIds.flatMap((id) => {
      const saga = this.#sagas.get(id);
      this.#sagas.delete(id);
      return saga ?? [];
    });
  }

  /** As they are from now on; those that wait for nothing are over. */
  keep(sagas: Iterable<SagaRecord>): void {
    for (const record of sagas) {
      const { messageId } = record.saga;
      if (messageId !== null) this.#sagas.set(messageId, record);
    }
    for (const oldest of this.#sagas.keys()) {
      if (this.#sagas.size <= SAGAS_MAX) return;
      this.#sagas.delete(oldest);
    }
  }
}
