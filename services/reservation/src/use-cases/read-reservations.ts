import {
  accepted,
  ListReservations,
  ReadReservation,
  refused,
  type Outcome,
} from '@encore/contracts';
import { Database } from '@encore/database';
import { Answers, AnswersEach, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { listViews, readViews } from '../persistence/views.repository.js';

/** Reservations as their owners see them. */
@Controller()
export class ReadReservationsHandlers {
  constructor(private readonly database: Database) {}

  @Answers(ReadReservation)
  async read(
    queries: Received<typeof ReadReservation>[],
  ): Promise<Outcome<typeof ReadReservation>[]> {
    const ids = [...new Set(queries.map(({ payload }) => payload.reservationId))];
    const views = await readViews(this.database, ids);
    return queries.map(({ payload }) => {
      const view = views.get(payload.reservationId);
      if (!view) return refused('RESERVATION_NOT_FOUND');
      return view.userId === payload.userId ? accepted(view) : refused('RESERVATION_NOT_YOURS');
    });
  }

  @AnswersEach(ListReservations)
  async list({
    payload,
  }: Received<typeof ListReservations>): Promise<Outcome<typeof ListReservations>> {
    return accepted(await listViews(this.database, payload));
  }
}
