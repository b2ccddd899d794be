import { accepted, HoldSeats, refused, type Outcome } from '@encore/contracts';
import type { Transaction } from '@encore/database';
import { Handles, Outbox, type BatchContext, type Received } from '@encore/messaging';
import { Controller, Inject } from '@nestjs/common';
import { LIMITS, type Limits } from '../config.js';
import { decideHolds, type HoldDecision } from '../domain/hold.js';
import { endOfHold, viewOf, type Reservation } from '../domain/reservation.js';
import type { Schedule } from '../domain/schedule.js';
import { holdStateOf, insertHolds, loadHolds } from '../persistence/holds.repository.js';
import { lockSchedules } from '../persistence/schedules.repository.js';
import { announceChanges, type Announcer } from './decide-on-reservations.js';

/** Holds seats: a whole batch of people after the same seats shares one lock and one commit. */
@Controller()
export class HoldSeatsHandler {
  constructor(
    @Inject(Outbox) private readonly outbox: Announcer,
    @Inject(LIMITS) private readonly limits: Limits,
  ) {}

  @Handles(HoldSeats)
  hold(
    commands: Received<typeof HoldSeats>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof HoldSeats>[]> {
    return holdSeats(tx, this.outbox, commands, this.limits);
  }
}

export async function holdSeats(
  tx: Transaction,
  outbox: Announcer,
  commands: readonly Received<typeof HoldSeats>[],
  limits: Limits,
): Promise<Outcome<typeof HoldSeats>[]> {
  const wishes = commands.map(({ payload }) => payload);
  const scheduleIds = [...new Set(wishes.map(({ scheduleId }) => scheduleId))];
  const [locked, loaded] = await Promise.all([
    lockSchedules(tx, scheduleIds),
    loadHolds(tx, wishes),
  ]);
  const { now, schedules } = locked;
  const decisions = decideHolds(holdStateOf(schedules, loaded), wishes, now, limits);
  const expiresAt = endOfHold(now, now, limits.holdSeconds * 1000, limits);
  const holds = decisions.flatMap((decision) => ('held' in decision ? [decision.held] : []));
  const reservations = await insertHolds(tx, holds, { now, expiresAt });
  const news = reservations.map((after) => ({ before: undefined, after }));
  announceChanges(tx, outbox, locked, news);
  return outcomesOf(decisions, reservations, schedules);
}

function outcomesOf(
  decisions: readonly HoldDecision[],
  reservations: readonly Reservation[],
  schedules: ReadonlyMap<number, Schedule>,
): Outcome<typeof HoldSeats>[] {
  const held = reservations.values();
  return decisions.map((decision) => {
    if ('refusal' in decision) return refused(decision.refusal, decision.detail);
    const reservation = held.next().value;
    const schedule = schedules.get(decision.held.scheduleId);
    if (!reservation || !schedule) throw new Error('a hold was decided on but not written down');
    return accepted(viewOf(reservation, schedule));
  });
}
