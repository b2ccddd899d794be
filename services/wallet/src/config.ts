import { commonConfig } from '@encore/service-kit';
import { z } from 'zod';

const amountKrw = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

export const walletConfigSchema = z
  .object({
    ...commonConfig,
    /** Least that one charge puts into a wallet. */
    CHARGE_MIN_KRW: amountKrw.default(1),
    /** Most that one charge puts into a wallet. */
    CHARGE_MAX_KRW: amountKrw.default(10_000_000),
    /** No charge lifts a balance above it. */
    WALLET_CAP_KRW: amountKrw.default(1_000_000_000),
  })
  .refine((config) => config.CHARGE_MIN_KRW <= config.CHARGE_MAX_KRW, {
    path: ['CHARGE_MIN_KRW'],
    error: 'must not be above CHARGE_MAX_KRW',
  });

export type WalletConfig = Readonly<z.output<typeof walletConfigSchema>>;
