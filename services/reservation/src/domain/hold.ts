import type { HoldSeats, PayloadOf, RefusalDetail, RefusalOf } from '@encore/contracts';
import { cooldownEnd, type CooldownLimits, type Releases } from './cooldown.js';
import { holderKey } from './holder.js';
import { isOnSale, type Schedule } from './schedule.js';

/** The seats of one schedule as far as a batch of holds asks about them. */
export interface SeatsAsked {
  readonly schedule: Schedule;
  /** Which of the seats asked for by number exist. */
  readonly existing: ReadonlySet<number>;
  /** Which of those have an owner. */
  readonly taken: ReadonlySet<number>;
  /** Every seat without an owner, ascending; left empty when nobody asks for the best available. */
  readonly free: readonly number[];
}

/** Everything a batch of holds is decided on. */
export interface HoldState {
  readonly schedules: ReadonlyMap<number, SeatsAsked>;
  /** Seats a user holds or is paying for in a schedule, by `holderKey`. */
  readonly heldByUser: ReadonlyMap<string, number>;
  /** Holds a user has given up in a schedule, by `holderKey`. */
  readonly releases: ReadonlyMap<string, Releases>;
}

export interface HoldingLimits extends CooldownLimits {
  readonly maxSeatsHeldPerUser: number;
}

export interface Held {
  readonly userId: number;
  readonly scheduleId: number;
  readonly seatNumbers: readonly number[];
}

export type HoldDecision =
  | { readonly held: Held }
  | { readonly refusal: RefusalOf<typeof HoldSeats>; readonly detail?: RefusalDetail };

/** Decides one hold: every seat it asks for, or none and the reason. */
export function decideHold(
  state: HoldState,
  command: PayloadOf<typeof HoldSeats>,
  now: Date,
  limits: HoldingLimits,
): HoldDecision {
  const { userId, scheduleId, seats: wish } = command;
  const asked = state.schedules.get(scheduleId);
  if (!asked) return { refusal: 'RESERVATION_SCHEDULE_NOT_FOUND' };
  if (!isOnSale(asked.schedule, now)) {
    return {
      refusal: 'RESERVATION_SALE_CLOSED',
      detail: { salesOpenAt: asked.schedule.salesOpenAt.toISOString() },
    };
  }
  if ('seatNumbers' in wish) {
    const missing = wish.seatNumbers.filter((number) => !asked.existing.has(number));
    if (missing.length > 0) {
      return { refusal: 'RESERVATION_SEAT_NOT_FOUND', detail: { seatNumbers: missing } };
    }
  }
  const releases = state.releases.get(holderKey(userId, scheduleId));
  const waitMs = releases ? cooldownEnd(releases, limits).getTime() - now.getTime() : 0;
  if (waitMs > 0) {
    const retryAfterSeconds = Math.ceil(waitMs / 1000);
    return { refusal: 'RESERVATION_COOLDOWN', detail: { retryAfterSeconds } };
  }
  const { maxSeatsHeldPerUser } = limits;
  const wanted = 'seatNumbers' in wish ? wish.seatNumbers.length : wish.bestAvailable;
  const seatsHeld = state.heldByUser.get(holderKey(userId, scheduleId)) ?? 0;
  if (seatsHeld + wanted > maxSeatsHeldPerUser) {
    return {
      refusal: 'RESERVATION_SEAT_CAP_REACHED',
      detail: { seatsHeld, maxSeatsHeldPerUser },
    };
  }
  return 'seatNumbers' in wish
    ? takeNumbered(asked, command, wish.seatNumbers)
    : takeBest(asked, command, wish.bestAvailable);
}

function takeNumbered(
  asked: SeatsAsked,
  { userId, scheduleId }: PayloadOf<typeof HoldSeats>,
  seatNumbers: readonly number[],
): HoldDecision {
  const taken = seatNumbers.filter((number) => asked.taken.has(number));
  return taken.length > 0
    ? { refusal: 'RESERVATION_SEATS_TAKEN', detail: { seatNumbers: taken } }
    : { held: { userId, scheduleId, seatNumbers } };
}

function takeBest(
  asked: SeatsAsked,
  { userId, scheduleId }: PayloadOf<typeof HoldSeats>,
  count: number,
): HoldDecision {
  const seatNumbers = bestOf(asked.free, count);
  return seatNumbers
    ? { held: { userId, scheduleId, seatNumbers } }
    : { refusal: 'RESERVATION_NOT_ENOUGH_SEATS', detail: { seatsLeft: asked.free.length } };
}

/**
 * The lowest `count` neighbours, or the lowest seats there are when no such neighbours are free.
 */
export function bestOf(free: readonly number[], count: number): readonly number[] | undefined {
  if (free.length < count) return undefined;
  let start = 0;
  for (const [index, number] of free.entries()) {
    if (index > 0 && number !== (free[index - 1] ?? 0) + 1) start = index;
    if (index - start + 1 === count) return free.slice(start, index + 1);
  }
  return free.slice(0, count);
}

/** The state the next command of the batch is decided on. */
export function afterHold(state: HoldState, held: Held): HoldState {
  const asked = state.schedules.get(held.scheduleId);
  if (!asked) return state;
  const gone = new Set(held.seatNumbers);
  const key = holderKey(held.userId, held.scheduleId);
  return {
    ...state,
    schedules: new Map(state.schedules).set(held.scheduleId, {
      ...asked,
      taken: new Set([...asked.taken, ...gone]),
      free: asked.free.filter((number) => !gone.has(number)),
    }),
    heldByUser: new Map(state.heldByUser).set(key, (state.heldByUser.get(key) ?? 0) + gone.size),
  };
}

/** Decides a whole batch in the order it came: the same as deciding one by one. */
export function decideHolds(
  state: HoldState,
  commands: readonly PayloadOf<typeof HoldSeats>[],
  now: Date,
  limits: HoldingLimits,
): HoldDecision[] {
  let current = state;
  return commands.map((command) => {
    const decision = decideHold(current, command, now, limits);
    if ('held' in decision) current = afterHold(current, decision.held);
    return decision;
  });
}
