import type { Declarer } from './declaring.js';
import { packAlone, type WireMessage } from './envelope.js';
import { InvalidMessageError } from './errors.js';
import type { Logger } from './logger.js';
import type { MessagingObserver } from './observer.js';
import type { MessagingLimits } from './options.js';
import type { Publisher } from './publisher.js';
import type { QueueRole, Topology } from './topology.js';

/** A header table must stay below 64 KiB. */
const CAUSE_MESSAGE_MAX_LENGTH = 1_000;
const CAUSE_STACK_MAX_LENGTH = 4_000;

/** The headers of a parked message: why it is there and where it belongs. */
export const PARKED_HEADERS = {
  causeName: 'encore-cause-name',
  causeMessage: 'encore-cause-message',
  causeStack: 'encore-cause-stack',
  originQueue: 'encore-origin-queue',
  attempts: 'encore-attempts',
  firstFailedAt: 'encore-first-failed-at',
  parkedAt: 'encore-parked-at',
} as const;

interface FaultDeskParts {
  readonly service: string;
  readonly publisher: Publisher;
  readonly declarer: Declarer;
  readonly topology: Topology;
  readonly limits: Pick<MessagingLimits, 'maxAttempts' | 'retryDelaysMs'>;
  readonly logger: Logger;
  readonly observer: MessagingObserver;
}

export interface FailedMessage {
  readonly message: WireMessage;
  readonly delivery: { readonly queue: string; readonly role: QueueRole };
}

/** Where a durable message goes that failed alone: up the retry ladder, or to the parked queue. */
export class FaultDesk {
  readonly #parts: FaultDeskParts;

  constructor(parts: FaultDeskParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the broker has the message in its new place: only then may the old one be acked.
   */
  async sendOn({ message, delivery }: FailedMessage, error: unknown): Promise<void> {
    const { attempt, firstFailedAt = Date.now() } = message.headers;
    const failed = { ...message, headers: { ...message.headers, firstFailedAt } };
    const isHopeless = error instanceof InvalidMessageError;
    if (isHopeless || attempt >= this.#parts.limits.maxAttempts) {
      await this.#park(failed, delivery.queue, error);
    } else {
      await this.#retry(failed, delivery.queue, error);
    }
  }

  /** Parks what could not even be unpacked, as it came. */
  async parkUnreadable(content: Buffer, originQueue: string, error: unknown): Promise<void> {
    this.#parts.logger.error({ err: error, originQueue }, 'parked an envelope nobody can read');
    this.#parts.observer.messageParked('unreadable', nameOf(error));
    await this.#publishParked(content, causeHeaders(error, originQueue, 1, Date.now()));
  }

  async #retry(failed: WireMessage, originQueue: string, error: unknown): Promise<void> {
    const { topology, declarer, publisher, logger, observer } = this.#parts;
    const { attempt } = failed.headers;
    const level = Math.min(attempt, topology.retryLevels.length) - 1;
    const exchange = topology.retryLevels[level];
    if (exchange === undefined) throw new Error('The retry ladder has no levels');
    logger.warn(
      { err: error, type: failed.type, messageId: failed.id, attempt },
      'a message failed and will be tried again',
    );
    // Only what is written here travels: headers of an earlier round trip, such as the broker's own
    // record of deaths, would be read differently by different versions of the broker.
    const again = { ...failed, headers: { ...failed.headers, attempt: attempt + 1 } };
    await declarer.ensureQueues([exchange, originQueue]);
    await publisher.publish({
      exchange,
      routingKey: originQueue,
      content: packAlone(again),
      persistent: true,
      mandatory: true,
      messages: 1,
    });
    observer.messageRetried(failed.type, attempt);
  }

  async #park(failed: WireMessage, originQueue: string, error: unknown): Promise<void> {
    const { logger, observer } = this.#parts;
    const { attempt, firstFailedAt = Date.now() } = failed.headers;
    logger.error(
      { err: error, type: failed.type, messageId: failed.id, attempts: attempt },
      'parked a message: a person has to look at it',
    );
    const headers = causeHeaders(error, originQueue, attempt, firstFailedAt);
    await this.#publishParked(packAlone(failed), headers);
    observer.messageParked(failed.type, nameOf(error));
  }

  async #publishParked(content: Buffer, headers: Record<string, string | number>): Promise<void> {
    const { topology, declarer, publisher, service } = this.#parts;
    const parked = topology.queueOf(service, 'parked');
    await declarer.ensureQueues([parked]);
    await publisher.publish({
      exchange: '',
      routingKey: parked,
      content,
      persistent: true,
      mandatory: true,
      messages: 1,
      headers,
    });
  }

  /** After a failed publish nothing is believed to be there. */
  forgetDeclarations(): void {
    this.#parts.declarer.forget();
  }
}

function causeHeaders(
  error: unknown,
  originQueue: string,
  attempts: number,
  firstFailedAt: number,
): Record<string, string | number> {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return {
    [PARKED_HEADERS.causeName]: nameOf(error),
    [PARKED_HEADERS.causeMessage]: reasonOf(error).slice(0, CAUSE_MESSAGE_MAX_LENGTH),
    [PARKED_HEADERS.causeStack]: stack.slice(0, CAUSE_STACK_MAX_LENGTH),
    [PARKED_HEADERS.originQueue]: originQueue,
    [PARKED_HEADERS.attempts]: attempts,
    [PARKED_HEADERS.firstFailedAt]: firstFailedAt,
    [PARKED_HEADERS.parkedAt]: Date.now(),
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

export function reasonOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === 'string' ? error : JSON.stringify(error);
}
