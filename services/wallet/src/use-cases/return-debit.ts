import { ReturnDebit, type Outcome } from '@encore/contracts';
import { type BatchContext, Handles, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { decideReturn, noChanges } from '../domain/wallet.js';
import { LedgerRepository } from '../persistence/ledger.repository.js';

@Controller()
export class ReturnDebitHandler {
  constructor(private readonly ledger: LedgerRepository) {}

  @Handles(ReturnDebit)
  async giveBack(
    commands: Received<typeof ReturnDebit>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof ReturnDebit>[]> {
    const payloads = commands.map((command) => command.payload);
    const wallets = await this.ledger.load(tx, {
      userIds: payloads.map((payload) => payload.userId),
      paymentIds: payloads.map((payload) => payload.paymentId),
    });
    const changes = noChanges();
    const outcomes = payloads.map((payload) => decideReturn(wallets, payload, changes));
    this.ledger.save(tx, changes);
    return outcomes;
  }
}
