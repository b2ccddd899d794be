/** Directories of this service's tables. */
export const concertMigrations: readonly URL[] = [new URL('../migrations', import.meta.url)];
