import 'reflect-metadata';
import { loadConfig, startService } from '@encore/service-kit';
import { queueConfig } from './config.js';
import { queueMigrations } from './migrations.js';
import { QueueModule } from './queue.module.js';

const config = loadConfig(queueConfig);

await startService({
  name: 'queue',
  module: QueueModule.register(config),
  config,
  migrations: queueMigrations,
});
