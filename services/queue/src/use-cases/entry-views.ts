import type { EntryView } from '@encore/contracts';
import type { Queryable } from '@encore/database';
import { Inject, Injectable } from '@nestjs/common';
import { ROOM_SETTINGS, type RoomSettings } from '../config.js';
import { isLive, type Entry } from '../domain/entry.js';
import type { Head } from '../domain/position.js';
import { lapsedIfSeenBy, type Room } from '../domain/room.js';
import { viewOfEntry } from '../domain/view.js';
import { readHeads } from '../persistence/entries.repository.js';

/** Describes entries to their owners: position, estimate and when to ask again. */
@Injectable()
export class EntryViews {
  constructor(@Inject(ROOM_SETTINGS) private readonly settings: RoomSettings) {}

  /** By entry id. Costs one look at the head of each line, however many entries are described. */
  async describe(
    db: Queryable,
    entries: readonly Entry[],
    rooms: readonly Room[],
    now: Date,
  ): Promise<Map<number, EntryView>> {
    const byId = new Map(rooms.map((room) => [room.roomId, room]));
    const heads = await this.#readHeads(db, entries, rooms, now);
    const pacing = { minPollMs: this.settings.POLL_MIN_MS, maxPollMs: this.settings.POLL_MAX_MS };
    const views = new Map<number, EntryView>();
    for (const entry of entries) {
      const room = byId.get(entry.roomId);
      if (room === undefined) throw new Error(`Entry ${entry.entryId} is of a room not given`);
      const head = heads.get(room.roomId) ?? NOBODY;
      const around = { room, head, now, pacing, random: Math.random };
      views.set(entry.entryId, viewOfEntry(entry, around));
    }
    return views;
  }

  async #readHeads(
    db: Queryable,
    entries: readonly Entry[],
    rooms: readonly Room[],
    now: Date,
  ): Promise<Map<string, Head>> {
    const lastAsked = new Map<string, number>();
    for (const entry of entries) {
      if (!isLive(entry) || entry.state !== 'WAITING') continue;
      lastAsked.set(entry.roomId, Math.max(entry.place, lastAsked.get(entry.roomId) ?? 0));
    }
    const lines = rooms.flatMap((room) => {
      const upToPlace = lastAsked.get(room.roomId);
      if (upToPlace === undefined) return [];
      return [{ roomId: room.roomId, upToPlace, lapsedIfSeenBy: lapsedIfSeenBy(room, now) }];
    });
    if (lines.length === 0) return new Map();
    const limit = this.settings.EXACT_POSITIONS_MAX;
    const places = await readHeads(db, lines, limit);
    return new Map(
      [...places].map(([roomId, found]) => [
        roomId,
        { places: found, isComplete: found.length < limit },
      ]),
    );
  }
}

const NOBODY: Head = { places: [], isComplete: true };
