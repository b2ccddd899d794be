import { statement, type Queryable, type Transaction } from '@encore/database';
import type { AdmissionCount, Room } from '../domain/room.js';

/** Rooms together with the database's clock: every decision about time is made against it. */
export interface RoomsNow {
  readonly rooms: readonly Room[];
  readonly now: Date;
}

/** Answers of one list; more rooms than that are not foreseen. */
const LIST_MAX_ROOMS = 1_000;

interface RoomRow {
  room_id: string;
  active_cap: number;
  admissions_per_second: number;
  paused: boolean;
  draining: boolean;
  active_seconds: number;
  grace_seconds: number;
  schedule_id: number | null;
  last_place: number;
  waiting_count: number;
  active_count: number;
  tokens: number;
  tokens_at: Date;
  attended_at: Date;
  attended_since: Date;
  backlog_since: Date | null;
  swept_place: number;
  swept_at: Date;
  seats_left: number | null;
  admissions: AdmissionCount[];
}

// Readers of a room's entries never lock it; whoever changes them does, in the order of ids, so
// that two batches with rooms in common wait for each other instead of for ever.
const lockById = statement(
  'queue.lock-rooms',
  `SELECT room_id FROM rooms WHERE room_id = ANY ($1::text[]) ORDER BY room_id FOR NO KEY UPDATE`,
);

const lockByEntry = statement(
  'queue.lock-rooms-of-entries',
  `SELECT room_id FROM rooms
    WHERE room_id IN (SELECT room_id FROM entries WHERE entry_id = ANY ($1::bigint[]))
    ORDER BY room_id FOR NO KEY UPDATE`,
);

const lockBySchedule = statement(
  'queue.lock-rooms-of-schedules',
  `SELECT room_id FROM rooms
    WHERE schedule_id = ANY ($1::bigint[]) AND waiting_count > 0
    ORDER BY room_id FOR NO KEY UPDATE`,
);

// A room is due when somebody's time is over, when the rate allows one more than the last time, or
// when its waiters are to be looked through for people who left without a word. Instances skip what
// another one is working on; the room that was looked after longest ago comes first. The time of
// the statement and not of each row: only with that is the index searched instead of read through.
const lockDue = statement(
  'queue.lock-due-rooms',
  `SELECT room_id FROM rooms
    WHERE (waiting_count > 0 AND swept_at <= clock_timestamp() - $1 * interval '1 millisecond')
       OR (waiting_count > 0 AND NOT paused AND active_count < active_cap
           AND active_count < coalesce((SELECT coalesce(seats_left, seat_count) FROM schedules
                                         WHERE schedules.schedule_id = rooms.schedule_id), active_cap)
           AND tokens + admissions_per_second
             * extract(epoch FROM clock_timestamp() - tokens_at)::double precision >= 1)
       OR EXISTS (SELECT FROM entries
                   WHERE entries.room_id = rooms.room_id
                     AND entries.state = 'ACTIVE' AND entries.active_until <= statement_timestamp())
    ORDER BY attended_at
    LIMIT $2
    FOR NO KEY UPDATE SKIP LOCKED`,
);

const FULL_ROOM = `
  SELECT rooms.*, coalesce(schedules.seats_left, schedules.seat_count) AS seats_left,
         counted.admissions
    FROM rooms
    LEFT JOIN schedules USING (schedule_id)
   CROSS JOIN LATERAL (
     SELECT coalesce(json_agg(json_build_object('bucket', bucket, 'admitted', admitted)), '[]')
              AS admissions
       FROM admission_counts WHERE admission_counts.room_id = rooms.room_id) AS counted`;

const clock = statement('queue.read-clock', `SELECT clock_timestamp() AS now`);

const readById = statement(
  'queue.read-rooms',
  `SELECT room.*, clock_timestamp() AS now
     FROM (${FULL_ROOM} WHERE rooms.room_id = ANY ($1::text[])) AS room`,
);

const readByEntry = statement(
  'queue.read-rooms-of-entries',
  `SELECT room.*, clock_timestamp() AS now
     FROM (${FULL_ROOM} WHERE rooms.room_id IN (
       SELECT room_id FROM entries WHERE entry_id = ANY ($1::bigint[]))) AS room`,
);

const readAll = statement(
  'queue.read-all-rooms',
  `SELECT room.*, clock_timestamp() AS now
     FROM (${FULL_ROOM} ORDER BY rooms.room_id LIMIT ${LIST_MAX_ROOMS}) AS room
    ORDER BY room_id`,
);

const insert = statement(
  'queue.insert-room',
  `INSERT INTO rooms (room_id, active_cap, admissions_per_second, paused, draining,
                      active_seconds, grace_seconds, tokens)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
   ON CONFLICT (room_id) DO NOTHING`,
);

const updatePolicy = statement(
  'queue.update-room-policy',
  `UPDATE rooms SET active_cap = $2, admissions_per_second = $3, paused = $4, draining = $5,
                    active_seconds = $6, grace_seconds = $7, schedule_id = $8
    WHERE room_id = $1`,
);

const update = statement(
  'queue.update-rooms',
  `UPDATE rooms
      SET last_place = new.last_place, waiting_count = new.waiting, active_count = new.active,
          tokens = new.tokens, tokens_at = new.tokens_at,
          attended_at = new.attended_at, attended_since = new.attended_since,
          backlog_since = new.backlog_since,
          swept_place = new.swept_place, swept_at = new.swept_at
     FROM unnest($1::text[], $2::bigint[], $3::int[], $4::int[], $5::float8[], $6::timestamptz[],
                 $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::bigint[],
                 $11::timestamptz[])
       AS new (room_id, last_place, waiting, active, tokens, tokens_at,
               attended_at, attended_since, backlog_since, swept_place, swept_at)
    WHERE rooms.room_id = new.room_id`,
);

const countAdmissions = statement(
  'queue.count-admissions',
  `INSERT INTO admission_counts AS counts (room_id, slot, bucket, admitted)
   SELECT room_id, $3, $4, admitted FROM unnest($1::text[], $2::int[]) AS new (room_id, admitted)
   ON CONFLICT (room_id, slot) DO UPDATE
      SET bucket = excluded.bucket,
          admitted = excluded.admitted
                   + CASE WHEN counts.bucket = excluded.bucket THEN counts.admitted ELSE 0 END`,
);

type Locked = { room_id: string };

/**
 * Waits for the rooms' rows and reads them in the same trip; ids nobody has a room for are left
 * out.
 */
export async function lockRooms(tx: Transaction, roomIds: readonly string[]): Promise<RoomsNow> {
  const [, rooms] = await Promise.all([tx.query(lockById, [roomIds]), readRooms(tx, roomIds)]);
  return rooms;
}

export async function lockRoomsOfEntries(
  tx: Transaction,
  entryIds: readonly number[],
): Promise<RoomsNow> {
  const [, rows] = await Promise.all([
    tx.query(lockByEntry, [entryIds]),
    tx.query<RoomRow & { now: Date }>(readByEntry, [entryIds]),
  ]);
  return roomsNow(tx, rows);
}

/** Only rooms in which somebody waits: the others have nobody to let in. */
export async function lockWaitingRoomsOfSchedules(
  tx: Transaction,
  scheduleIds: readonly number[],
): Promise<string[]> {
  return idsOf(await tx.query<Locked>(lockBySchedule, [scheduleIds]));
}

/** Never waits: what is locked is being worked on. */
export async function lockDueRooms(
  tx: Transaction,
  limits: { sweepEveryMs: number; maxRooms: number },
): Promise<string[]> {
  return idsOf(await tx.query<Locked>(lockDue, [limits.sweepEveryMs, limits.maxRooms]));
}

/**
 * Rooms by id with their seats and counters. Whoever locks first must read by a statement of its
 * own: the locking one saw the neighbouring tables as they were before it had to wait.
 */
export async function readRooms(db: Queryable, roomIds: readonly string[]): Promise<RoomsNow> {
  return roomsNow(db, await db.query<RoomRow & { now: Date }>(readById, [roomIds]));
}

export async function readAllRooms(db: Queryable): Promise<RoomsNow> {
  return roomsNow(db, await db.query<RoomRow & { now: Date }>(readAll));
}

/** Does nothing when the room exists already. */
export async function insertRoom(
  tx: Transaction,
  room: Pick<Room, 'roomId' | 'policy' | 'tokens'>,
): Promise<void> {
  const { policy } = room;
  await tx.query(insert, [
    room.roomId,
    policy.activeCap,
    policy.admissionsPerSecond,
    policy.paused,
    policy.draining,
    policy.activeSeconds,
    policy.graceSeconds,
    room.tokens,
  ]);
}

export async function saveRoomPolicy(tx: Transaction, room: Room): Promise<void> {
  const { policy } = room;
  await tx.query(updatePolicy, [
    room.roomId,
    policy.activeCap,
    policy.admissionsPerSecond,
    policy.paused,
    policy.draining,
    policy.activeSeconds,
    policy.graceSeconds,
    policy.scheduleId,
  ]);
}

export function saveRooms(tx: Transaction, rooms: readonly Room[]): void {
  tx.write(update, [
    rooms.map((room) => room.roomId),
    rooms.map((room) => room.lastPlace),
    rooms.map((room) => room.waiting),
    rooms.map((room) => room.active),
    rooms.map((room) => room.tokens),
    rooms.map((room) => room.tokensAt),
    rooms.map((room) => room.attendedAt),
    rooms.map((room) => room.attendedSince),
    rooms.map((room) => room.backlogSince),
    rooms.map((room) => room.sweptPlace),
    rooms.map((room) => room.sweptAt),
  ]);
}

export function addAdmissions(
  tx: Transaction,
  admitted: ReadonlyMap<string, number>,
  when: { bucket: number; slot: number },
): void {
  tx.write(countAdmissions, [[...admitted.keys()], [...admitted.values()], when.slot, when.bucket]);
}

function idsOf(rows: Locked[]): string[] {
  return rows.map((row) => row.room_id);
}

async function roomsNow(db: Queryable, rows: (RoomRow & { now: Date })[]): Promise<RoomsNow> {
  const latest = rows.reduce((max, row) => Math.max(max, row.now.getTime()), 0);
  if (latest > 0) return { rooms: rows.map(roomOf), now: new Date(latest) };
  const [only] = await db.query<{ now: Date }>(clock);
  return { rooms: [], now: only?.now ?? new Date() };
}

function roomOf(row: RoomRow): Room {
  return {
    roomId: row.room_id,
    policy: {
      activeCap: row.active_cap,
      admissionsPerSecond: row.admissions_per_second,
      paused: row.paused,
      draining: row.draining,
      activeSeconds: row.active_seconds,
      graceSeconds: row.grace_seconds,
      scheduleId: row.schedule_id,
    },
    lastPlace: row.last_place,
    waiting: row.waiting_count,
    active: row.active_count,
    tokens: row.tokens,
    tokensAt: row.tokens_at,
    attendedAt: row.attended_at,
    attendedSince: row.attended_since,
    backlogSince: row.backlog_since,
    sweptPlace: row.swept_place,
    sweptAt: row.swept_at,
    seatsLeft: row.seats_left,
    admissions: row.admissions,
  };
}
