import { accepted, type Outcome, ReadWallet, refused } from '@encore/contracts';
import { Answers, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { AccountsRepository } from '../persistence/accounts.repository.js';

@Controller()
export class ReadWalletHandler {
  constructor(private readonly accounts: AccountsRepository) {}

  @Answers(ReadWallet)
  async read(queries: Received<typeof ReadWallet>[]): Promise<Outcome<typeof ReadWallet>[]> {
    const userIds = queries.map((query) => query.payload.userId);
    const balances = await this.accounts.balances(userIds);
    return userIds.map((userId) => {
      const balanceKrw = balances.get(userId);
      return balanceKrw === undefined
        ? refused('WALLET_USER_NOT_FOUND')
        : accepted({ userId, balanceKrw });
    });
  }
}
