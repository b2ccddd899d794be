import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Database } from '@encore/database';
import { believingNobody, type ActorVerifier, type EnvelopeVoucher } from './actor.js';
import { BatchProcessor } from './batch-processor.js';
import { BatchWork } from './batch-work.js';
import { BeaconSender } from './beacon.js';
import { BroadcastListener } from './broadcast.js';
import { ServiceClient } from './client.js';
import { CommandSender } from './command-sender.js';
import { BrokerConnection } from './connection.js';
import { ConsumerWatch } from './consumer-watch.js';
import { Declarer } from './declaring.js';
import { DeferredAnswers } from './deferred-answers.js';
import { NotConnectedError } from './errors.js';
import { EventPublisher } from './event-publisher.js';
import { FaultDesk } from './fault-desk.js';
import { Inbox } from './inbox.js';
import { silentLogger, type Logger } from './logger.js';
import { silentObserver, type MessagingObserver } from './observer.js';
import { DEFAULT_LIMITS, type MessagingLimits, type MessagingOptions } from './options.js';
import { Outbox } from './outbox.js';
import { pause, settledWithin } from './pause.js';
import { Publisher } from './publisher.js';
import { QueueInspector } from './queue-inspector.js';
import { ReplyPublisher } from './reply-publisher.js';
import { RequestProxy } from './request-proxy.js';
import { MessagingServer } from './server.js';
import { Topology } from './topology.js';
import { Underway } from './underway.js';

const READY_POLL_MS = 20;
const FLUSH_WAIT_MS = 1_000;

/**
 * Everything one process needs to talk: two connections, because a broker short of memory stops
 * reading from whoever publishes and consumers must still be able to ack, and the parts built on
 * them. Opens at once and connects in the background, again and again. Parts are made when first
 * asked for.
 */
export class Messaging {
  readonly topology: Topology;
  /** Names this process among its like. */
  readonly instance: string;
  readonly #service: string;
  readonly #database: Database | undefined;
  readonly #basics: {
    readonly limits: MessagingLimits;
    readonly logger: Logger;
    readonly observer: MessagingObserver;
  };
  readonly #actors: ActorVerifier;
  readonly #voucher: EnvelopeVoucher | undefined;
  readonly #publishing: BrokerConnection;
  readonly #consuming: BrokerConnection;
  readonly #publisher: Publisher;
  readonly #declarer: Declarer;
  readonly #replies: ReplyPublisher;
  readonly #underway = new Underway();
  #proxy: RequestProxy | undefined;
  #watch: ConsumerWatch | undefined;
  #client: ServiceClient | undefined;
  #commands: CommandSender | undefined;
  #inbox: Inbox | undefined;
  #outbox: Outbox | undefined;
  #deferredAnswers: DeferredAnswers | undefined;
  #server: MessagingServer | undefined;
  #beacons: BeaconSender | undefined;
  #broadcasts: BroadcastListener | undefined;
  #inspector: QueueInspector | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: MessagingOptions) {
    const { url, service, prefix = '', logger = silentLogger, observer = silentObserver } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#basics = { limits, logger, observer };
    this.#service = service;
    this.#database = options.database;
    this.#actors = options.actors ?? believingNobody;
    this.#voucher = options.voucher;
    this.instance = `${service}.${hostname()}.${process.pid}.${randomBytes(4).toString('hex')}`;
    this.topology = new Topology({ prefix, retryDelaysMs: limits.retryDelaysMs });
    const connection = (purpose: string) =>
      new BrokerConnection({ url, name: `${this.instance} ${purpose}`, ...this.#basics });
    this.#publishing = connection('publishing');
    this.#consuming = connection('consuming');
    this.#publisher = new Publisher(this.#publishing, this.#basics);
    this.#declarer = new Declarer(this.#publishing, this.topology, this.#basics);
    this.#replies = new ReplyPublisher(this.#sending());
  }

  static open(options: MessagingOptions): Messaging {
    const messaging = new Messaging(options);
    messaging.#publisher.start();
    messaging.#declarer.start();
    messaging.#publishing.start();
    messaging.#consuming.start();
    return messaging;
  }

  get client(): ServiceClient {
    this.#client ??= new ServiceClient(this.#requestProxy());
    return this.#client;
  }

  get commands(): CommandSender {
    this.#commands ??= new CommandSender({ service: this.#service, ...this.#sending() });
    return this.#commands;
  }

  get inbox(): Inbox {
    this.#inbox ??= new Inbox(this.#needDatabase(), this.#basics.limits);
    return this.#inbox;
  }

  get outbox(): Outbox {
    this.#outbox ??= new Outbox({
      ...this.#basics,
      database: this.#needDatabase(),
      publisher: new EventPublisher(this.#sending()),
    });
    return this.#outbox;
  }

  get deferredAnswers(): DeferredAnswers {
    this.#deferredAnswers ??= new DeferredAnswers(this.inbox, this.#replies, this.#underway);
    return this.#deferredAnswers;
  }

  /** The strategy to create the microservice with. */
  get server(): MessagingServer {
    this.#server ??= this.#createServer();
    return this.#server;
  }

  get broadcasts(): BroadcastListener {
    this.#broadcasts ??= new BroadcastListener(this.#listening());
    return this.#broadcasts;
  }

  get inspector(): QueueInspector {
    this.#inspector ??= new QueueInspector({ ...this.#listening(), declarer: this.#declarer });
    return this.#inspector;
  }

  /** What the parts in use still lack before they work; empty when everything is up. */
  waitingFor(): string[] {
    const missing = (this.#server?.notConsuming() ?? []).map((queue) => `consumer of ${queue}`);
    if (!this.#publisher.open) missing.push('the broker taking messages');
    if (this.#proxy?.ready === false) missing.push('the queue for answers');
    return missing;
  }

  /** Resolves when nothing is missing; rejects, saying what is, after the time. */
  async ready(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (let missing = this.waitingFor(); missing.length > 0; missing = this.waitingFor()) {
      if (Date.now() >= deadline) throw new NotConnectedError(`waiting for ${missing.join(', ')}`);
      await pause(READY_POLL_MS);
    }
  }

  /** Drains the server if there is one, publishes what is left, closes the connections. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    this.#beacons?.stop();
    await this.#server?.close();
    // What is not out by then is left to the sweeper of whoever lives on.
    if (this.#outbox !== undefined) await settledWithin(this.#outbox.flush(), FLUSH_WAIT_MS);
    await this.#publisher.close();
    await Promise.all([
      this.#proxy?.close(),
      this.#watch?.close(),
      this.#broadcasts?.close(),
      this.#inspector?.close(),
      this.#declarer.close(),
    ]);
    await Promise.all([this.#publishing.close(), this.#consuming.close()]);
  }

  #sending() {
    return {
      ...this.#basics,
      publisher: this.#publisher,
      declarer: this.#declarer,
      topology: this.topology,
    };
  }

  #listening() {
    return {
      ...this.#basics,
      instance: this.instance,
      connection: this.#consuming,
      topology: this.topology,
    };
  }

  #requestProxy(): RequestProxy {
    if (this.#proxy !== undefined) return this.#proxy;
    const watch = new ConsumerWatch(this.#consuming, this.#sending());
    const voucher = this.#voucher;
    const proxy = new RequestProxy({ ...this.#sending(), ...this.#listening(), watch, voucher });
    watch.start();
    proxy.start();
    this.#watch = watch;
    this.#proxy = proxy;
    return proxy;
  }

  #createServer(): MessagingServer {
    const giveUp = new AbortController();
    const service = this.#service;
    const processor = new BatchProcessor({
      ...this.#basics,
      service,
      work: new BatchWork(this.#needDatabase(), this.inbox, this.#underway),
      replies: this.#replies,
      faultDesk: new FaultDesk({ service, ...this.#sending() }),
      giveUp: giveUp.signal,
    });
    const actors = this.#actors;
    const underway = this.#underway;
    const parts = { ...this.#listening(), service, processor, giveUp, actors, underway };
    const server = new MessagingServer(parts);
    const consumers = () => server.consumers;
    this.#beacons = new BeaconSender({ ...this.#sending(), instance: this.instance, consumers });
    this.#beacons.start();
    return server;
  }

  #needDatabase(): Database {
    if (this.#database === undefined) throw new Error(`${this.#service} has no database`);
    return this.#database;
  }
}
