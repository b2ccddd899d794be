import type { ConsumeMessage } from 'amqplib';
import type { QueueRole } from './topology.js';
import type { OpenChannel } from './supervised-channel.js';
import { VOUCHER_HEADER } from './vouching.js';
import type { WireMessage } from './envelope.js';

const NOTHING = Buffer.alloc(0);

/**
 * One envelope the broker handed out. It is acked when every message in it is settled, on the
 * channel it came on or never: after that channel is gone the broker hands it out again, to whoever
 * is there.
 */
export class Delivery {
  readonly receivedAt = Date.now();
  readonly #open: OpenChannel;
  #raw: ConsumeMessage;
  readonly #onDone: (delivery: Delivery) => void;
  #unsettled = 1;
  #oldestSentAt = this.receivedAt;

  constructor(
    open: OpenChannel,
    raw: ConsumeMessage,
    readonly queue: string,
    readonly role: QueueRole,
    onDone: (delivery: Delivery) => void,
  ) {
    this.#open = open;
    this.#raw = raw;
    this.#onDone = onDone;
  }

  get content(): Buffer {
    return this.#raw.content;
  }

  /** What whoever sent it signed for all of it; never believed unless verified. */
  get voucher(): string | undefined {
    const voucher: unknown = this.#raw.properties.headers?.[VOUCHER_HEADER];
    return typeof voucher === 'string' ? voucher : undefined;
  }

  /**
   * True when its channel is gone: whatever is done for it now, the broker will hand it out again.
   */
  get stale(): boolean {
    return !this.#open.alive;
  }

  /** It was handed out before, and nobody knows how far it came. */
  get redelivered(): boolean {
    return this.#raw.fields.redelivered;
  }

  /** Survives a restart of the broker and is retried; requests are not. */
  get durable(): boolean {
    return this.role !== 'requests';
  }

  /** Whether it was handed out earlier, on the same channel. */
  isBefore(other: Delivery): boolean {
    return this.#raw.fields.deliveryTag < other.#raw.fields.deliveryTag;
  }

  /** When its oldest message was sent. */
  get oldestSentAt(): number {
    return this.#oldestSentAt;
  }

  /** The messages found inside; each is settled on its own. */
  unpacked(messages: readonly WireMessage[]): void {
    this.#unsettled = messages.length;
    for (const { headers } of messages) {
      this.#oldestSentAt = Math.min(this.#oldestSentAt, headers.sentAt);
    }
  }

  /** One message more is dealt with for good. */
  settleOne(): void {
    this.#unsettled -= 1;
    if (this.#unsettled > 0) return;
    // It may wait for its ack, but nobody looks into it any more.
    this.#raw = { ...this.#raw, content: NOTHING };
    this.#onDone(this);
  }

  /** For the consumer it came through, and nobody else; with all that were handed out before. */
  ack({ withEarlier = false } = {}): void {
    if (!this.stale) this.#open.channel.ack(this.#raw, withEarlier);
  }
}
