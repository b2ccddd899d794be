import { migrateService } from '@encore/service-kit';
import { reservationMigrations } from './migrations.js';

await migrateService({ name: 'reservation', migrations: reservationMigrations });
