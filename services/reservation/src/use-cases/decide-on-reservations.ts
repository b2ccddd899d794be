import { SeatsChanged, type PayloadOf } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import type { Case } from '../domain/change-hold.js';
import type { Reservation } from '../domain/reservation.js';
import { noteChange } from '../domain/seats-changed.js';
import { loadReservations, saveReservations } from '../persistence/reservations.repository.js';
import {
  changesOf,
  lockSchedulesOf,
  nextVersions,
  type LockedSchedules,
} from '../persistence/schedules.repository.js';

/** All a use case wants of the outbox: the service has one thing to announce. */
export interface Announcer {
  announce(
    tx: Transaction,
    contract: typeof SeatsChanged,
    payloads: readonly PayloadOf<typeof SeatsChanged>[],
  ): void;
}

/** A command, or whatever else there is to decide, about one reservation. */
interface About<Payload> {
  readonly payload: Payload;
}

interface Changed {
  readonly before: Reservation;
  readonly after: Reservation;
}

/**
 * Load, decide, save for a batch of commands about reservations: locks their schedules, decides
 * each command in its order on what the ones before it left behind, and saves what came out at
 * once, with whatever else a use case wants to be remembered of it.
 */
export async function decideOnReservations<
  Payload extends { readonly reservationId: number },
  Outcome,
>(
  tx: Transaction,
  outbox: Announcer,
  commands: readonly About<Payload>[],
  decide: (
    found: Case,
    payload: Payload,
  ) => { readonly outcome: Outcome; readonly next: Reservation | undefined },
  alsoSave?: (changes: readonly Changed[], now: Date) => Promise<void>,
): Promise<Outcome[]> {
  const ids = [...new Set(commands.map(({ payload }) => payload.reservationId))];
  const [locked, loaded] = await Promise.all([lockSchedulesOf(tx, ids), loadReservations(tx, ids)]);
  const current = new Map(loaded);
  const outcomes = commands.map(({ payload }) => {
    const reservation = current.get(payload.reservationId);
    const schedule = reservation && locked.schedules.get(reservation.scheduleId);
    const decision = decide({ reservation, schedule, now: locked.now }, payload);
    if (decision.next) current.set(payload.reservationId, decision.next);
    return decision.outcome;
  });
  const changes = [...current.values()].flatMap((after) => {
    const before = loaded.get(after.reservationId);
    return before && before !== after ? [{ before, after }] : [];
  });
  saveReservations(tx, changes);
  await alsoSave?.(changes, locked.now);
  announceChanges(tx, outbox, locked, changes);
  return outcomes;
}

/**
 * Announces what the transaction did to the seats: one event per schedule, with its next version.
 */
export function announceChanges(
  tx: Transaction,
  outbox: Announcer,
  locked: LockedSchedules,
  changes: readonly { readonly before: Reservation | undefined; readonly after: Reservation }[],
): void {
  for (const change of changes) {
    noteChange(changesOf(locked.changes, change.after.scheduleId), change);
  }
  const announcements = nextVersions(tx, locked);
  if (announcements.length > 0) outbox.announce(tx, SeatsChanged, announcements);
}
