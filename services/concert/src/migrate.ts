import { migrateService } from '@encore/service-kit';
import { concertMigrations } from './migrations.js';

await migrateService({ name: 'concert', migrations: concertMigrations });
