import { z } from 'zod';

/** A row's number as every API shows it: fits a JSON number exactly. */
export const id = z.int().min(1);
/** Integer Korean won; a movement of money is never zero, negative or fractional. */
export const amountKrw = z.int().min(1);
/** Integer Korean won that may be nothing: balances and totals. */
export const totalKrw = z.int().min(0);
/** ISO-8601 with zone, as `Date.prototype.toISOString` writes it. */
export const instant = z.iso.datetime({ offset: true });
export const seatNumber = z.int().min(1).max(100_000);
/** The seats of one reservation or one refund: distinct, at most 50. */
export const seatNumbers = z
  .array(seatNumber)
  .min(1)
  .max(50)
  .refine((numbers) => new Set(numbers).size === numbers.length, 'seat numbers must be distinct');
/** `default` or a name an organiser gave: lower-case letters, digits and dashes. */
export const roomId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);
/** Where a list goes on: the id of the last row seen, passed back by clients without reading it. */
export const cursor = z.string().regex(/^[0-9]{1,16}$/, 'not a cursor of this list');
/** A page of a list: at most `limit` rows after `cursor` (absent for the first page). */
export const page = z.object({
  limit: z.int().min(1).max(100).default(20),
  cursor: cursor.optional(),
});

/** Rows of one page, and the cursor of the next one or null at the end. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** A command that has nothing to say but "done". */
export const done = z.object({});
