import { ReadReservation, type ReservationView } from '@encore/contracts';
import { LRUCache } from 'lru-cache';
import type { Reader } from '../application/caller.js';
import type { Services } from '../clients/services.js';

/**
 * Which schedule a person's reservation is for. That never changes, so whoever holds seats through
 * this gateway pays for them without a question about them; about all others the reservation
 * service is asked.
 */
export class ReservedSchedules {
  private readonly known: LRUCache<string, number>;

  constructor(
    private readonly services: Pick<Services, 'query'>,
    maxReservations: number,
  ) {
    this.known = new LRUCache({ max: maxReservations });
  }

  /** Refuses, as the reservation service does, when the person has no such reservation. */
  async scheduleOf(reservationId: number, reader: Reader): Promise<number> {
    const { userId } = reader;
    const known = this.known.get(keyOf({ userId, reservationId }));
    if (known !== undefined) return known;
    const asked = { userId, reservationId };
    const view = await this.services.query(ReadReservation, asked, reader);
    return this.learn(view).scheduleId;
  }

  /** Remembers what an answer says. */
  learn(view: ReservationView): ReservationView {
    this.known.set(keyOf(view), view.scheduleId);
    return view;
  }
}

/** With the person in it: nobody learns anything about another's reservation. */
function keyOf({ userId, reservationId }: { userId: number; reservationId: number }): string {
  return `${userId}/${reservationId}`;
}
