export { Database, type DatabaseConfig } from './database.js';
export {
  DatabaseUnavailableError,
  isTimeout,
  isUnavailable,
  violatedConstraint,
} from './errors.js';
export { JsonText } from './json-text.js';
export { migrate, pendingMigrations } from './migrate.js';
export { provision, type ProvisionOptions } from './provision.js';
export {
  statement,
  type Buildable,
  type Queryable,
  type Statement,
  type Transaction,
} from './queryable.js';
