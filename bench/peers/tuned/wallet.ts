import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { first } from './database.js';
import { type PaymentStep } from './messages.js';
import { refused, startMicroservice } from './microservice.js';

const DEBIT = {
  name: 'debit',
  text: `
    WITH debited AS (
      UPDATE wallets SET balance_krw = balance_krw - $3::integer
       WHERE user_id = $1 AND balance_krw >= $3::integer
      RETURNING balance_krw
    )
    INSERT INTO movements (kind, payment_id, user_id, amount_krw, balance_after_krw)
    SELECT 'DEBIT', $2, $1, -$3::integer, balance_krw FROM debited
    RETURNING balance_after_krw AS "balanceKrw"`,
};
const REFUND = {
  name: 'refund',
  text: `
    WITH refunded AS (
      UPDATE wallets SET balance_krw = balance_krw + $3::integer
       WHERE user_id = $1
      RETURNING balance_krw
    )
    INSERT INTO movements (kind, payment_id, user_id, amount_krw, balance_after_krw)
    SELECT 'REFUND', $2, $1, $3::integer, balance_krw FROM refunded
    RETURNING balance_after_krw AS "balanceKrw"`,
};

@Controller()
class WalletController {
  @MessagePattern('debit')
  async debit(@Payload() { userId, paymentId, amountKrw }: PaymentStep): Promise<object> {
    const debited = await first(DEBIT, [userId, paymentId, amountKrw]);
    if (debited === undefined) throw refused('WALLET_INSUFFICIENT');
    return debited;
  }

  @MessagePattern('refund')
  async refund(@Payload() { userId, paymentId, amountKrw }: PaymentStep): Promise<object> {
    const refunded = await first(REFUND, [userId, paymentId, amountKrw]);
    if (refunded === undefined) throw refused('WALLET_UNKNOWN');
    return refunded;
  }
}

@Module({ controllers: [WalletController] })
class WalletModule {}

await startMicroservice('wallet', WalletModule);
