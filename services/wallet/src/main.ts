import 'reflect-metadata';
import { loadConfig, startService } from '@encore/service-kit';
import { walletConfigSchema } from './config.js';
import { walletMigrations } from './migrations.js';
import { WalletModule } from './wallet.module.js';

const config = loadConfig(walletConfigSchema);

await startService({
  name: 'wallet',
  module: WalletModule.register(config),
  config,
  migrations: walletMigrations,
});
