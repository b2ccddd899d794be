interface Slot<Value> {
  value: Value | undefined;
}

/**
 * A map of what comes and goes all the time, such as what is on its way right now.
 *
 * A `Map` that has taken in and given away enough makes itself a new table. The old one goes on
 * pointing to what it held then, and to the new one. Once one of them has grown old, V8 takes
 * whatever it points to for alive until it looks through the whole heap, table after table, and
 * copies all of it: see docs/decisions/0026. Here a table points to slots alone, and a slot is
 * emptied when its value goes.
 */
export class BriefMap<Key extends string | number, Value> {
  readonly #slots = new Map<Key, Slot<Value>>();

  get size(): number {
    return this.#slots.size;
  }

  get(key: Key): Value | undefined {
    return this.#slots.get(key)?.value;
  }

  /** One that is there already keeps its place in the order. */
  set(key: Key, value: Value): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) this.#slots.set(key, { value });
    else slot.value = value;
  }

  /** Takes a value out, if there is one. */
  take(key: Key): Value | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    this.#slots.delete(key);
    const { value } = slot;
    slot.value = undefined;
    return value;
  }

  delete(key: Key): void {
    this.take(key);
  }

  /** In the order in which they came; what is taken out meanwhile is left out. */
  *entries(): Generator<[Key, Value]> {
    for (const [key, { value }] of this.#slots) if (value !== undefined) yield [key, value];
  }

  *values(): Generator<Value> {
    for (const [, value] of this.entries()) yield value;
  }
}
