import { ListensReplies, type ReceivedReply } from '@encore/messaging';
import { Controller, type DynamicModule, Module, type Type } from '@nestjs/common';
import { eventually } from './eventually.js';

/** Every reply that came back to the caller, in the order of coming, repeated ones included. */
export class Replies {
  readonly #byCommand = new Map<string, ReceivedReply[]>();

  add(reply: ReceivedReply): void {
    this.#byCommand.set(reply.inReplyTo, [...this.to(reply.inReplyTo), reply]);
  }

  /** What came back for a command so far. */
  to(commandId: string): readonly ReceivedReply[] {
    return this.#byCommand.get(commandId) ?? [];
  }

  /** Waits for the reply that follows the first `known` ones. */
  async next(commandId: string, known = 0): Promise<ReceivedReply> {
    return eventually(() => {
      const reply = this.to(commandId)[known];
      if (reply === undefined) throw new Error(`No reply ${known + 1} to command ${commandId}`);
      return reply;
    });
  }
}

@Controller()
class ReplyCollector {
  constructor(private readonly replies: Replies) {}

  @ListensReplies()
  collect(replies: ReceivedReply[]): Promise<void> {
    for (const reply of replies) this.replies.add(reply);
    return Promise.resolve();
  }
}

/** The whole of the service that plays the rest of the system. */
@Module({})
export class CallerModule {
  static with(replies: Replies, plays: readonly Type[] = []): DynamicModule {
    return {
      module: CallerModule,
      controllers: [ReplyCollector, ...plays],
      providers: [{ provide: Replies, useValue: replies }],
    };
  }
}
