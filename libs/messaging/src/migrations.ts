import { fileURLToPath } from 'node:url';

/** The directory of the inbox's and the outbox's tables, for `migrate`. */
export const messagingMigrations: string = fileURLToPath(new URL('../migrations', import.meta.url));
