import { createHash, randomUUID } from 'node:crypto';

export type Direction = 'do' | 'undo';

/** The last digits of an id: zeros in a saga's own id, a step's mark in its commands' ids. */
const MARK_DIGITS = 4;
const NO_MARK = '0'.repeat(MARK_DIGITS);

/**
 * A time-ordered uuid (version 7) that ends in zeros. Ordered, so that new sagas, and the inbox
 * rows of their commands in other services, land side by side in their indexes, and the newest
 * saga has the highest id.
 */
export function newSagaId(now = Date.now()): string {
  const time = now.toString(16).padStart(12, '0');
  // Its digits are random but for the version before these and the variant among them.
  const uuid = randomUUID();
  const random = `${uuid.slice(15, 23)}-${uuid.slice(24, -MARK_DIGITS)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random}${NO_MARK}`;
}

/**
 * The id of a saga's command: the saga's own with the mark of step and direction at its end. The
 * same ask always has the same id, a reply finds its saga without a look-up table, and in every
 * service's logs the messages of one saga are seen to belong together.
 */
export function commandIdOf(sagaId: string, step: string, direction: Direction): string {
  return sagaId.slice(0, -MARK_DIGITS) + markOf(`${step}\n${direction}`);
}

/** As many as sagas have steps and directions: a hash for each ask would be for nothing. */
const marks = new Map<string, string>();

function markOf(ask: string): string {
  const known = marks.get(ask);
  if (known !== undefined) return known;
  const mark = createHash('sha256').update(ask).digest('hex').slice(0, MARK_DIGITS);
  marks.set(ask, mark);
  return mark;
}

/** The saga a command belongs to. */
export function sagaIdOf(commandId: string): string {
  return commandId.slice(0, -MARK_DIGITS) + NO_MARK;
}
