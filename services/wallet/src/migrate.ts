import { migrateService } from '@encore/service-kit';
import { walletMigrations } from './migrations.js';

await migrateService({ name: 'wallet', migrations: walletMigrations });
