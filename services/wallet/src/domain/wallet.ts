import {
  accepted,
  refused,
  type ChargeWallet,
  type CreditRefund,
  type DebitWallet,
  type Outcome,
  type PayloadOf,
  type ReturnDebit,
  type WalletEntry,
} from '@encore/contracts';

export type MovementKind = WalletEntry['kind'];

/** Money that moved once for one cause. */
export interface Movement {
  readonly kind: MovementKind;
  /** Payment id, refund id or, for a charge, the id of the request. */
  readonly cause: string;
  readonly paymentId: number | null;
  readonly userId: number;
  readonly amountKrw: number;
  /** The user's balance after it. */
  readonly balanceAfterKrw: number;
}

/**
 * Everything a batch of decisions has to know, read under the locks of its accounts. Deciding
 * moves it on, so that the next command of the batch sees what the one before it did.
 */
export interface Wallets {
  /** Balance by user; a user who is not in it does not exist. */
  readonly balancesKrw: Map<number, number>;
  /** What each user has charged today; who is not in it has charged nothing. */
  readonly chargedTodayKrw: Map<number, number>;
  /** By `causeKey`. */
  readonly movements: Map<string, Movement>;
  readonly refundedKrwByPayment: Map<number, number>;
  /** Payments whose debit must never happen (again). */
  readonly withdrawnPayments: Set<number>;
}

/** What the decisions of a batch changed, in their order. */
export interface Changes {
  readonly movements: Movement[];
  readonly withdrawnPayments: number[];
}

export interface WalletLimits {
  readonly chargeMinKrw: number;
  readonly chargeMaxKrw: number;
  /** No charge lifts a balance above it; money that comes back always may. */
  readonly walletCapKrw: number;
  readonly chargeDailyCapKrw: number;
}

/**
 * Somebody asked for one cause twice with different contents, or to give back more than was
 * taken. No honest sender does: the message is a fault and ends up parked, for a person to see.
 */
export class ContradictionError extends Error {
  override name = 'ContradictionError';
}

export function causeKey(kind: MovementKind, cause: string | number): string {
  return `${kind} ${cause}`;
}

export function noChanges(): Changes {
  return { movements: [], withdrawnPayments: [] };
}

export function decideDebit(
  wallets: Wallets,
  command: PayloadOf<typeof DebitWallet>,
  changes: Changes,
): Outcome<typeof DebitWallet> {
  const { userId, paymentId, amountKrw } = command;
  if (wallets.withdrawnPayments.has(paymentId)) return refused('WALLET_DEBIT_WITHDRAWN');
  const earlier = wallets.movements.get(causeKey('PAYMENT', paymentId));
  if (earlier !== undefined) {
    assertSame(earlier, userId, amountKrw);
    return accepted({ userId, balanceKrw: earlier.balanceAfterKrw });
  }
  const balanceKrw = wallets.balancesKrw.get(userId);
  if (balanceKrw === undefined) return refused('WALLET_USER_NOT_FOUND');
  if (balanceKrw < amountKrw) {
    return refused('WALLET_INSUFFICIENT_BALANCE', { balanceKrw, amountKrw });
  }
  const moved = move(wallets, changes, {
    kind: 'PAYMENT',
    cause: String(paymentId),
    paymentId,
    userId,
    amountKrw,
    balanceAfterKrw: balanceKrw - amountKrw,
  });
  return accepted({ userId, balanceKrw: moved.balanceAfterKrw });
}

/** Never refuses: an undo succeeds whether its debit happened, never did, or is on its way. */
export function decideReturn(
  wallets: Wallets,
  command: PayloadOf<typeof ReturnDebit>,
  changes: Changes,
): Outcome<typeof ReturnDebit> {
  const { userId, paymentId } = command;
  const returned = wallets.movements.get(causeKey('PAYMENT_RETURNED', paymentId));
  if (returned !== undefined) return accepted({ returnedKrw: returned.amountKrw });
  if (!wallets.withdrawnPayments.has(paymentId)) {
    wallets.withdrawnPayments.add(paymentId);
    changes.withdrawnPayments.push(paymentId);
  }
  const debit = wallets.movements.get(causeKey('PAYMENT', paymentId));
  if (debit === undefined) return accepted({ returnedKrw: 0 });
  assertSame(debit, userId, debit.amountKrw);
  assertNotRefunded(wallets, paymentId);
  move(wallets, changes, {
    ...debit,
    kind: 'PAYMENT_RETURNED',
    balanceAfterKrw: balanceOf(wallets, userId) + debit.amountKrw,
  });
  return accepted({ returnedKrw: debit.amountKrw });
}

export function decideRefund(
  wallets: Wallets,
  command: PayloadOf<typeof CreditRefund>,
  changes: Changes,
): Outcome<typeof CreditRefund> {
  const { userId, paymentId, refundId, amountKrw } = command;
  const earlier = wallets.movements.get(causeKey('REFUND', refundId));
  if (earlier !== undefined) {
    assertSame(earlier, userId, amountKrw);
    return accepted({ userId, balanceKrw: earlier.balanceAfterKrw });
  }
  const balanceKrw = wallets.balancesKrw.get(userId);
  if (balanceKrw === undefined) return refused('WALLET_USER_NOT_FOUND');
  assertRefundable(wallets, command);
  const moved = move(wallets, changes, {
    kind: 'REFUND',
    cause: String(refundId),
    paymentId,
    userId,
    amountKrw,
    balanceAfterKrw: balanceKrw + amountKrw,
  });
  return accepted({ userId, balanceKrw: moved.balanceAfterKrw });
}

/** The answer lacks the entry's id, which the database gives when the charge is saved. */
export type ChargeDecision =
  | { readonly ok: true; readonly value: Movement }
  | Extract<Outcome<typeof ChargeWallet>, { ok: false }>;

export function decideCharge(
  wallets: Wallets,
  command: PayloadOf<typeof ChargeWallet> & { requestId: string },
  limits: WalletLimits,
  changes: Changes,
): ChargeDecision {
  const { userId, amountKrw, requestId } = command;
  const earlier = wallets.movements.get(causeKey('CHARGE', requestId));
  if (earlier !== undefined) {
    assertSame(earlier, userId, amountKrw);
    return accepted(earlier);
  }
  const balanceKrw = wallets.balancesKrw.get(userId);
  if (balanceKrw === undefined) return refused('WALLET_USER_NOT_FOUND');
  const { chargeMinKrw, chargeMaxKrw, walletCapKrw } = limits;
  if (amountKrw < chargeMinKrw || amountKrw > chargeMaxKrw) {
    return refused('WALLET_AMOUNT_OUT_OF_RANGE', { minKrw: chargeMinKrw, maxKrw: chargeMaxKrw });
  }
  if (balanceKrw + amountKrw > walletCapKrw) {
    return refused('WALLET_CAP_REACHED', { balanceKrw, capKrw: walletCapKrw });
  }
  const chargedTodayKrw = wallets.chargedTodayKrw.get(userId) ?? 0;
  if (chargedTodayKrw + amountKrw > limits.chargeDailyCapKrw) {
    const dailyCapKrw = limits.chargeDailyCapKrw;
    return refused('WALLET_DAILY_CAP_REACHED', { chargedTodayKrw, dailyCapKrw });
  }
  return accepted(
    move(wallets, changes, {
      kind: 'CHARGE',
      cause: requestId,
      paymentId: null,
      userId,
      amountKrw,
      balanceAfterKrw: balanceKrw + amountKrw,
    }),
  );
}

/** The one place where a decision changes what the next one sees. */
function move(wallets: Wallets, changes: Changes, movement: Movement): Movement {
  const { kind, cause, userId, paymentId, amountKrw, balanceAfterKrw } = movement;
  wallets.balancesKrw.set(userId, balanceAfterKrw);
  wallets.movements.set(causeKey(kind, cause), movement);
  if (kind === 'CHARGE') {
    const chargedKrw = wallets.chargedTodayKrw.get(userId) ?? 0;
    wallets.chargedTodayKrw.set(userId, chargedKrw + amountKrw);
  }
  if (kind === 'REFUND' && paymentId !== null) {
    const refundedKrw = wallets.refundedKrwByPayment.get(paymentId) ?? 0;
    wallets.refundedKrwByPayment.set(paymentId, refundedKrw + amountKrw);
  }
  changes.movements.push(movement);
  return movement;
}

function balanceOf(wallets: Wallets, userId: number): number {
  const balanceKrw = wallets.balancesKrw.get(userId);
  if (balanceKrw === undefined) throw new Error(`The account of user ${userId} was not loaded`);
  return balanceKrw;
}

function assertSame(earlier: Movement, userId: number, amountKrw: number): void {
  if (earlier.userId === userId && earlier.amountKrw === amountKrw) return;
  throw new ContradictionError(
    `${causeKey(earlier.kind, earlier.cause)} moved ${earlier.amountKrw} KRW of user ` +
      `${earlier.userId} and is now asked to move ${amountKrw} KRW of user ${userId}`,
  );
}

function assertNotRefunded(wallets: Wallets, paymentId: number): void {
  const refundedKrw = wallets.refundedKrwByPayment.get(paymentId) ?? 0;
  if (refundedKrw === 0) return;
  throw new ContradictionError(`Payment ${paymentId} was refunded and cannot be undone as well`);
}

function assertRefundable(wallets: Wallets, command: PayloadOf<typeof CreditRefund>): void {
  const { userId, paymentId, refundId, amountKrw } = command;
  const debit = wallets.movements.get(causeKey('PAYMENT', paymentId));
  const returned = wallets.movements.has(causeKey('PAYMENT_RETURNED', paymentId));
  const leftKrw = (debit?.amountKrw ?? 0) - (wallets.refundedKrwByPayment.get(paymentId) ?? 0);
  if (debit?.userId === userId && !returned && amountKrw <= leftKrw) return;
  throw new ContradictionError(
    `Refund ${refundId} asks for ${amountKrw} KRW of payment ${paymentId} to user ${userId}, ` +
      `of which ${returned ? 0 : leftKrw} KRW are left to refund`,
  );
}
