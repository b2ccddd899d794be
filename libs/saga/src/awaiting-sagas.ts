import { BriefMap } from '@encore/messaging';
import type { LogEntry } from './instance.js';
import type { SagaRecord } from './saga.store.js';

/** Some 20 MB of sagas. */
const SAGAS_MAX = 10_000;

export interface AwaitingSaga {
  /** As it is here; its row is behind by the lines that are not written yet. */
  readonly record: SagaRecord;
  readonly unwritten: readonly LogEntry[];
}

/**
 * Open sagas as this process left them last, each by the id of the command it waits for, so that
 * the answer finds it without reading its row. Another process may have moved one on since.
 */
export class AwaitingSagas {
  readonly #sagas = new BriefMap<string, AwaitingSaga>();

  /** Those that wait for one of these answers; forgotten, for they are about to move on. */
  take(messageIds: readonly string[]): AwaitingSaga[] {
    return messageIds.flatMap((id) => this.#sagas.take(id) ?? []);
  }

  /** As they are from now on; those that wait for nothing are over. */
  keep(sagas: Iterable<AwaitingSaga>): void {
    for (const saga of sagas) {
      const { messageId } = saga.record.saga;
      if (messageId !== null) this.#sagas.set(messageId, saga);
    }
    if (this.#sagas.size <= SAGAS_MAX) return;
    for (const [oldest] of this.#sagas.entries()) {
      this.#sagas.delete(oldest);
      if (this.#sagas.size <= SAGAS_MAX) return;
    }
  }
}
