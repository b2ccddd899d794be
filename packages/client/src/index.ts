export {
  createEncoreClient,
  type CallOptions,
  type ChangeOptions,
  type EncoreClient,
  type EncoreClientOptions,
  type QueueingOptions,
  type WaitOptions,
} from './client.js';
export {
  EncoreConnectionError,
  EncoreEntryEndedError,
  EncoreProblem,
  EncoreUnfinishedError,
  type EncoreProblemCode,
} from './errors.js';
export type { RetryPolicy } from './retrying.js';
export type {
  Concert,
  Entry,
  Payment,
  ProblemCode,
  ProblemDocument,
  Refund,
  Reservation,
  Schedule,
  Seat,
  Wallet,
  WalletEntry,
} from './shapes.js';
export type { Answer, TokenSource } from './transport.js';
