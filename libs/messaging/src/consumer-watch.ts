import type { BrokerConnection } from './connection.js';
import type { Declarer } from './declaring.js';
import { plainChannel, SupervisedChannel, type ChannelSettings } from './supervised-channel.js';
import type { Channel } from 'amqplib';
import type { Topology } from './topology.js';

type Settings = Pick<ChannelSettings<Channel>, 'limits' | 'logger' | 'observer'>;

export const WATCH_INTERVAL_MS = 1_000;

/**
 * Knows whether anybody consumes the requests of the services that are being asked, so that a
 * service that is down is an answer at once and not a timeout. Looks about every second.
 */
export class ConsumerWatch {
  readonly #channel: SupervisedChannel;
  readonly #declarer: Declarer;
  readonly #topology: Topology;
  readonly #settings: Settings;
  readonly #consumers = new Map<string, number>();
  readonly #watched = new Set<string>();
  /** Callers of the same instant share one look. */
  readonly #asking = new Map<string, Promise<number>>();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(
    connection: BrokerConnection,
    parts: { declarer: Declarer; topology: Topology } & Settings,
  ) {
    this.#declarer = parts.declarer;
    this.#topology = parts.topology;
    this.#settings = { limits: parts.limits, logger: parts.logger, observer: parts.observer };
    this.#channel = new SupervisedChannel(connection, {
      ...this.#settings,
      name: 'watching consumers',
      create: plainChannel,
      setup: async () => undefined,
      // What was true before the broker went away need not be true after it came back.
      onGone: () => this.#consumers.clear(),
    });
  }

  start(): void {
    this.#channel.start();
    this.#timer = setInterval(() => void this.#lookAtAll(), WATCH_INTERVAL_MS);
  }

  /**
   * How many consume the service's requests. That somebody did about a second ago is good enough;
   * that nobody did is asked again, because the service may have come up just now.
   */
  async consumersOf(service: string): Promise<number> {
    const known = this.#consumers.get(service);
    if (known !== undefined && known > 0) return known;
    this.#watched.add(service);
    let asking = this.#asking.get(service);
    if (asking === undefined) {
      asking = this.#look(service).finally(() => this.#asking.delete(service));
      this.#asking.set(service, asking);
    }
    return asking;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#channel.close();
  }

  async #lookAtAll(): Promise<void> {
    if (this.#looking || this.#channel.current === undefined) return;
    this.#looking = true;
    try {
      for (const service of this.#watched) await this.#look(service);
    } catch (error) {
      this.#settings.logger.debug({ err: error }, 'could not look for consumers: later again');
    } finally {
      this.#looking = false;
    }
  }

  async #look(service: string): Promise<number> {
    const queue = this.#topology.queueOf(service, 'requests');
    await this.#declarer.ensureQueues([queue]);
    const { channel } = await this.#channel.whenOpen(this.#settings.limits.connectTimeoutMs);
    try {
      const { consumerCount } = await channel.checkQueue(queue);
      this.#consumers.set(service, consumerCount);
      return consumerCount;
    } catch (error) {
      // The queue was deleted meanwhile, and the broker closed the channel over the question.
      this.#declarer.forget();
      throw error;
    }
  }
}
