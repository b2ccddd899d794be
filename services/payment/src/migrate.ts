import { migrateService } from '@encore/service-kit';
import { paymentMigrations } from './migrations.js';

await migrateService({ name: 'payment', migrations: paymentMigrations });
