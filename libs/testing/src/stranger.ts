import { randomUUID } from 'node:crypto';
import { DEFAULT_LIMITS, Topology } from '@encore/messaging';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { eventually } from './eventually.js';

interface Said {
  readonly inReplyTo: string;
  readonly answer: { readonly kind: string };
}

/** Somebody who got at the broker, past every gateway, and says what no gateway would. */
export class Stranger {
  readonly #answers = new Map<string, Said['answer']>();

  private constructor(
    private readonly connection: ChannelModel,
    private readonly channel: Channel,
    private readonly topology: Topology,
    private readonly replyTo: string,
  ) {}

  static async at(broker: { url: string; prefix: string }): Promise<Stranger> {
    const connection = await connect(broker.url);
    const channel = await connection.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    const { prefix } = broker;
    const topology = new Topology({ prefix, retryDelaysMs: DEFAULT_LIMITS.retryDelaysMs });
    const stranger = new Stranger(connection, channel, topology, queue);
    await channel.consume(queue, (raw) => stranger.#hear(raw?.content), { noAck: true });
    return stranger;
  }

  /** Puts a message into a service's requests; what kind of answer came back. */
  async ask(message: {
    service: string;
    type: string;
    body: unknown;
    actor?: string | undefined;
    id?: string;
  }): Promise<string> {
    const { service, type, body, actor, id = randomUUID() } = message;
    const headers = {
      ...{ correlationId: 'stranger', sentAt: Date.now(), attempt: 1, replyTo: this.replyTo },
      ...(actor === undefined ? {} : { actor }),
    };
    const envelope = { v: 1, messages: [{ id, type, body, headers }] };
    this.#answers.delete(id);
    const queue = this.topology.queueOf(service, 'requests');
    this.channel.sendToQueue(queue, Buffer.from(JSON.stringify(envelope)));
    return eventually(() => {
      const answer = this.#answers.get(id);
      if (answer === undefined) throw new Error(`${type} was not answered`);
      return answer.kind;
    });
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  #hear(content: Buffer | undefined): void {
    const envelope = JSON.parse(content?.toString() ?? '{"messages":[]}') as {
      messages: readonly { body: Said }[];
    };
    for (const { body } of envelope.messages) this.#answers.set(body.inReplyTo, body.answer);
  }
}
