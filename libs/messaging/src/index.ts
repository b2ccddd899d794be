export type { Actor, ActorVerifier, Carrier, EnvelopeVoucher } from './actor.js';
export { BriefMap } from './brief-map.js';
export { BroadcastListener } from './broadcast.js';
export { ServiceClient, type Answer, type AskOptions } from './client.js';
export { CommandSender, type OutgoingCommand } from './command-sender.js';
export {
  Answers,
  AnswersEach,
  Handles,
  HandlesAnew,
  HandlesEach,
  Listens,
  ListensReplies,
} from './decorators.js';
export { declareQueues } from './declaring.js';
export { DeferredAnswers, type DeferredAnswer } from './deferred-answers.js';
export {
  ForbiddenActorError,
  InProgressError,
  InvalidMessageError,
  KeyReusedError,
  NotConnectedError,
  OutcomeUnknownError,
  PublishRefusedError,
  ServiceFaultError,
  ServiceUnavailableError,
  UnconfirmedError,
  UnknownTypeError,
  UnroutableError,
} from './errors.js';
export {
  DEFERRED,
  type BatchContext,
  type Deferred,
  type Received,
  type ReceivedReply,
} from './handling.js';
export { Inbox } from './inbox.js';
export { silentLogger, type Logger } from './logger.js';
export { messageIdOf } from './message-id.js';
export { Messaging } from './messaging.js';
export { messagingMigrations } from './migrations.js';
export {
  silentObserver,
  type BatchOutcome,
  type HandledBatch,
  type MessagingObserver,
} from './observer.js';
export { DEFAULT_LIMITS, type MessagingLimits, type MessagingOptions } from './options.js';
export { Outbox, type Cause } from './outbox.js';
export type { ParkedMessage } from './peeking.js';
export { QueueInspector, type QueueStatus } from './queue-inspector.js';
export { MessagingServer } from './server.js';
export { QUEUE_ROLES, SUBSCRIPTIONS, Topology, type QueueRole } from './topology.js';
export { transportChannels, type TransportMoment } from './diagnostics.js';
export { WaitingLine } from './waiting-line.js';
