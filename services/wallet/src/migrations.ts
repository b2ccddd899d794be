/** Directories of this service's tables. */
export const walletMigrations: readonly URL[] = [new URL('../migrations', import.meta.url)];
