import { isUnavailable } from '@encore/database';

/**
 * Surely not handled: not connected, nobody consumes, overloaded, or the service said so. Ask
 * again.
 */
export class ServiceUnavailableError extends Error {
  constructor(
    readonly service: string,
    readonly reason: string,
  ) {
    super(`The ${service} service is unavailable: ${reason}`);
    this.name = 'ServiceUnavailableError';
  }
}

/** Sent, and no answer came: it may have been handled. Ask again under the same message id. */
export class OutcomeUnknownError extends Error {
  constructor(
    readonly service: string,
    readonly reason: string,
  ) {
    super(`The outcome of a request to the ${service} service is unknown: ${reason}`);
    this.name = 'OutcomeUnknownError';
  }
}

/** The handler failed, its work was rolled back. The same request may fail again. */
export class ServiceFaultError extends Error {
  constructor(
    readonly service: string,
    readonly reason: string,
  ) {
    super(`The ${service} service failed: ${reason}`);
    this.name = 'ServiceFaultError';
  }
}

/** The message id was used before for something else: a mistake of the caller. */
export class KeyReusedError extends Error {
  constructor(readonly messageId: string) {
    super(`Message ${messageId} was sent before with another content`);
    this.name = 'KeyReusedError';
  }
}

/** The same request is still being worked on for another caller. */
export class InProgressError extends Error {
  constructor(readonly messageId: string) {
    super(`Message ${messageId} is still being handled`);
    this.name = 'InProgressError';
  }
}

/** The message is not from whom its contract asks for: nothing was done and nothing was kept. */
export class ForbiddenActorError extends Error {
  constructor(
    readonly service: string,
    readonly reason: string,
  ) {
    super(`The ${service} service refuses who asks: ${reason}`);
    this.name = 'ForbiddenActorError';
  }
}

/** No queue takes this message: the broker gave it back. It is not lost, and nobody has it. */
export class UnroutableError extends Error {
  constructor(readonly destination: string) {
    super(`No queue takes messages for ${destination}`);
    this.name = 'UnroutableError';
  }
}

/** The broker refused to store the message, most often because its queue is full. Nobody has it. */
export class PublishRefusedError extends Error {
  constructor(readonly destination: string) {
    super(`The broker refused a message for ${destination}`);
    this.name = 'PublishRefusedError';
  }
}

/** There is no open channel to the broker: nothing was sent. */
export class NotConnectedError extends Error {
  constructor(readonly reason: string) {
    super(`Not connected to the broker: ${reason}`);
    this.name = 'NotConnectedError';
  }
}

/** Sent, but the broker's confirm never came: it may or may not have the message. */
export class UnconfirmedError extends Error {
  constructor(
    readonly destination: string,
    readonly reason: string,
  ) {
    super(`A message for ${destination} was not confirmed: ${reason}`);
    this.name = 'UnconfirmedError';
  }
}

/**
 * The database went away while it was committing: what was to be done may have been done. Only the
 * same work again, under the same message ids, can tell.
 */
export class CommitUncertainError extends Error {
  constructor(cause: unknown) {
    super('The database went away during a commit', { cause });
    this.name = 'CommitUncertainError';
  }
}

/** The database is away, or went away: nothing that was handled is to blame. */
export function isAway(error: unknown): boolean {
  return error instanceof CommitUncertainError || isUnavailable(error);
}

/** What came is not an envelope, or a message in it is not what its contract says. */
export class InvalidMessageError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'InvalidMessageError';
  }
}

/** A type nobody here handles; another version of the service may. */
export class UnknownTypeError extends Error {
  constructor(type: string) {
    super(`Nothing here handles ${type}`);
    this.name = 'UnknownTypeError';
  }
}
