import 'reflect-metadata';
import { Controller, Inject, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { type Knex } from 'knex';
import { DATABASE, DatabaseModule } from './database.js';
import { type PaymentStep } from './messages.js';
import { refused, startMicroservice } from './microservice.js';

interface WalletRow {
  user_id: number;
  balance_krw: number;
}

@Controller()
class WalletController {
  constructor(@Inject(DATABASE) private readonly knex: Knex) {}

  @MessagePattern('wallet.debit')
  async debit(@Payload() { userId, paymentId, amountKrw }: PaymentStep) {
    return await this.move('DEBIT', userId, paymentId, -amountKrw);
  }

  @MessagePattern('wallet.refund')
  async refund(@Payload() { userId, paymentId, amountKrw }: PaymentStep) {
    return await this.move('REFUND', userId, paymentId, amountKrw);
  }

  private async move(kind: string, userId: number, paymentId: number, amountKrw: number) {
    return await this.knex.transaction(async (trx) => {
      const wallet = await trx<WalletRow>('wallets').where({ user_id: userId }).forUpdate().first();
      if (wallet === undefined) throw refused('WALLET_UNKNOWN');
      const balanceKrw = wallet.balance_krw + amountKrw;
      if (balanceKrw < 0) throw refused('WALLET_INSUFFICIENT');
      await trx('wallets').where({ user_id: userId }).update({ balance_krw: balanceKrw });
      await trx('movements').insert({
        kind,
        payment_id: paymentId,
        user_id: userId,
        amount_krw: amountKrw,
        balance_after_krw: balanceKrw,
      });
      return { userId, balanceKrw };
    });
  }
}

@Module({ imports: [DatabaseModule], controllers: [WalletController] })
class WalletModule {}

await startMicroservice('wallet', WalletModule);
