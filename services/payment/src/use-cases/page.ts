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

/** The id below which a page begins; null for the first page. Contracts let only digits through. */
export function idOfCursor(cursor: string | undefined): number | null {
  return cursor === undefined ? null : Number(cursor);
}
