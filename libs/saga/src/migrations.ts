import { fileURLToPath } from 'node:url';

/** The directory of the sagas' tables, for `migrate`. */
export const sagaMigrations: string = fileURLToPath(new URL('../migrations', import.meta.url));
