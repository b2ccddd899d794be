/** Directories of this service's tables. */
export const queueMigrations: readonly URL[] = [new URL('../migrations', import.meta.url)];
