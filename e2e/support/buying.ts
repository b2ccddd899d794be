import { randomUUID } from 'node:crypto';
import { insist } from './insisting.js';
import type { Person } from './person.js';
import { SEAT_PRICE_KRW, SEATS_PER_SCHEDULE, type WholeSystem } from './whole-system.js';

/** Somebody with a hold, the money for it and an active entry: all that is left is to pay. */
export interface Buyer {
  readonly person: Person;
  readonly reservationId: number;
}

/** One person at the seats: through the waiting room, with money. */
export async function arrive(
  whole: WholeSystem,
  userId: number,
  moneyKrw = SEAT_PRICE_KRW,
): Promise<Person> {
  const person = await whole.person(userId);
  must(await person.join(), 201);
  if (moneyKrw > 0) must(await person.charge(moneyKrw), 201);
  return person;
}

/** Buyers `first`…`first + count - 1`, each with one seat held: seat by seat over the schedules. */
export async function buyers(whole: WholeSystem, first: number, count: number): Promise<Buyer[]> {
  return inParallel(range(first, count), 10, async (userId) => {
    const person = await arrive(whole, userId);
    const place = userId - 1;
    const scheduleId = 1 + Math.floor(place / SEATS_PER_SCHEDULE);
    const key = randomUUID();
    const seats = [1 + (place % SEATS_PER_SCHEDULE)];
    const { answers } = await insist(() => person.hold(scheduleId, seats, key));
    const [held] = answers.slice(-1).map((answer) => must(answer, 201));
    if (held === undefined) throw new Error('a hold without an answer');
    return { person, reservationId: held.body.reservationId };
  });
}

/** The answer, if it has the status one counts on; otherwise an error with the whole problem. */
export function must<Answer extends { status: number; body: unknown }>(
  answer: Answer,
  status: number,
): Answer {
  if (answer.status === status) return answer;
  throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
}

export function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Runs `work` on every item, at most `width` at once; the results come in the items' order. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
