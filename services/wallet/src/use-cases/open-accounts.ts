import { accepted, OpenAccounts, type Outcome } from '@encore/contracts';
import { type BatchContext, Handles, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { AccountsRepository } from '../persistence/accounts.repository.js';

@Controller()
export class OpenAccountsHandler {
  constructor(private readonly accounts: AccountsRepository) {}

  @Handles(OpenAccounts)
  async open(
    requests: Received<typeof OpenAccounts>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof OpenAccounts>[]> {
    const counts = requests.map((request) => request.payload.count);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const userIds = await this.accounts.open(tx, total);
    return counts.map((count) => accepted({ userIds: userIds.splice(0, count) }));
  }
}
