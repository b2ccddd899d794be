import type { ConfirmChannel, Message } from 'amqplib';
import { BriefMap } from './brief-map.js';
import type { BrokerConnection } from './connection.js';
import {
  InvalidMessageError,
  NotConnectedError,
  PublishRefusedError,
  UnconfirmedError,
  UnroutableError,
} from './errors.js';
import { pause } from './pause.js';
import { confirmChannel, SupervisedChannel, type ChannelSettings } from './supervised-channel.js';
import { WaitingLine } from './waiting-line.js';

export interface Publication {
  /** Empty for the default exchange, where the routing key is a queue's name. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly persistent: boolean;
  /** An error when no queue takes it. */
  readonly mandatory: boolean;
  /** Messages inside the envelope, for the metrics. */
  readonly messages: number;
  readonly headers?: Readonly<Record<string, string | number>>;
}

interface Job {
  readonly publication: Publication;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** On the clock that never steps: the time of day may be set while it waits. */
  readonly since: number;
  returned: boolean;
}

type Settings = Pick<ChannelSettings<ConfirmChannel>, 'limits' | 'logger' | 'observer'>;

const TIMEOUT_CHECK_MS = 250;
const CLOSE_WAIT_MS = 2_000;
/** What amqplib's confirm callback says when the broker refused, and not when the channel died. */
const NACKED = 'message nacked';

/**
 * Publishes and says what became of it: resolved means the broker has stored it and, when
 * mandatory, that a queue took it. Confirms are pipelined. What waits and what is in flight is
 * bounded in number and time; a full socket holds back instead of filling memory. Order is kept.
 */
export class Publisher {
  readonly #channel: SupervisedChannel<ConfirmChannel>;
  readonly #connection: BrokerConnection;
  readonly #settings: Settings;
  readonly #waiting = new WaitingLine<Job>();
  readonly #sent = new BriefMap<string, Job>();
  #sequence = 0;
  #losses = 0;
  #writable = true;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #tellIdle: (() => void) | undefined;

  constructor(connection: BrokerConnection, settings: Settings) {
    this.#connection = connection;
    this.#settings = settings;
    this.#channel = new SupervisedChannel<ConfirmChannel>(connection, {
      ...settings,
      name: 'publishing',
      create: confirmChannel,
      setup: async ({ channel }) => this.#prepare(channel),
      onOpen: () => this.#pump(),
      onGone: () => (this.#losses += 1),
    });
  }

  start(): void {
    this.#channel.start();
    this.#timer = setInterval(() => {
      this.#giveUpOlderThan(performance.now() - this.#settings.limits.publishTimeoutMs);
    }, TIMEOUT_CHECK_MS);
  }

  /** Whether a publish would go out now. */
  get open(): boolean {
    return this.#channel.current !== undefined && this.#connection.accepting;
  }

  /** How often the way out was lost since the beginning. */
  get losses(): number {
    return this.#losses;
  }

  async publish(publication: Publication): Promise<void> {
    if (this.#closed) throw new NotConnectedError('this process is closing');
    const { publishesWaiting } = this.#settings.limits;
    if (this.#waiting.size >= publishesWaiting) {
      throw new NotConnectedError(`${publishesWaiting} publishes are waiting already`);
    }
    await new Promise<void>((resolve, reject) => {
      const since = performance.now();
      this.#waiting.push({ publication, resolve, reject, since, returned: false });
      this.#pump();
    });
    this.#settings.observer.envelopePublished(destinationOf(publication), publication.messages);
  }

  /** Waits a moment for what is under way; the rest is rejected. */
  async close(): Promise<void> {
    if (this.#waiting.size + this.#sent.size > 0) {
      const idle = new AbortController();
      this.#tellIdle = () => idle.abort();
      await pause(CLOSE_WAIT_MS, idle.signal);
    }
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#channel.close();
    this.#giveUpOlderThan(Infinity);
  }

  async #prepare(channel: ConfirmChannel): Promise<void> {
    this.#writable = true;
    // The broker gives a message back before it confirms it, on the same channel.
    channel.on('return', ({ properties }: Message) => {
      const job = this.#sent.get(String(properties.messageId));
      if (job !== undefined) job.returned = true;
    });
    channel.on('drain', () => {
      this.#writable = true;
      this.#pump();
    });
  }

  #pump(): void {
    const limit = this.#settings.limits.publishesInFlight;
    while (this.#waiting.size > 0 && this.#writable && this.#sent.size < limit) {
      const open = this.#channel.current;
      if (open === undefined) return;
      const job = this.#waiting.take();
      if (job !== undefined) this.#send(open.channel, job);
    }
  }

  #send(channel: ConfirmChannel, job: Job): void {
    const { exchange, routingKey, content, persistent, mandatory, headers } = job.publication;
    this.#sequence += 1;
    const id = String(this.#sequence);
    this.#sent.set(id, job);
    try {
      this.#writable = channel.publish(
        exchange,
        routingKey,
        content,
        {
          messageId: id,
          contentType: 'application/json',
          persistent,
          mandatory,
          ...(headers === undefined ? {} : { headers: { ...headers } }),
        },
        (error: unknown) => this.#settle(id, job, error),
      );
    } catch (error) {
      // amqplib threw before anything went out: the channel was closing, or, when it is a matter of
      // types, the message can never be sent.
      this.#sent.delete(id);
      const reason = error instanceof Error ? error.message : String(error);
      const isHopeless = error instanceof TypeError;
      job.reject(isHopeless ? new InvalidMessageError(reason) : new NotConnectedError(reason));
    }
  }

  #settle(id: string, job: Job, error: unknown): void {
    this.#sent.delete(id);
    const destination = destinationOf(job.publication);
    if (error instanceof Error) {
      const refused = error.message === NACKED;
      job.reject(
        refused
          ? new PublishRefusedError(destination)
          : new UnconfirmedError(destination, error.message),
      );
    } else if (job.returned) {
      this.#settings.observer.envelopeReturned(destination);
      job.reject(new UnroutableError(destination));
    } else {
      job.resolve();
    }
    this.#pump();
    this.#checkIdle();
  }

  #giveUpOlderThan(before: number): void {
    for (let job = this.#waiting.first; job !== undefined; job = this.#waiting.first) {
      if (job.since >= before) break;
      this.#waiting.take();
      job.reject(new NotConnectedError('no channel within the publish timeout'));
    }
    for (const [id, job] of this.#sent.entries()) {
      // In the order of sending, so the first young one ends it.
      if (job.since >= before) break;
      this.#sent.delete(id);
      const destination = destinationOf(job.publication);
      job.reject(new UnconfirmedError(destination, 'no confirm within the publish timeout'));
    }
    this.#pump();
    this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.#waiting.size + this.#sent.size === 0) this.#tellIdle?.();
  }
}

function destinationOf(publication: Publication): string {
  return publication.exchange === ''
    ? publication.routingKey
    : `${publication.exchange}/${publication.routingKey}`;
}
