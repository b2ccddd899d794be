import { z } from 'zod';
import { command, query, request } from './define.js';
import { amountKrw, id, instant, page, pageOf, totalKrw } from './values.js';

export const walletView = z.object({ userId: id, balanceKrw: totalKrw });
export type WalletView = z.output<typeof walletView>;

/** One movement as its owner sees it. */
export const walletEntry = z.object({
  entryId: id,
  kind: z.enum(['CHARGE', 'PAYMENT', 'PAYMENT_RETURNED', 'REFUND']),
  /** Signed: positive into the wallet, negative out of it. */
  amountKrw: z.int(),
  balanceAfterKrw: totalKrw,
  paymentId: id.nullable(),
  refundId: id.nullable(),
  createdAt: instant,
});
export type WalletEntry = z.output<typeof walletEntry>;

export const OpenAccounts = request('wallet', 'OpenAccounts', {
  summary: 'Creates users with empty wallets; their ids follow the highest existing one.',
  actor: 'operator',
  payload: z.object({ count: z.int().min(1).max(1_000) }),
  reply: z.object({ userIds: z.array(id) }),
  refusals: [],
});

export const ReadUser = query('wallet', 'ReadUser', {
  summary: 'Whether there is such a user, and nothing about whoever it is.',
  actor: 'anyone',
  payload: z.object({ userId: id }),
  reply: z.object({ userId: id }),
  refusals: ['WALLET_USER_NOT_FOUND'],
});

export const ReadWallet = query('wallet', 'ReadWallet', {
  summary: 'Balance of a user; a refusal means the user does not exist.',
  payload: z.object({ userId: id }),
  reply: walletView,
  refusals: ['WALLET_USER_NOT_FOUND'],
});

export const ListWalletEntries = query('wallet', 'ListWalletEntries', {
  summary: 'A user’s movements, newest first.',
  payload: z.object({ ...page.shape, userId: id }),
  reply: pageOf(walletEntry),
  refusals: ['WALLET_USER_NOT_FOUND'],
});

export const ChargeWallet = request('wallet', 'ChargeWallet', {
  summary: 'Puts money into a wallet, within the limits per charge and day and the wallet’s cap.',
  payload: z.object({ userId: id, amountKrw }),
  reply: z.object({ ...walletView.shape, entryId: id }),
  refusals: [
    'WALLET_USER_NOT_FOUND',
    'WALLET_AMOUNT_OUT_OF_RANGE',
    'WALLET_CAP_REACHED',
    'WALLET_DAILY_CAP_REACHED',
  ],
});

export const DebitWallet = command('wallet', 'DebitWallet', {
  summary: 'Takes a payment’s amount, once per payment.',
  payload: z.object({ userId: id, paymentId: id, amountKrw }),
  reply: walletView,
  refusals: ['WALLET_USER_NOT_FOUND', 'WALLET_INSUFFICIENT_BALANCE', 'WALLET_DEBIT_WITHDRAWN'],
});

export const ReturnDebit = command('wallet', 'ReturnDebit', {
  summary: 'Undoes a payment’s debit if it happened; a debit that comes later is refused.',
  payload: z.object({ userId: id, paymentId: id }),
  reply: z.object({ returnedKrw: totalKrw }),
  refusals: [],
});

export const CreditRefund = command('wallet', 'CreditRefund', {
  summary: 'Gives a refund’s amount back, once per refund.',
  payload: z.object({ userId: id, paymentId: id, refundId: id, amountKrw }),
  reply: walletView,
  refusals: ['WALLET_USER_NOT_FOUND'],
});
