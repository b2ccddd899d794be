import type { Queryable } from '@encore/database';
import { lapsedIfSeenBy, markIfSeenBy, type Room } from '../domain/room.js';
import { markWaitersSeen, type Person } from '../persistence/entries.repository.js';

/**
 * Notes that those of these people who wait have been heard of. Takes no room's lock, so that
 * asking never slows the line down.
 */
export async function noteSeen(
  db: Queryable,
  people: readonly Person[],
  rooms: readonly Room[],
  now: Date,
): Promise<void> {
  const byId = new Map(rooms.map((room) => [room.roomId, room]));
  const polling = people.flatMap(({ roomId, userId }) => {
    const room = byId.get(roomId);
    if (room === undefined || room.waiting === 0) return [];
    const thresholds = {
      markIfSeenBy: markIfSeenBy(room, now),
      lapsedIfSeenBy: lapsedIfSeenBy(room, now),
    };
    return [{ roomId, userId, ...thresholds }];
  });
  if (polling.length > 0) await markWaitersSeen(db, polling, now);
}
