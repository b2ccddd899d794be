import {
  accepted,
  ListConcerts,
  ListSchedules,
  ReadConcert,
  ReadSchedule,
  ReadSeat,
  ReadSeatMap,
  refused,
  type Outcome,
} from '@encore/contracts';
import { Database } from '@encore/database';
import { Answers, AnswersEach, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { Concerts } from '../persistence/concerts.repository.js';
import { idOfCursor } from '../persistence/cursor.js';
import { listSchedules, readSchedules } from '../persistence/schedules.repository.js';
import { readSeatMaps, readSeats } from '../persistence/seat-map.repository.js';

/** The catalogue as everybody sees it. Who asks for the same at the same moment shares one read. */
@Controller()
export class ReadCatalogueHandlers {
  private readonly concerts: Concerts;

  constructor(private readonly database: Database) {
    this.concerts = new Concerts(database);
  }

  @AnswersEach(ListConcerts)
  async listConcerts({
    payload: { cursor, limit },
  }: Received<typeof ListConcerts>): Promise<Outcome<typeof ListConcerts>> {
    const after = cursor === undefined ? 0 : idOfCursor(cursor);
    return accepted(await this.concerts.list(this.database, after, limit));
  }

  @AnswersEach(ReadConcert)
  async readConcert({
    payload,
  }: Received<typeof ReadConcert>): Promise<Outcome<typeof ReadConcert>> {
    const concert = await this.concerts.read(this.database, payload.concertId);
    return concert ? accepted(concert) : refused('CONCERT_NOT_FOUND');
  }

  @AnswersEach(ListSchedules)
  async listSchedules({
    payload: { concertId, cursor, bookableOnly, limit },
  }: Received<typeof ListSchedules>): Promise<Outcome<typeof ListSchedules>> {
    if (concertId !== undefined && !(await this.concerts.read(this.database, concertId))) {
      return refused('CONCERT_NOT_FOUND');
    }
    const page = await listSchedules(this.database, {
      concertId: concertId ?? null,
      after: cursor === undefined ? null : idOfCursor(cursor),
      bookableOnly,
      limit,
    });
    return accepted(page);
  }

  @Answers(ReadSchedule)
  async readSchedules(
    queries: Received<typeof ReadSchedule>[],
  ): Promise<Outcome<typeof ReadSchedule>[]> {
    const views = await readSchedules(this.database, idsOf(queries));
    return queries.map(({ payload }) => {
      const view = views.get(payload.scheduleId);
      return view ? accepted(view) : refused('CONCERT_SCHEDULE_NOT_FOUND');
    });
  }

  @Answers(ReadSeatMap)
  async readSeatMaps(
    queries: Received<typeof ReadSeatMap>[],
  ): Promise<Outcome<typeof ReadSeatMap>[]> {
    const maps = await readSeatMaps(this.database, idsOf(queries));
    return queries.map(({ payload }) => {
      const map = maps.get(payload.scheduleId);
      return map ? accepted(map) : refused('CONCERT_SCHEDULE_NOT_FOUND');
    });
  }

  @Answers(ReadSeat)
  async readSeats(queries: Received<typeof ReadSeat>[]): Promise<Outcome<typeof ReadSeat>[]> {
    const ids = [...new Set(queries.map(({ payload }) => payload.seatId))];
    const seats = await readSeats(this.database, ids);
    return queries.map(({ payload }) => {
      const seat = seats.get(payload.seatId);
      return seat ? accepted(seat) : refused('CONCERT_SEAT_NOT_FOUND');
    });
  }
}

function idsOf(queries: readonly { readonly payload: { readonly scheduleId: number } }[]) {
  return [...new Set(queries.map(({ payload }) => payload.scheduleId))];
}
