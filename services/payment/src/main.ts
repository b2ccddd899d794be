import 'reflect-metadata';
import { loadConfig, startService } from '@encore/service-kit';
import { paymentConfig } from './config.js';
import { paymentMigrations } from './migrations.js';
import { PaymentModule } from './payment.module.js';

const config = loadConfig(paymentConfig);

await startService({
  name: 'payment',
  module: PaymentModule.register(config),
  config,
  migrations: paymentMigrations,
  limits: { relayPauseMs: config.PAYMENT_EVENTS_PAUSE_MS },
});
