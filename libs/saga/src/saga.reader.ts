import type { SagaLogEntry, SagaState } from '@encore/contracts';
import type { Database } from '@encore/database';
import { selectSagas, type StoredSaga } from './saga.store.js';

/** What operators search sagas by; every given field must match. */
export interface SagaFilter {
  readonly sagaId?: string | undefined;
  readonly paymentId?: number | undefined;
  readonly reservationId?: number | undefined;
  readonly userId?: number | undefined;
  readonly requestId?: string | undefined;
  readonly state?: SagaState | undefined;
  readonly definition?: string | undefined;
}

/** How many sagas of one definition are in one state, and for how long the oldest already. */
export interface SagaCount {
  readonly saga: string;
  readonly state: SagaState;
  readonly count: number;
  readonly oldestAgeSeconds: number;
}

const COLUMN_OF: Readonly<Record<keyof SagaFilter, string>> = {
  sagaId: 'id',
  paymentId: 'payment_id',
  reservationId: 'reservation_id',
  userId: 'user_id',
  requestId: 'request_id',
  state: 'state',
  definition: 'definition',
};

/** Reads sagas and their logs for people and metrics. Locks nothing. */
export class SagaReader {
  constructor(private readonly database: Database) {}

  /** Newest first, at most `limit`, older than the saga `before` when given. */
  async find(filter: SagaFilter, page: { limit: number; before?: string | undefined }) {
    const query = this.database
      .sql('sagas')
      .select('*')
      .where(columnsOf(filter))
      .orderBy('id', 'desc')
      .limit(page.limit);
    if (page.before !== undefined) void query.where('id', '<', page.before);
    return selectSagas(this.database, query);
  }

  async read(sagaId: string): Promise<StoredSaga | undefined> {
    return (await this.find({ sagaId }, { limit: 1 }))[0];
  }

  /** The whole log of one saga, from its beginning. */
  async timeline(sagaId: string): Promise<SagaLogEntry[]> {
    const rows = await this.database.run<Omit<SagaLogEntry, 'at'> & { at: Date }>(
      this.database
        .sql('saga_log')
        .select('sequence', 'at', 'step', 'event', 'attempt', 'reason')
        .select({ messageId: 'message_id' })
        .where({ saga_id: sagaId })
        .orderBy('sequence'),
    );
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }

  /** Sagas that have not ended. What has ended is not counted: it only ever grows. */
  async countOpen(): Promise<SagaCount[]> {
    return this.database.run<SagaCount>(
      this.database.sql.raw(
        `SELECT definition AS saga, state, count(*) AS count,
           extract(epoch FROM now() - min(started_at))::float8 AS "oldestAgeSeconds"
         FROM sagas WHERE state IN ('RUNNING', 'COMPENSATING', 'NEEDS_ATTENTION')
         GROUP BY definition, state`,
      ),
    );
  }
}

function columnsOf(filter: SagaFilter): Record<string, string | number> {
  const fields = Object.keys(COLUMN_OF) as (keyof SagaFilter)[];
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = filter[field];
      return value === undefined ? [] : [[COLUMN_OF[field], value]];
    }),
  );
}
