import { describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { statement } from './queryable.js';
import { Session } from './session.js';
import { type Trip } from './trip.js';

/** A connection on which every trip ends well, and counts. */
function connection() {
  const trips: Trip[] = [];
  const query = (trip: Trip) => {
    trips.push(trip);
    for (const command of ['BEGIN', 'INSERT 0 1', 'COMMIT']) {
      trip.handleCommandComplete({ text: command });
    }
    trip.handleReadyForQuery();
  };
  return { trips, client: { query } as unknown as pg.PoolClient };
}

describe('a transaction', () => {
  it('in which nothing is asked makes no trip', async () => {
    const { trips, client } = connection();
    const session = new Session(client);
    session.begin();
    await session.commit();
    expect(trips).toHaveLength(0);
  });

  it('in which something is written makes one, with its begin and its end', async () => {
    const { trips, client } = connection();
    const session = new Session(client);
    session.begin();
    session.write(statement('note-something', 'insert into notes values ($1)'), ['it']);
    await session.commit();
    expect(trips).toHaveLength(1);
  });
});
