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

  /** Newest first, at most `limit`, with numbers below the given one. */
  async find(
    filter: SagaFilter,
    page: { limit: number; below?: number | null },
  ): Promise<StoredSaga[]> {
    const query = this.database
      .sql('sagas')
      .select('*')
      .where(columnsOf(filter))
      .orderBy('saga_number', 'desc')
      .limit(page.limit);
    if (typeof page.below === 'number') void query.where('saga_number', '<', page.below);
    return selectSagas(this.database, query);
  }

  async read(sagaId: string): Promise<StoredSaga | undefined> {
    return (await this.find({ sagaId }, { limit: 1 }))[0];
  }

  /** The log of a saga from its beginning to where the saga stood when it was read. */
  async timeline({ saga }: StoredSaga): Promise<SagaLogEntry[]> {
    const rows = await this.database.run<Omit<SagaLogEntry, 'at'> & { at: Date }>(
      this.database
        .sql('saga_timeline')
        .select('sequence', 'at', 'step', 'event', 'attempt', 'reason')
        .select({ messageId: 'message_id' })
        .where({ saga_id: saga.id })
        .where('sequence', '<=', saga.logLength)
        .orderBy('sequence'),
    );
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }

  /** Sagas that have not ended. What has ended is not counted: it only ever grows. */
  async countOpen(): Promise<SagaCount[]> {
    return this.database.run<SagaCount>(
      this.database.sql.raw(
        `select definition as saga, state, count(*) as count,
           extract(epoch from now() - min(started_at))::float8 as "oldestAgeSeconds"
         from sagas where state in ('RUNNING', 'COMPENSATING', 'NEEDS_ATTENTION')
         group by definition, state`,
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
