import type { Channel, ChannelModel, ConfirmChannel } from 'amqplib';
import type { BrokerConnection } from './connection.js';
import { NotConnectedError } from './errors.js';
import type { Logger } from './logger.js';
import type { MessagingObserver } from './observer.js';
import type { MessagingLimits } from './options.js';
import { backoffMs, settledWithin, within } from './pause.js';

const CLOSE_WAIT_MS = 2_000;

/**
 * A channel while it lives. Deliveries keep the one they came on: on any later channel their tags
 * mean something else.
 */
export interface OpenChannel<C extends Channel = Channel> {
  readonly channel: C;
  /** Grows with every channel opened. */
  readonly epoch: number;
  /** False from the moment the channel is gone. */
  readonly alive: boolean;
}

export interface ChannelSettings<C extends Channel> {
  readonly name: string;
  readonly create: (model: ChannelModel) => Promise<C>;
  /**
   * Makes a fresh channel useful: declares, consumes. When it fails, the channel is opened anew.
   */
  readonly setup: (open: OpenChannel<C>) => Promise<void>;
  /** The channel is open and is `current` from now on. */
  readonly onOpen?: (open: OpenChannel<C>) => void;
  readonly onGone?: (open: OpenChannel<C>) => void;
  readonly limits: MessagingLimits;
  readonly logger: Logger;
  readonly observer: MessagingObserver;
}

export const plainChannel = (model: ChannelModel): Promise<Channel> => model.createChannel();
export const confirmChannel = (model: ChannelModel): Promise<ConfirmChannel> =>
  model.createConfirmChannel();

/**
 * Keeps one channel open: opens it when the connection comes, and again, with backoff, when the
 * broker closed it while the connection lives.
 */
export class SupervisedChannel<C extends Channel = Channel> {
  readonly #connection: BrokerConnection;
  readonly #settings: ChannelSettings<C>;
  #current: OpenChannel<C> | undefined;
  #opening = false;
  #closed = false;
  #epoch = 0;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #waiting: ((open: OpenChannel<C>) => void)[] = [];

  constructor(connection: BrokerConnection, settings: ChannelSettings<C>) {
    this.#connection = connection;
    this.#settings = settings;
    connection.onChange(() => void this.#open());
  }

  start(): void {
    void this.#open();
  }

  get name(): string {
    return this.#settings.name;
  }

  /** The channel, once its setup has succeeded; undefined while there is none. */
  get current(): OpenChannel<C> | undefined {
    return this.#current;
  }

  async whenOpen(timeoutMs: number): Promise<OpenChannel<C>> {
    if (this.#current !== undefined) return this.#current;
    const opened = new Promise<OpenChannel<C>>((resolve) => this.#waiting.push(resolve));
    return within(opened, timeoutMs, () => this.#notOpen());
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const open = this.#current;
    this.#current = undefined;
    if (open?.alive === true) await this.#closeQuietly(open.channel);
  }

  #notOpen(): NotConnectedError {
    return new NotConnectedError(`channel "${this.name}" is not open`);
  }

  async #open(): Promise<void> {
    const model = this.#connection.model;
    if (this.#closed || this.#opening || this.#current !== undefined) return;
    if (model === undefined) return;
    clearTimeout(this.#retry);
    this.#opening = true;
    let channel: C | undefined;
    try {
      channel = await this.#settings.create(model);
      const open = this.#watch(channel);
      await this.#settings.setup(open);
      this.#opening = false;
      this.#ready(open);
    } catch (error) {
      this.#opening = false;
      this.#settings.logger.warn(
        { err: error, channel: this.name, failures: this.#failures },
        'could not open a channel',
      );
      if (channel !== undefined) await this.#closeQuietly(channel);
      this.#openLater();
    }
  }

  #watch(channel: C): OpenChannel<C> {
    this.#epoch += 1;
    const open = { channel, epoch: this.#epoch, alive: true };
    // Without this listener a closed channel would take the whole connection with it.
    channel.on('error', (error: Error) => {
      this.#settings.logger.warn({ err: error, channel: this.name }, 'the broker closed a channel');
    });
    channel.on('close', () => {
      open.alive = false;
      if (this.#current === open) this.#current = undefined;
      this.#settings.onGone?.(open);
      if (!this.#opening) this.#openLater();
    });
    return open;
  }

  #ready(open: OpenChannel<C>): void {
    if (this.#closed) {
      void this.#closeQuietly(open.channel);
      return;
    }
    if (!open.alive) {
      this.#openLater();
      return;
    }
    this.#failures = 0;
    this.#current = open;
    if (open.epoch > 1) this.#settings.observer.channelReopened(this.name);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve(open);
    this.#settings.onOpen?.(open);
  }

  #openLater(): void {
    if (this.#closed || this.#connection.model === undefined) return;
    const { reconnectFirstMs, reconnectMaxMs } = this.#settings.limits;
    const delayMs = backoffMs(this.#failures, reconnectFirstMs, reconnectMaxMs);
    this.#failures += 1;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#open(), delayMs);
  }

  /** A broker that went away or is short of memory may never answer: nobody waits for that. */
  async #closeQuietly(channel: C): Promise<void> {
    const gone = new Promise<void>((resolve) => channel.once('close', resolve));
    await settledWithin(Promise.race([gone, this.#askToClose(channel)]), CLOSE_WAIT_MS);
  }

  async #askToClose(channel: C): Promise<void> {
    try {
      await channel.close();
    } catch (error) {
      // It closed by itself in the meantime, which is what was wanted.
      this.#settings.logger.debug(
        { err: error, channel: this.name },
        'a channel was closed already',
      );
    }
  }
}
