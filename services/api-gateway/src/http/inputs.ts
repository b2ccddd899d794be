import { values } from '@encore/contracts';
import { z } from 'zod';

/** Schemas of what arrives as text, in a path or a query. */

const DIGITS = /^(?:0|[1-9]\d{0,15})$/;

function integerText(range: z.ZodInt) {
  return z.string().regex(DIGITS, 'must be a whole number').transform(Number).pipe(range);
}

/** An id as part of a URL: beyond the safe integers there are none. */
export const idText = integerText(values.id).meta({ type: 'integer', minimum: 1 });

export const limitText = integerText(z.int().min(1).max(100)).optional().meta({
  type: 'integer',
  minimum: 1,
  maximum: 100,
  description: 'Rows of a page; 20 if absent.',
});

export const booleanText = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .meta({ type: 'boolean' });

/** Every service counts its pages by the id of the last row; anything else was never a cursor. */
const cursorText = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'must be the nextCursor of a page before')
  .optional()
  .meta({ type: 'string', description: 'The nextCursor of the page before; opaque.' });

/** Every list takes these. */
export const pageQuery = { limit: limitText, cursor: cursorText };

/**
 * A time databases and calendars agree on: the years at the ends of what ISO-8601 can say are not.
 */
export const instant = values.instant.refine((text) => {
  const year = new Date(text).getUTCFullYear();
  return year >= 2000 && year < 3000;
}, 'must lie between the years 2000 and 3000');

/** A change that changes nothing is a mistake of the caller. */
export function notEmpty<Schema extends z.ZodType<object>>(schema: Schema): Schema {
  return schema.refine(
    (body) => Object.keys(body).length > 0,
    'must give at least one field to change',
  );
}
