import type { ChangeConcert, ConcertView, CreateConcert, PayloadOf } from '@encore/contracts';
import type { Database, Queryable, Transaction } from '@encore/database';

interface ConcertRow {
  concert_id: number;
  name: string;
  venue: string;
  description: string;
  version: number;
}

/** Concerts: few, seldom changed, so every query here is built and none is prepared. */
export class Concerts {
  constructor(private readonly database: Database) {}

  async create(
    tx: Transaction,
    { name, venue, description }: PayloadOf<typeof CreateConcert>,
  ): Promise<ConcertView> {
    const [row] = await tx.run<ConcertRow>(
      this.database.sql('concerts').insert({ name, venue, description }).returning('*'),
    );
    if (!row) throw new Error('the new concert did not come back');
    return viewOf(row);
  }

  /** Saves the given texts; without any, the concert stays as it is. */
  async change(
    tx: Transaction,
    { concertId, name, venue, description }: PayloadOf<typeof ChangeConcert>,
  ): Promise<ConcertView> {
    const { sql } = this.database;
    const [row] = await tx.run<ConcertRow>(
      sql('concerts')
        .where({ concert_id: concertId })
        .update({
          ...(name === undefined ? {} : { name }),
          ...(venue === undefined ? {} : { venue }),
          ...(description === undefined ? {} : { description }),
          version: sql.raw('version + 1'),
        })
        .returning('*'),
    );
    if (!row) throw new Error(`concert ${concertId} vanished while it was locked`);
    return viewOf(row);
  }

  /** The concert, which nobody else changes before this transaction ends. */
  async lock(tx: Transaction, concertId: number): Promise<ConcertView | undefined> {
    const [row] = await tx.run<ConcertRow>(
      this.database.sql('concerts').where({ concert_id: concertId }).forNoKeyUpdate(),
    );
    return row && viewOf(row);
  }

  async read(from: Queryable, concertId: number): Promise<ConcertView | undefined> {
    const [row] = await from.run<ConcertRow>(
      this.database.sql('concerts').where({ concert_id: concertId }),
    );
    return row && viewOf(row);
  }

  async list(
    from: Queryable,
    after: number,
    limit: number,
  ): Promise<{ items: ConcertView[]; nextCursor: string | null }> {
    const rows = await from.run<ConcertRow>(
      this.database
        .sql('concerts')
        .where('concert_id', '>', after)
        .orderBy('concert_id')
        .limit(limit + 1),
    );
    const items = rows.slice(0, limit).map(viewOf);
    const last = items.at(-1);
    return { items, nextCursor: rows.length > limit && last ? String(last.concertId) : null };
  }
}

function viewOf(row: ConcertRow): ConcertView {
  return {
    concertId: row.concert_id,
    name: row.name,
    venue: row.venue,
    description: row.description,
    version: row.version,
  };
}
