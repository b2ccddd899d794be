import { randomUUID } from 'node:crypto';
import type { AskableContract, Contract, Outcome, PayloadOf } from '@encore/contracts';
import { declareQueues, DEFAULT_LIMITS, Topology } from '@encore/messaging';
import { eventually, type TestBroker } from '@encore/testing';
import { connect, type Channel, type ChannelModel } from 'amqplib';

/** A command, or a request, as it lay in another service's queue. */
export interface HeardCommand {
  readonly id: string;
  readonly type: string;
  readonly body: unknown;
  readonly headers: { readonly correlationId: string; readonly replyTo: string };
}

/** Undefined: the service says nothing, for now. */
type Script = (command: HeardCommand) => Outcome<AskableContract> | undefined;

type Asked = Contract<'command' | 'request'>;

const PLAYED = ['reservation', 'wallet', 'queue'] as const;

/**
 * The services that payment talks to, played by the test on their real queues: what they hear is
 * written down, what they answer is scripted, and they can be made to say things twice or never.
 */
export class PlayedServices {
  readonly heard: HeardCommand[] = [];
  private readonly events: { readonly type: string; readonly body: unknown }[] = [];
  private readonly scripts = new Map<string, Script>();

  private constructor(
    private readonly connection: ChannelModel,
    private readonly channel: Channel,
    private readonly prefix: string,
  ) {}

  static async open(broker: TestBroker): Promise<PlayedServices> {
    const connection = await connect(broker.url);
    const played = new PlayedServices(connection, await connection.createChannel(), broker.prefix);
    await played.listenToEvents();
    await played.listenToCommands();
    return played;
  }

  /** From now on the reservation service is there for quick requests, too. */
  async takesRequests(): Promise<void> {
    await this.consume(`${this.prefix}reservation.requests`);
  }

  on<C extends Asked>(
    contract: C,
    script: (payload: PayloadOf<C>, command: HeardCommand) => Outcome<C> | undefined,
  ): void {
    this.scripts.set(contract.wireName, (command) =>
      script(contract.payload.parse(command.body) as PayloadOf<C>, command),
    );
  }

  /** Says nothing to what comes, until told otherwise. */
  silence(...contracts: Asked[]): void {
    for (const { wireName } of contracts) this.scripts.set(wireName, () => undefined);
  }

  /** Everything heard of one kind, in order. */
  heardOf(contract: Asked): HeardCommand[] {
    return this.heard.filter(({ type }) => type === contract.wireName);
  }

  /** Wire names of what payment announced about one payment. */
  announced(paymentId: number): string[] {
    return this.events.filter(isAbout(paymentId)).map(({ type }) => type);
  }

  /** Waits until a command of this kind was heard so often, and returns the latest. */
  async hears(contract: Asked, times = 1): Promise<HeardCommand> {
    return eventually(() => {
      const command = this.heardOf(contract)[times - 1];
      if (command === undefined) throw new Error(`${contract.name} was not heard ${times} times`);
      return command;
    });
  }

  /** The names of what was asked about one payment, in order and without repetitions. */
  story(paymentId: number): string[] {
    const about = this.heard.filter(isAbout(paymentId));
    return [...new Map(about.map(({ id, type }) => [id, type])).values()];
  }

  reply(command: HeardCommand, outcome: Outcome<AskableContract>): void {
    const { id, type, headers } = command;
    const answer = { kind: 'outcome', outcome, replayed: false };
    const { correlationId } = headers;
    const message = {
      id: randomUUID(),
      type,
      body: { inReplyTo: id, answer },
      headers: { correlationId, sentAt: Date.now(), attempt: 1 },
    };
    const envelope = Buffer.from(JSON.stringify({ v: 1, messages: [message] }));
    this.channel.sendToQueue(headers.replyTo, envelope, { persistent: true });
  }

  forget(): void {
    this.heard.length = 0;
    this.events.length = 0;
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private hear(command: HeardCommand): void {
    this.heard.push(command);
    const outcome = this.scripts.get(command.type)?.(command);
    if (outcome !== undefined) this.reply(command, outcome);
  }

  private async listenToEvents(): Promise<void> {
    const exchange = `${this.prefix}encore.events`;
    await this.channel.assertExchange(exchange, 'topic', { durable: true });
    const { queue } = await this.channel.assertQueue('', { exclusive: true });
    await this.channel.bindQueue(queue, exchange, 'payment.#');
    await this.channel.consume(
      queue,
      (delivery) => {
        if (delivery === null) return;
        this.events.push(...messagesOf<{ type: string; body: unknown }>(delivery.content));
      },
      { noAck: true },
    );
  }

  /**
   * Declares the queues before anybody sends to them: while somebody else declares a quorum queue
   * it can be found already and not be consumed yet, and who tries loses the connection.
   */
  private async listenToCommands(): Promise<void> {
    const { prefix, channel } = this;
    const topology = new Topology({ prefix, retryDelaysMs: DEFAULT_LIMITS.retryDelaysMs });
    const queues = PLAYED.map((service) => topology.queueOf(service, 'commands'));
    const requests = topology.queueOf('reservation', 'requests');
    await declareQueues(channel, topology, [...queues, requests]);
    for (const queue of queues) await this.consume(queue);
  }

  private consume(queue: string) {
    return this.channel.consume(queue, (delivery) => {
      if (delivery === null) return;
      for (const command of messagesOf<HeardCommand>(delivery.content)) this.hear(command);
      this.channel.ack(delivery);
    });
  }
}

function messagesOf<Message>(content: Buffer): Message[] {
  return (JSON.parse(content.toString()) as { messages: Message[] }).messages;
}

function isAbout(paymentId: number): (message: { body: unknown }) => boolean {
  return ({ body }) =>
    typeof body === 'object' &&
    body !== null &&
    'paymentId' in body &&
    body.paymentId === paymentId;
}
