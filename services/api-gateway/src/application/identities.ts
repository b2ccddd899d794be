import { OpenAccounts, ReadWallet } from '@encore/contracts';
import { Injectable } from '@nestjs/common';
import { Services } from '../clients/services.js';
import { Tokens, type Identity, type IssuedToken } from '../identity/tokens.js';
import type { Change, Done, Origin } from './caller.js';

/** Users and the tokens they act with, in open mode. */
@Injectable()
export class Identities {
  constructor(
    private readonly services: Services,
    private readonly tokens: Tokens,
  ) {}

  /** A token for a user who exists: who has no wallet is nobody. */
  async issueToken(identity: Identity, origin: Origin): Promise<IssuedToken> {
    await this.services.query(ReadWallet, { userId: identity.userId }, origin);
    return this.tokens.issue(identity);
  }

  async createUser(change: Change): Promise<Done<{ userId: number }>> {
    const { value, replayed } = await this.services.request(OpenAccounts, { count: 1 }, change);
    const [userId] = value.userIds;
    if (userId === undefined) throw new TypeError('the wallet service opened no account');
    return { value: { userId }, replayed };
  }
}
