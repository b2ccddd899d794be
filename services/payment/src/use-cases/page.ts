/** Rows of one page out of one more than it holds, which tells whether there is a next one. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  show: { cursor: (row: Row) => string; item: (row: Row) => Item },
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? show.cursor(last) : null;
  return { items: shown.map(show.item), nextCursor };
}

/** The id below which a page begins; a cursor that never was one of ours leads to no rows. */
export function idOfCursor(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  return /^\d{1,15}$/.test(cursor) ? Number(cursor) : 0;
}
