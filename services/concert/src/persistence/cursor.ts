/**
 * The id a cursor stands for. One that never was ours leads behind the last row, to an empty page:
 * it
 * changes nothing, and telling it from one that has become stale is of no use to anybody.
 */
export function idOfCursor(cursor: string): number {
  return /^\d{1,15}$/.test(cursor) ? Number(cursor) : Number.MAX_SAFE_INTEGER;
}
