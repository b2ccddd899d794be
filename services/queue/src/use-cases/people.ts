import type { Person } from '../persistence/entries.repository.js';

/** One person in one room, as a key of a map. */
export function keyOf({ roomId, userId }: Person): string {
  return `${roomId}/${userId}`;
}

/** Everybody once, in the order of first mention. */
export function distinctPeople(people: readonly Person[]): Person[] {
  const byKey = new Map<string, Person>();
  for (const { roomId, userId } of people) {
    const person = { roomId, userId };
    if (!byKey.has(keyOf(person))) byKey.set(keyOf(person), person);
  }
  return [...byKey.values()];
}

export function distinctRooms(people: readonly Pick<Person, 'roomId'>[]): string[] {
  return [...new Set(people.map((person) => person.roomId))];
}
