import { migrateService } from '@encore/service-kit';
import { queueMigrations } from './migrations.js';

await migrateService({ name: 'queue', migrations: queueMigrations });
