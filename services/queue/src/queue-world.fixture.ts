import { Database, statement } from '@encore/database';
import { testDatabase } from '@encore/testing';
import type { RoomSettings } from './config.js';
import type { Entry } from './domain/entry.js';
import type { Secrets } from './domain/pass.js';
import { queueMigrations } from './migrations.js';
import { findLatestEntries } from './persistence/entries.repository.js';
import { QueueInstance, SETTINGS } from './queue-instance.fixture.js';

const passRoom = statement(
  'test.pass-time-of-room',
  `UPDATE rooms SET tokens_at = tokens_at - $2 * interval '1 millisecond',
          attended_since = attended_since - $2 * interval '1 millisecond',
          attended_at = attended_at - $3 * interval '1 millisecond',
          backlog_since = backlog_since - $2 * interval '1 millisecond',
          swept_at = swept_at - $2 * interval '1 millisecond'
    WHERE room_id = $1`,
);
const passEntries = statement(
  'test.pass-time-of-entries',
  `UPDATE entries SET joined_at = joined_at - CASE state WHEN 'WAITING' THEN $2 ELSE 0 END
                      * interval '1 millisecond',
          last_seen_at = last_seen_at - $2 * interval '1 millisecond',
          active_until = active_until - $2 * interval '1 millisecond'
    WHERE room_id = $1 AND state IN ('WAITING', 'ACTIVE')`,
);
const passCounts = statement(
  'test.pass-time-of-counts',
  `UPDATE admission_counts SET bucket = bucket - ($2 / 5000)::int WHERE room_id = $1`,
);
const standing = statement(
  'test.read-standing',
  `SELECT rooms.waiting_count AS waiting, rooms.active_count AS active,
          count(entry_id) FILTER (WHERE state = 'WAITING')::int AS waiting_entries,
          count(entry_id) FILTER (WHERE state = 'ACTIVE')::int AS active_entries
     FROM rooms LEFT JOIN entries USING (room_id)
    WHERE rooms.room_id = $1 GROUP BY rooms.room_id`,
);
const admissions = statement(
  'test.read-admissions',
  `SELECT place FROM entries WHERE room_id = $1 AND admitted_at IS NOT NULL
    ORDER BY admitted_at, place`,
);

const admittedLater = statement(
  'test.count-admitted-after-waiting',
  `SELECT count(*)::int AS count FROM entries WHERE admitted_at > joined_at`,
);

const writeWithoutSecrets = statement(
  'test.write-entries-without-secrets',
  `INSERT INTO entries (room_id, user_id, place, state, joined_at, last_seen_at, ended_at)
   SELECT $1, number, number, 'LEFT', now(), now(), now() FROM generate_series(1, $2::int) AS number
   RETURNING token_id AS "tokenId", token_uuid AS "tokenUuid"`,
);

export interface Standing {
  readonly waiting: number;
  readonly active: number;
  readonly waiting_entries: number;
  readonly active_entries: number;
}

/** The database of one test file, with as many service instances on it as a test wants. */
export class QueueWorld {
  private constructor(
    private readonly test: Awaited<ReturnType<typeof testDatabase>>,
    private readonly pools: Database[],
  ) {}

  static async open(): Promise<QueueWorld> {
    return new QueueWorld(
      await testDatabase({ service: 'queue', migrations: queueMigrations }),
      [],
    );
  }

  instance(settings?: Partial<RoomSettings>): QueueInstance {
    const pool = Database.open({
      url: this.test.url,
      applicationName: 'test-queue',
      poolMax: 4,
      statementTimeoutMs: 15_000,
      lockTimeoutMs: 10_000,
      connectTimeoutMs: 60_000,
    });
    this.pools.push(pool);
    return new QueueInstance(pool, { ...SETTINGS, ...settings });
  }

  /**
   * The database's clock cannot be moved: instead everything in the room becomes older. Somebody
   * looked after the room all the while, unless it is told otherwise.
   */
  async letTimePass(
    roomId: string,
    seconds: number,
    { attended } = { attended: true },
  ): Promise<void> {
    const values = [roomId, seconds * 1_000];
    await this.test.database.transaction(async (tx) => {
      await tx.query(passRoom, [...values, attended ? 0 : seconds * 1_000]);
      await tx.query(passEntries, values);
      await tx.query(passCounts, values);
    });
  }

  /** The room's counters beside what they count. */
  async standing(roomId: string): Promise<Standing> {
    const [row] = await this.test.database.query<Standing>(standing, [roomId]);
    if (row === undefined) throw new Error(`there is no room ${roomId}`);
    return row;
  }

  /** The places of everybody who was ever let in, in the order of admission. */
  async placesInOrderOfAdmission(roomId: string): Promise<number[]> {
    const rows = await this.test.database.query<{ place: number }>(admissions, [roomId]);
    return rows.map((row) => row.place);
  }

  /** The latest entries of these people, as the books have them. */
  entries(roomId: string, userIds: readonly number[]): Promise<Entry[]> {
    return findLatestEntries(
      this.test.database,
      userIds.map((userId) => ({ roomId, userId })),
    );
  }

  /** Entries of people who came and left, as they were written before passes existed. */
  writeEntriesWithoutSecrets(roomId: string, count: number): Promise<Secrets[]> {
    return this.test.database.query<Secrets>(writeWithoutSecrets, [roomId, count]);
  }

  /** How many, in all rooms, were not let in the moment they joined. */
  async countAdmittedAfterWaiting(): Promise<number> {
    const [row] = await this.test.database.query<{ count: number }>(admittedLater);
    return row?.count ?? 0;
  }

  get database(): Database {
    return this.test.database;
  }

  async close(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.close()));
    await this.test.drop();
  }
}
