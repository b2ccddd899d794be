import 'reflect-metadata';
import { loadConfig, startService } from '@encore/service-kit';
import { ConcertModule } from './concert.module.js';
import { concertConfigSchema } from './config.js';
import { concertMigrations } from './migrations.js';

const config = loadConfig(concertConfigSchema);

await startService({
  name: 'concert',
  module: ConcertModule.register(),
  config,
  migrations: concertMigrations,
});
