import { type DynamicModule, Module } from '@nestjs/common';
import type { WalletConfig } from './config.js';
import { AccountsRepository } from './persistence/accounts.repository.js';
import { LedgerRepository } from './persistence/ledger.repository.js';
import { ChargeWalletHandler, WALLET_LIMITS } from './use-cases/charge-wallet.js';
import { CreditRefundHandler } from './use-cases/credit-refund.js';
import { DebitWalletHandler } from './use-cases/debit-wallet.js';
import { ListWalletEntriesHandler } from './use-cases/list-wallet-entries.js';
import { OpenAccountsHandler } from './use-cases/open-accounts.js';
import { ReadUserHandler } from './use-cases/read-user.js';
import { ReadWalletHandler } from './use-cases/read-wallet.js';
import { ReturnDebitHandler } from './use-cases/return-debit.js';

/** The one list of this service's parts. */
@Module({})
export class WalletModule {
  static register(
    config: Pick<
      WalletConfig,
      | 'CHARGE_MIN_KRW'
      | 'CHARGE_MAX_KRW'
      | 'CHARGE_DAILY_CAP_KRW'
      | 'WALLET_CAP_KRW'
      | 'LOCAL_TIME_ZONE'
    >,
  ): DynamicModule {
    return {
      module: WalletModule,
      controllers: [
        OpenAccountsHandler,
        ReadUserHandler,
        ReadWalletHandler,
        ListWalletEntriesHandler,
        ChargeWalletHandler,
        DebitWalletHandler,
        ReturnDebitHandler,
        CreditRefundHandler,
      ],
      providers: [
        AccountsRepository,
        { provide: LedgerRepository, useValue: new LedgerRepository(config.LOCAL_TIME_ZONE) },
        {
          provide: WALLET_LIMITS,
          useValue: {
            chargeMinKrw: config.CHARGE_MIN_KRW,
            chargeMaxKrw: config.CHARGE_MAX_KRW,
            walletCapKrw: config.WALLET_CAP_KRW,
            chargeDailyCapKrw: config.CHARGE_DAILY_CAP_KRW,
          },
        },
      ],
    };
  }
}
