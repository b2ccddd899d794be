import { accepted, ReadEntry, refused, type Outcome } from '@encore/contracts';
import { Database } from '@encore/database';
import { Answers, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { findLatestEntries } from '../persistence/entries.repository.js';
import { readRooms } from '../persistence/rooms.repository.js';
import { EntryViews } from './entry-views.js';
import { distinctPeople, distinctRooms, keyOf } from './people.js';
import { noteSeen } from './polls.js';

/** The poll. Takes no room's lock, so that asking never slows the line down. */
@Controller()
export class ReadEntryHandler {
  constructor(
    private readonly database: Database,
    private readonly views: EntryViews,
  ) {}

  @Answers(ReadEntry)
  async read(queries: Received<typeof ReadEntry>[]): Promise<Outcome<typeof ReadEntry>[]> {
    const people = distinctPeople(queries.map((query) => query.payload));
    const { rooms, now } = await readRooms(this.database, distinctRooms(people));
    const known = new Set(rooms.map((room) => room.roomId));
    // Noted before it is read: what the answer says is true of somebody who has polled.
    await noteSeen(this.database, people, rooms, now);
    const entries = await findLatestEntries(this.database, people);
    const views = await this.views.describe(this.database, entries, rooms, now);
    const answers = new Map(entries.map((entry) => [keyOf(entry), views.get(entry.entryId)]));
    return queries.map(({ payload }) => {
      if (!known.has(payload.roomId)) return refused('QUEUE_ROOM_NOT_FOUND');
      const view = answers.get(keyOf(payload));
      return view === undefined ? refused('QUEUE_ENTRY_NOT_FOUND') : accepted(view);
    });
  }
}
