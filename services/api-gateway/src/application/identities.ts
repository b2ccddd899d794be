import { OpenAccounts, ReadUser } from '@encore/contracts';
import type { Actor } from '@encore/messaging';
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
    await this.services.query(ReadUser, { userId: identity.userId }, origin);
    return this.tokens.issue(identity);
  }

  /** Who may have users made, the mode decides; it is the gateway that has them made. */
  async createUser(change: Change): Promise<Done<{ userId: number }>> {
    const own = { ...change, identity: OPERATING };
    const { value, replayed } = await this.services.request(OpenAccounts, { count: 1 }, own);
    const [userId] = value.userIds;
    if (userId === undefined) throw new TypeError('the wallet service opened no account');
    return { value: { userId }, replayed };
  }
}

/** The gateway itself, which is no user. */
const OPERATING: Actor = { userId: null, roles: ['operator'] };
