import type { SagaTimings } from '@encore/saga';
import { commonConfig } from '@encore/service-kit';
import { z } from 'zod';
import { FULL_UNTIL_START } from './domain/refund-policy.js';

const milliseconds = z.coerce.number().int().min(1).max(86_400_000);

const refundTiers = z
  .array(
    z.strictObject({
      hoursBefore: z.number().min(0).max(87_600),
      percent: z.int().min(0).max(100),
    }),
  )
  .min(1)
  .max(20)
  .refine(
    (tiers) => new Set(tiers.map((tier) => tier.hoursBefore)).size === tiers.length,
    'has two tiers for the same hours',
  );

const refundPolicy = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('must be JSON: [{"hoursBefore":24,"percent":50}, …]');
      return z.NEVER;
    }
  })
  .pipe(refundTiers);

export const paymentConfig = z.object({
  ...commonConfig,
  /** How much of a seat's price is given back how long before the concert starts. */
  REFUND_POLICY: refundPolicy.default([...FULL_UNTIL_START]),
  /** How long a new payment waits for its pin before it is stored, and a command asks for it. */
  PIN_TIMEOUT_MS: z.coerce.number().int().min(1).max(5_000).default(1_000),
  /** After nothing was answered, commands pin for so long without asking first. */
  PIN_PAUSE_MS: milliseconds.default(2_000),
  /** The first pause before an unanswered step is asked again; doubles each time. */
  SAGA_ASK_AGAIN_AFTER_MS: milliseconds.default(3_000),
  SAGA_ASK_AGAIN_AFTER_AT_MOST_MS: milliseconds.default(30_000),
  /** An undoable step unanswered for so long turns the payment back. */
  SAGA_GIVE_UP_AFTER_MS: milliseconds.default(60_000),
  /** A step that can't be given up needs a person's attention after so many asks. */
  SAGA_MAX_ATTEMPTS: z.coerce.number().int().min(1).max(1_000).default(12),
  /** The first pause between asks of a saga that needs attention; doubles each time. */
  SAGA_ATTENTION_ASK_AGAIN_AFTER_MS: milliseconds.default(60_000),
  SAGA_ATTENTION_ASK_AGAIN_AFTER_AT_MOST_MS: milliseconds.default(3_600_000),
  /** Steps that nobody waits for are asked together, so far apart. */
  SAGA_UNHURRIED_PACE_MS: z.coerce.number().int().min(1).max(1_000).default(250),
  /** Payments and refunds that are completed within this time are announced together. */
  PAYMENT_EVENTS_PAUSE_MS: z.coerce.number().int().min(1).max(1_000).default(250),
  SAGA_SWEEP_EVERY_MS: milliseconds.default(500),
  /** Sagas that one transaction of the sweeper takes on; it takes as many as are due. */
  SAGA_SWEEP_SAGAS_MAX: z.coerce.number().int().min(1).max(10_000).default(200),
});
export type PaymentConfig = Readonly<z.output<typeof paymentConfig>>;

export function sagaTimingsOf(config: PaymentConfig): SagaTimings {
  return {
    askAgainAfterMs: config.SAGA_ASK_AGAIN_AFTER_MS,
    askAgainAfterAtMostMs: config.SAGA_ASK_AGAIN_AFTER_AT_MOST_MS,
    giveUpAfterMs: config.SAGA_GIVE_UP_AFTER_MS,
    maxAttempts: config.SAGA_MAX_ATTEMPTS,
    attentionAskAgainAfterMs: config.SAGA_ATTENTION_ASK_AGAIN_AFTER_MS,
    attentionAskAgainAfterAtMostMs: config.SAGA_ATTENTION_ASK_AGAIN_AFTER_AT_MOST_MS,
  };
}
