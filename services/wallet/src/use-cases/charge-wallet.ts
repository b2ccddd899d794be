import { accepted, ChargeWallet, type Outcome } from '@encore/contracts';
import { type BatchContext, Handles, type Received } from '@encore/messaging';
import { Controller, Inject } from '@nestjs/common';
import {
  causeKey,
  type ChargeDecision,
  decideCharge,
  noChanges,
  type WalletLimits,
} from '../domain/wallet.js';
import { LedgerRepository, type LoadedWallets } from '../persistence/ledger.repository.js';

export const WALLET_LIMITS = Symbol('wallet limits');

@Controller()
export class ChargeWalletHandler {
  constructor(
    private readonly ledger: LedgerRepository,
    @Inject(WALLET_LIMITS) private readonly limits: WalletLimits,
  ) {}

  @Handles(ChargeWallet)
  async charge(
    requests: Received<typeof ChargeWallet>[],
    { tx }: BatchContext,
  ): Promise<Outcome<typeof ChargeWallet>[]> {
    // The message's id is the cause: a client's retry carries it again, a second charge does not.
    const payloads = requests.map(({ id, payload }) => ({ ...payload, requestId: id }));
    const wallets = await this.ledger.load(tx, {
      userIds: payloads.map((payload) => payload.userId),
      requestIds: payloads.map((payload) => payload.requestId),
    });
    const changes = noChanges();
    const decisions = payloads.map((payload) =>
      decideCharge(wallets, payload, this.limits, changes),
    );
    await this.ledger.saveAndNumber(tx, wallets, changes);
    return decisions.map((decision) => withEntry(decision, wallets));
  }
}

function withEntry(decision: ChargeDecision, wallets: LoadedWallets): Outcome<typeof ChargeWallet> {
  if (!decision.ok) return decision;
  const { kind, cause, userId, balanceAfterKrw } = decision.value;
  const entryId = wallets.entryIds.get(causeKey(kind, cause));
  if (entryId === undefined) throw new Error(`${causeKey(kind, cause)} was decided but not saved`);
  return accepted({ userId, balanceKrw: balanceAfterKrw, entryId });
}
