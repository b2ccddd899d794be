/** Directories of this service's tables. */
export const reservationMigrations: readonly URL[] = [new URL('../migrations', import.meta.url)];
