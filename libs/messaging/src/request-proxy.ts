import type { ConsumeMessage } from 'amqplib';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import type { EnvelopeVoucher } from './actor.js';
import { readReply, type AnswerBody } from './answers.js';
import type { BrokerConnection } from './connection.js';
import type { ConsumerWatch } from './consumer-watch.js';
import type { Declarer } from './declaring.js';
import {
  packEnvelopes,
  unpackEnvelope,
  type PackedEnvelope,
  type WireMessage,
} from './envelope.js';
import {
  KeyReusedError,
  OutcomeUnknownError,
  ServiceUnavailableError,
  UnconfirmedError,
} from './errors.js';
import { groupBy } from './group-by.js';
import type { Logger } from './logger.js';
import type { MessagingObserver } from './observer.js';
import type { MessagingLimits } from './options.js';
import { PendingRequests, type PendingRequest } from './pending-requests.js';
import type { Publisher } from './publisher.js';
import { plainChannel, SupervisedChannel, type OpenChannel } from './supervised-channel.js';
import type { Topology } from './topology.js';
import { Vouching } from './vouching.js';

/** One question on its way: what `ServiceClient` hands to the proxy. */
export interface Question {
  readonly service: string;
  readonly type: string;
  readonly id: string;
  readonly body: unknown;
  readonly correlationId: string;
  readonly deadline: number;
  readonly fingerprint?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly actor?: string | undefined;
}

interface ProxyParts {
  readonly instance: string;
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly declarer: Declarer;
  readonly watch: ConsumerWatch;
  readonly topology: Topology;
  readonly limits: MessagingLimits;
  readonly logger: Logger;
  readonly observer: MessagingObserver;
  readonly voucher: EnvelopeVoucher | undefined;
}

/**
 * Carries questions to services and their answers back. Questions of the same instant to one
 * service share an envelope. Answers come to a queue only this instance reads and that vanishes
 * with it.
 */
export class RequestProxy extends ClientProxy {
  readonly #parts: ProxyParts;
  readonly #answers: SupervisedChannel;
  readonly #pending: PendingRequests;
  readonly #vouching: Vouching;
  #gathered: { question: Question; request: PendingRequest }[] = [];
  #replyTo = '';
  #losses = 0;

  constructor(parts: ProxyParts) {
    super();
    this.#parts = parts;
    this.#vouching = new Vouching(parts.voucher);
    this.#pending = new PendingRequests(({ service, sent, reject }) => {
      reject(
        sent
          ? new OutcomeUnknownError(service, 'no answer in time')
          : new ServiceUnavailableError(service, 'could not be sent in time'),
      );
    });
    this.#answers = new SupervisedChannel(parts.connection, {
      limits: parts.limits,
      logger: parts.logger,
      observer: parts.observer,
      name: 'answers',
      create: plainChannel,
      setup: (open) => this.#consumeAnswers(open),
      onGone: () => this.#loseAnswers(),
    });
  }

  start(): void {
    this.#answers.start();
  }

  /** Whether a question would go out and its answer would come back. */
  get ready(): boolean {
    return this.#parts.publisher.open && this.#answers.current !== undefined;
  }

  /** How often the way out or the way back was lost since the beginning. */
  get interruptions(): number {
    return this.#parts.publisher.losses + this.#losses;
  }

  /** Nest's way of saying "be connected"; the supervisors see to that all the time. */
  override async connect(): Promise<void> {
    return Promise.resolve();
  }

  /** No answer will be heard any more: whoever still waits is told now. */
  override async close(): Promise<void> {
    for (const { key, service, sent } of this.#pending.all()) {
      const reason = 'this process is closing';
      this.#fail(
        [key],
        sent
          ? new OutcomeUnknownError(service, reason)
          : new ServiceUnavailableError(service, reason),
      );
    }
    await this.#answers.close();
  }

  override unwrap(): never {
    throw new Error('The proxy does not give its connections away');
  }

  protected override publish(
    packet: ReadPacket<Question>,
    callback: (packet: WritePacket<AnswerBody>) => void,
  ): () => void {
    this.#ask(
      packet.data,
      (response) => callback({ response, isDisposed: true }),
      (err) => callback({ err }),
    );
    return () => undefined;
  }

  protected override dispatchEvent<T>(): Promise<T> {
    return Promise.reject(new Error('Events are announced through the outbox'));
  }

  #ask(
    question: Question,
    resolve: (answer: AnswerBody) => void,
    reject: (error: Error) => void,
  ): void {
    const { service } = question;
    const { limits, publisher } = this.#parts;
    if (!publisher.open || this.#answers.current === undefined) {
      reject(new ServiceUnavailableError(service, 'not connected to the broker'));
      return;
    }
    const key = keyOf(question.id, question.correlationId);
    const same = this.#pending.get(key);
    if (same !== undefined) {
      this.#join(same, question, resolve, reject);
      return;
    }
    if (this.#pending.size >= limits.pendingRequests) {
      reject(new ServiceUnavailableError(service, 'too many requests are waiting for an answer'));
      return;
    }
    const { fingerprint, deadline } = question;
    const request = { key, service, fingerprint, deadline, sent: false, resolve, reject };
    this.#pending.add(request);
    if (this.#gathered.length === 0) setImmediate(() => this.#flush());
    this.#gathered.push({ question, request });
  }

  /** The same caller asks the same twice at once: there will be one answer, and it is for both. */
  #join(
    same: PendingRequest,
    question: Question,
    resolve: (answer: AnswerBody) => void,
    reject: (error: Error) => void,
  ): void {
    if (same.fingerprint !== question.fingerprint) {
      reject(new KeyReusedError(question.id));
      return;
    }
    this.#pending.remove(same);
    this.#pending.add({
      ...same,
      resolve: (answer) => {
        same.resolve(answer);
        resolve(answer);
      },
      reject: (error) => {
        same.reject(error);
        reject(error);
      },
    });
  }

  #flush(): void {
    const gathered = this.#gathered;
    this.#gathered = [];
    for (const [service, group] of groupBy(gathered, ({ question }) => question.service)) {
      void this.#send(service, group);
    }
  }

  async #send(
    service: string,
    group: readonly { question: Question; request: PendingRequest }[],
  ): Promise<void> {
    const keys = group.map(({ request }) => request.key);
    let envelopes: PackedEnvelope[];
    try {
      if ((await this.#parts.watch.consumersOf(service)) === 0) {
        this.#fail(keys, new ServiceUnavailableError(service, 'nobody is there to take requests'));
        return;
      }
      // Whose caller was told meanwhile that nothing was sent must not be sent.
      const messages = group
        .filter(({ request }) => this.#pending.get(request.key) !== undefined)
        .map(({ question }) => wireMessage(question, this.#replyTo));
      envelopes = packEnvelopes(messages, this.#parts.limits, ({ id, headers }, error) => {
        const key = keyOf(id, headers.correlationId);
        this.#fail([key], new ServiceUnavailableError(service, error.message));
      });
    } catch (error) {
      // Nothing was sent yet, whatever it was.
      const reason = error instanceof Error ? error.message : String(error);
      this.#fail(keys, new ServiceUnavailableError(service, reason));
      return;
    }
    await Promise.all(envelopes.map((envelope) => this.#sendEnvelope(service, envelope)));
  }

  async #sendEnvelope(service: string, envelope: PackedEnvelope): Promise<void> {
    const { publisher, topology, declarer } = this.#parts;
    const keys = envelope.messages.map(({ id, headers }) => keyOf(id, headers.correlationId));
    for (const key of keys) {
      const request = this.#pending.get(key);
      if (request !== undefined) request.sent = true;
    }
    try {
      await publisher.publish({
        exchange: '',
        routingKey: topology.queueOf(service, 'requests'),
        content: envelope.content,
        persistent: false,
        mandatory: true,
        messages: envelope.messages.length,
        headers: this.#vouching.headersFor(service, envelope),
      });
    } catch (error) {
      declarer.forget();
      const reason = error instanceof Error ? error.message : String(error);
      const failure =
        error instanceof UnconfirmedError
          ? new OutcomeUnknownError(service, reason)
          : new ServiceUnavailableError(service, reason);
      this.#fail(keys, failure);
    }
  }

  #fail(keys: readonly string[], error: Error): void {
    for (const key of keys) this.#pending.take(key)?.reject(error);
  }

  async #consumeAnswers(open: OpenChannel): Promise<void> {
    const { instance, topology } = this.#parts;
    // A name of its own each time: the queue of a connection that died may still be locked by it.
    const queue = topology.answersQueueOf(`${instance}.${open.epoch}`);
    await open.channel.assertQueue(queue, { exclusive: true, autoDelete: true, durable: false });
    await open.channel.consume(queue, (raw) => this.#take(open, raw), { noAck: true });
    this.#replyTo = queue;
  }

  #take(open: OpenChannel, raw: ConsumeMessage | null): void {
    const { logger } = this.#parts;
    if (raw === null) {
      // Somebody deleted the queue: a new channel brings a new one.
      open.channel.close().catch((error: unknown) => {
        logger.debug({ err: error }, 'the answers channel was closed already');
      });
      return;
    }
    try {
      for (const message of unpackEnvelope(raw.content)) {
        const { inReplyTo, answer } = readReply(message);
        // An answer nobody waits for any more came too late, or came twice.
        this.#pending.take(keyOf(inReplyTo, message.headers.correlationId))?.resolve(answer);
      }
    } catch (error) {
      // An error that leaves this callback would take the connection down.
      logger.error({ err: error }, 'an answer cannot be read');
    }
  }

  /** The answers queue is gone, and with it every answer that was on its way. */
  #loseAnswers(): void {
    this.#losses += 1;
    for (const request of this.#pending.all()) {
      if (!request.sent || !this.#pending.remove(request)) continue;
      request.reject(new OutcomeUnknownError(request.service, 'the connection was lost'));
    }
  }
}

/** Two callers may ask under the same message id; each waits for the answer that names it. */
function keyOf(messageId: string, correlationId: string): string {
  return `${messageId} ${correlationId}`;
}

function wireMessage(question: Question, replyTo: string): WireMessage {
  const { id, type, body, correlationId, deadline, fingerprint, traceparent, actor } = question;
  return {
    id,
    type,
    body,
    headers: {
      correlationId,
      traceparent,
      sentAt: Date.now(),
      deadline,
      replyTo,
      fingerprint,
      actor,
      attempt: 1,
    },
  };
}
