import { AmqpConnectionManagerClass } from 'amqp-connection-manager';
import type { ChannelModel } from 'amqplib';
import type { Socket } from 'node:net';
import { gatherWrites } from './gather-writes.js';
import type { Logger } from './logger.js';
import type { MessagingObserver } from './observer.js';
import type { MessagingLimits } from './options.js';
import { backoffMs, settledWithin } from './pause.js';

const MILLISECONDS_PER_SECOND = 1_000;
const CLOSE_WAIT_MS = 2_000;

export interface ConnectionSettings {
  readonly url: string;
  /** Shown by the broker's tools. */
  readonly name: string;
  readonly limits: MessagingLimits;
  readonly logger: Logger;
  readonly observer: MessagingObserver;
}

/**
 * One AMQP connection that comes back. The connection manager is used for the connection alone: it
 * does not reopen a channel the broker closed, and it would settle a delivery on whatever channel
 * is current, so channels have a supervisor of their own.
 */
export class BrokerConnection {
  readonly name: string;
  readonly #settings: ConnectionSettings;
  readonly #manager: AmqpConnectionManagerClass;
  readonly #listeners = new Set<() => void>();
  #failures = 0;
  #connectedBefore = false;
  #blocked = false;
  #closed = false;

  constructor(settings: ConnectionSettings) {
    const { limits, name } = settings;
    this.name = name;
    this.#settings = settings;
    this.#manager = new AmqpConnectionManagerClass(settings.url, {
      heartbeatIntervalInSeconds: limits.heartbeatSeconds,
      reconnectTimeInSeconds: limits.reconnectFirstMs / MILLISECONDS_PER_SECOND,
      connectionOptions: {
        // With Nagle's algorithm on, a batch of small frames waits 40 ms for its turn.
        noDelay: true,
        keepAlive: true,
        timeout: limits.connectTimeoutMs,
        clientProperties: { connection_name: name },
      },
    });
    this.#listen();
  }

  start(): void {
    this.#manager.connect().catch((error: unknown) => {
      // Only wrong credentials end here; the manager goes on trying, in case they are being
      // rotated.
      this.#settings.logger.error({ err: error, connection: this.name }, 'the broker refused us');
    });
  }

  /** The open connection; undefined while there is none. */
  get model(): ChannelModel | undefined {
    return this.#closed ? undefined : this.#manager.connection;
  }

  /** False while the broker, short of memory or disk, holds back whoever publishes. */
  get accepting(): boolean {
    return this.model !== undefined && !this.#blocked;
  }

  /** Told whenever the connection came or went. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // An attempt to connect that is under way would be waited for; the process need not.
    await settledWithin(this.#manager.close(), CLOSE_WAIT_MS);
    this.#tell();
  }

  #listen(): void {
    const { logger, observer } = this.#settings;
    this.#manager.on('connect', () => {
      const model = this.model;
      if (model !== undefined) gatherWrites(socketOf(model));
      this.#failures = 0;
      this.#blocked = false;
      if (this.#connectedBefore) observer.reconnected(this.name);
      this.#connectedBefore = true;
      logger.info({ connection: this.name }, 'connected to the broker');
      this.#tell();
    });
    this.#manager.on('disconnect', ({ err }: { err?: Error }) => {
      this.#blocked = false;
      this.#chooseNextPause();
      if (!this.#closed) logger.warn({ err, connection: this.name }, 'lost the broker');
      this.#tell();
    });
    this.#manager.on('connectFailed', ({ err }: { err: Error }) => {
      this.#chooseNextPause();
      logger.warn(
        { reason: err.message, connection: this.name, failures: this.#failures },
        'could not connect to the broker',
      );
    });
    this.#manager.on('blocked', ({ reason }: { reason: string }) => {
      this.#blocked = true;
      logger.warn({ reason, connection: this.name }, 'the broker holds back publishing');
    });
    this.#manager.on('unblocked', () => {
      this.#blocked = false;
      logger.info({ connection: this.name }, 'the broker takes messages again');
    });
  }

  /** The manager reads this just after it told us, and knows neither backoff nor jitter itself. */
  #chooseNextPause(): void {
    const { reconnectFirstMs, reconnectMaxMs } = this.#settings.limits;
    const pauseMs = backoffMs(this.#failures, reconnectFirstMs, reconnectMaxMs);
    this.#manager.reconnectTimeInSeconds = pauseMs / MILLISECONDS_PER_SECOND;
    this.#failures += 1;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** amqplib's declarations leave it out. */
function socketOf({ connection }: ChannelModel): Socket {
  return (connection as unknown as { stream: Socket }).stream;
}
