import 'reflect-metadata';
import { loadConfig, startService } from '@encore/service-kit';
import { reservationConfigSchema } from './config.js';
import { reservationMigrations } from './migrations.js';
import { ReservationModule } from './reservation.module.js';

const config = loadConfig(reservationConfigSchema);

await startService({
  name: 'reservation',
  module: ReservationModule.register(config),
  config,
  migrations: reservationMigrations,
});
