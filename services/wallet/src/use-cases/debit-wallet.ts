import { DebitWallet, type Outcome } from '@encore/contracts';
import { type BatchContext, Handles, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { decideDebit, noChanges } from '../domain/wallet.js';
import { LedgerRepository } from '../persistence/ledger.repository.js';

@Controller()
export class DebitWalletHandler {
  constructor(private readonly ledger: LedgerRepository) {}

  @Handles(DebitWallet)
  async debit(
    commands: Received<typeof DebitWallet>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof DebitWallet>[]> {
    const payloads = commands.map((command) => command.payload);
    const wallets = await this.ledger.load(tx, {
      userIds: payloads.map((payload) => payload.userId),
      paymentIds: payloads.map((payload) => payload.paymentId),
    });
    const changes = noChanges();
    const outcomes = payloads.map((payload) => decideDebit(wallets, payload, changes));
    this.ledger.save(tx, changes);
    return outcomes;
  }
}
