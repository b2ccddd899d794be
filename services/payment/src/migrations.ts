import { sagaMigrations } from '@encore/saga';

/** Directories of this service's tables. */
export const paymentMigrations: readonly (URL | string)[] = [
  sagaMigrations,
  new URL('../migrations', import.meta.url),
];
