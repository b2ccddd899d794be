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
    /** Most that all charges of one day together put into a wallet. */
    CHARGE_DAILY_CAP_KRW: amountKrw.default(100_000_000),
    /** Where the day of the daily cap begins at midnight. */
    LOCAL_TIME_ZONE: z.string().refine(isTimeZone, 'is not a time zone').default('Asia/Seoul'),
  })
  .refine((config) => config.CHARGE_MIN_KRW <= config.CHARGE_MAX_KRW, {
    path: ['CHARGE_MIN_KRW'],
    error: 'must not be above CHARGE_MAX_KRW',
  });

function isTimeZone(name: string): boolean {
  return Intl.supportedValuesOf('timeZone').includes(name) || name === 'UTC';
}

export type WalletConfig = Readonly<z.output<typeof walletConfigSchema>>;
