import { accepted, ListRooms, ReadRoom, refused, type Outcome } from '@encore/contracts';
import { Database } from '@encore/database';
import { Answers, AnswersEach, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { viewOfRoom } from '../domain/view.js';
import { readAllRooms, readRooms } from '../persistence/rooms.repository.js';
import { distinctRooms } from './people.js';

/** Policies and counts, as the rooms' rows hold them. */
@Controller()
export class ReadRoomsHandlers {
  constructor(private readonly database: Database) {}

  @Answers(ReadRoom)
  async read(queries: Received<typeof ReadRoom>[]): Promise<Outcome<typeof ReadRoom>[]> {
    const roomIds = distinctRooms(queries.map((query) => query.payload));
    const { rooms, now } = await readRooms(this.database, roomIds);
    const byId = new Map(rooms.map((room) => [room.roomId, room]));
    return queries.map(({ payload }) => {
      const room = byId.get(payload.roomId);
      return room === undefined ? refused('QUEUE_ROOM_NOT_FOUND') : accepted(viewOfRoom(room, now));
    });
  }

  @AnswersEach(ListRooms)
  async list(): Promise<Outcome<typeof ListRooms>> {
    const { rooms, now } = await readAllRooms(this.database);
    return accepted({ items: rooms.map((room) => viewOfRoom(room, now)) });
  }
}
