import type { Channel, GetMessage } from 'amqplib';
import type { BrokerConnection } from './connection.js';
import { unpackEnvelope, type WireMessage } from './envelope.js';
import { PARKED_HEADERS } from './fault-desk.js';
import { plainChannel, SupervisedChannel, type ChannelSettings } from './supervised-channel.js';

/**
 * Looks at the head of queues and puts everything back. On a channel of its own, one look at a
 * time.
 */
export class Peeker {
  readonly #channel: SupervisedChannel;
  readonly #waitMs: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    connection: BrokerConnection,
    settings: Pick<ChannelSettings<Channel>, 'limits' | 'logger' | 'observer'>,
  ) {
    this.#waitMs = settings.limits.connectTimeoutMs;
    this.#channel = new SupervisedChannel(connection, {
      ...settings,
      name: 'peeking',
      create: plainChannel,
      setup: async () => undefined,
    });
  }

  start(): void {
    this.#channel.start();
  }

  /** At most `limit` envelopes from the head of a queue. */
  async peek(queue: string, limit: number): Promise<GetMessage[]> {
    const turn = this.#last.then(() => this.#look(queue, limit));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#channel.close();
  }

  async #look(queue: string, limit: number): Promise<GetMessage[]> {
    const { channel } = await this.#channel.whenOpen(this.#waitMs);
    const seen: GetMessage[] = [];
    try {
      while (seen.length < limit) {
        const message = await channel.get(queue);
        if (message === false) break;
        seen.push(message);
      }
    } finally {
      // Everything unacked on this channel was only looked at.
      if (seen.length > 0) channel.nackAll(true);
    }
    return seen;
  }
}

/** When the oldest message of an envelope was sent; null when it cannot be read. */
export function sentAtOf(message: GetMessage): number | null {
  const messages = unpackOrNothing(message.content);
  if (messages.length === 0) return null;
  return Math.min(...messages.map(({ headers }) => headers.sentAt));
}

export interface ParkedMessage {
  /** Empty when the envelope cannot be read. */
  readonly messageId: string;
  readonly type: string;
  readonly service: string;
  /** The queue it came from; null when nobody wrote it down. */
  readonly originQueue: string | null;
  readonly cause: { readonly name: string; readonly message: string; readonly stack: string };
  readonly attempts: number;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly firstFailedAt: Date | null;
  readonly parkedAt: Date | null;
  readonly body: unknown;
}

const UNREADABLE_SHOWN_LENGTH = 1_000;

/** What lies parked in one envelope: one message, or several when the broker itself parked it. */
export function parkedMessages(service: string, envelope: GetMessage): ParkedMessage[] {
  const headers = Object.entries<unknown>({ ...envelope.properties.headers });
  const header = new Map<string, unknown>(headers);
  const cause = {
    name: textOf(header.get(PARKED_HEADERS.causeName)) ?? 'DeliveryLimitReached',
    message:
      textOf(header.get(PARKED_HEADERS.causeMessage)) ?? 'delivered too often without an ack',
    stack: textOf(header.get(PARKED_HEADERS.causeStack)) ?? '',
  };
  const facts = {
    service,
    cause,
    originQueue:
      textOf(header.get(PARKED_HEADERS.originQueue)) ?? textOf(header.get('x-first-death-queue')),
    firstFailedAt: momentOf(header.get(PARKED_HEADERS.firstFailedAt)),
    parkedAt: momentOf(header.get(PARKED_HEADERS.parkedAt)),
  };
  const messages = unpackOrNothing(envelope.content);
  if (messages.length === 0) return [{ ...facts, ...unreadable(envelope.content) }];
  return messages.map((message) => ({
    ...facts,
    messageId: message.id,
    type: message.type,
    attempts: message.headers.attempt,
    correlationId: message.headers.correlationId,
    causationId: message.headers.causationId ?? null,
    body: message.body,
  }));
}

function unreadable(content: Buffer) {
  return {
    messageId: '',
    type: 'unreadable',
    attempts: 1,
    correlationId: '',
    causationId: null,
    body: content.toString('utf8').slice(0, UNREADABLE_SHOWN_LENGTH),
  };
}

function unpackOrNothing(content: Buffer): WireMessage[] {
  try {
    return unpackEnvelope(content);
  } catch {
    // Unreadable envelopes are parked too: that is what a person then sees.
    return [];
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function momentOf(value: unknown): Date | null {
  return typeof value === 'number' ? new Date(value) : null;
}
