import { accepted, type Outcome, ReadUser, refused } from '@encore/contracts';
import { Answers, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { AccountsRepository } from '../persistence/accounts.repository.js';

/** Who has an account is a user; that is all anybody but the user may learn here. */
@Controller()
export class ReadUserHandler {
  constructor(private readonly accounts: AccountsRepository) {}

  @Answers(ReadUser)
  async read(queries: Received<typeof ReadUser>[]): Promise<Outcome<typeof ReadUser>[]> {
    const userIds = queries.map((query) => query.payload.userId);
    const balances = await this.accounts.balances(userIds);
    return userIds.map((userId) =>
      balances.has(userId) ? accepted({ userId }) : refused('WALLET_USER_NOT_FOUND'),
    );
  }
}
