import { accepted, ListWalletEntries, type Outcome, refused } from '@encore/contracts';
import { AnswersEach, type Received } from '@encore/messaging';
import { Controller } from '@nestjs/common';
import { AccountsRepository } from '../persistence/accounts.repository.js';

@Controller()
export class ListWalletEntriesHandler {
  constructor(private readonly accounts: AccountsRepository) {}

  @AnswersEach(ListWalletEntries)
  async list({
    payload,
  }: Received<typeof ListWalletEntries>): Promise<Outcome<typeof ListWalletEntries>> {
    const { userId, cursor, limit } = payload;
    // One more than asked for tells whether there is a next page.
    const found = await this.accounts.entries(userId, cursor ?? null, limit + 1);
    if (found.length === 0 && !(await this.accounts.balances([userId])).has(userId)) {
      return refused('WALLET_USER_NOT_FOUND');
    }
    const items = found.slice(0, limit);
    const nextCursor = found.length > limit ? String(items.at(-1)?.entryId) : null;
    return accepted({ items, nextCursor });
  }
}
