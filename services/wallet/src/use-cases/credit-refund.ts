import { CreditRefund, type Outcome } from '@encore/contracts';
import { type BatchContext, Handles, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { decideRefund, noChanges } from '../domain/wallet.js';
import { LedgerRepository } from '../persistence/ledger.repository.js';

@Controller()
export class CreditRefundHandler {
  constructor(private readonly ledger: LedgerRepository) {}

  @Handles(CreditRefund)
  async credit(
    commands: Received<typeof CreditRefund>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof CreditRefund>[]> {
    const payloads = commands.map((command) => command.payload);
    const wallets = await this.ledger.load(tx, {
      userIds: payloads.map((payload) => payload.userId),
      paymentIds: payloads.map((payload) => payload.paymentId),
    });
    const changes = noChanges();
    const outcomes = payloads.map((payload) => decideRefund(wallets, payload, changes));
    this.ledger.save(tx, changes);
    return outcomes;
  }
}
