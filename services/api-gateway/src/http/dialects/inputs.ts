import { values } from '@encore/contracts';
import { z } from 'zod';
import { idText } from '../inputs.js';

/** Schemas of what the clients of published documents send. */

/** The documents write `"PK"` for an id and mean its number, with or without quotation marks. */
export const idInBody = z
  .union([values.id, idText])
  .meta({ type: ['integer', 'string'], description: 'A number, also as text.' });

/** A credential the guard has looked at already. */
export const tokenInBody = z.union([z.string(), z.number()]).optional();

/** `2024-07-01` */
export const dateText = z.iso.date('must be a day that exists, such as 2024-07-01');

/** The concert of those who name none. */
export const DEFAULT_CONCERT_ID = 1;

/** A page counted from 1. */
export const pageText = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, 'must be a page, counted from 1')
  .transform(Number)
  .default(1)
  .meta({ type: 'integer', minimum: 1, maximum: 999_999 });
