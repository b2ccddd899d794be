import 'reflect-metadata';
import { loadConfig, startService } from '@encore/service-kit';
import { limitsOf, reservationConfigSchema } from './config.js';
import { reservationMigrations } from './migrations.js';
import { ReservationModule } from './reservation.module.js';

const config = loadConfig(reservationConfigSchema);

await startService({
  name: 'reservation',
  module: ReservationModule.register(limitsOf(config)),
  config,
  migrations: reservationMigrations,
  limits: { relayPauseMs: config.SEATS_CHANGED_PAUSE_MS },
});
