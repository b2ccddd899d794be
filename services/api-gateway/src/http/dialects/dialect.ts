/**
 * The five published documents. Each is served to the letter at the root, all at once; what they
 * leave open or where they collide is settled in the README beside this file.
 */
export const DIALECTS = [
  'booking',
  'booking-draft',
  'user-token',
  'waiting-queue',
  'queue-token',
] as const;
export type Dialect = (typeof DIALECTS)[number];
