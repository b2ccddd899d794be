import { accepted, refused, type Outcome } from '@encore/contracts';
import type { Database } from '@encore/database';
import { Controller } from '@nestjs/common';
import {
  Answers,
  AnswersEach,
  Handles,
  HandlesAnew,
  HandlesEach,
  Listens,
  ListensReplies,
} from './decorators.js';
import { MESSAGE_MAX_BYTES } from './envelope.js';
import {
  DEFERRED,
  type BatchContext,
  type Deferred,
  type Received,
  type ReceivedReply,
} from './handling.js';
import {
  Do,
  DoAnew,
  DoEach,
  Happened,
  Later,
  Look,
  LookEach,
  Order,
  record,
} from './station.fixture.js';

/** What a handler throws when a message wants it to. */
export class PoisonError extends Error {
  override readonly name = 'PoisonError';
}

/** More than one message can carry. */
export const HUGE_TEXT = 'x'.repeat(MESSAGE_MAX_BYTES);

/** What the handlers of a test see, and what it wants them to do. */
export class Stage {
  readonly batches: string[][] = [];
  readonly replies: ReceivedReply[] = [];
  readonly attempts: number[] = [];
  /** Runs inside the transaction, before anything is written. */
  before: (whats: string[], context: BatchContext) => Promise<void> = async () => undefined;

  constructor(readonly database: Database) {}

  async play(
    messages: readonly { id: string; payload: { what: string }; attempt: number }[],
    context: BatchContext,
  ): Promise<Outcome<typeof Do>[]> {
    const whats = messages.map(({ payload }) => payload.what);
    this.batches.push(whats);
    this.attempts.push(...messages.map(({ attempt }) => attempt));
    await this.before(whats, context);
    await record(context.tx, messages);
    if (whats.some((what) => what.startsWith('poison'))) throw new PoisonError('this one kills');
    return whats.map((what) =>
      what.startsWith('refuse')
        ? refused('WALLET_NOT_WILLING', { what })
        : accepted({ done: what.startsWith('huge') ? HUGE_TEXT : what }),
    );
  }
}

/** Handlers of the wallet for every kind of message, playing on one stage. */
export function handlersOn(stage: Stage) {
  @Controller()
  class Handlers {
    @Handles(Do)
    do(messages: Received<typeof Do>[], context: BatchContext) {
      return stage.play(messages, context);
    }

    @HandlesEach(DoEach)
    async doEach(message: Received<typeof DoEach>, context: BatchContext) {
      const [outcome] = await stage.play([message], context);
      return outcome ?? refused('WALLET_NOT_WILLING');
    }

    @HandlesAnew(DoAnew)
    doAnew(messages: Received<typeof DoAnew>[], context: BatchContext) {
      return stage.play(messages, context);
    }

    @Handles(Order)
    order(messages: Received<typeof Order>[], context: BatchContext) {
      return stage.play(messages, context);
    }

    @Handles(Later)
    async later(
      messages: Received<typeof Later>[],
      context: BatchContext,
    ): Promise<(Outcome<typeof Later> | Deferred)[]> {
      await stage.play(messages, context);
      return messages.map(() => DEFERRED);
    }

    @Answers(Look)
    async look(queries: Received<typeof Look>[]) {
      stage.batches.push(queries.map(({ payload }) => payload.what));
      return queries.map(({ payload }) => accepted({ done: payload.what }));
    }

    @AnswersEach(LookEach)
    async lookEach(query: Received<typeof LookEach>) {
      if (query.payload.what === 'poison') throw new PoisonError('this one kills');
      return accepted({ done: query.payload.what });
    }
  }
  return Handlers;
}

/** Hears events as the reservation service. */
export function hearerOn(stage: Stage) {
  @Controller()
  class Hearer {
    @Listens(Happened)
    async hear(events: Received<typeof Happened>[], context: BatchContext): Promise<void> {
      await stage.play(events, context);
    }
  }
  return Hearer;
}

/** Collects the replies to a service's commands. */
export function replyCollectorOn(stage: Stage) {
  @Controller()
  class Collector {
    @ListensReplies()
    async collect(replies: ReceivedReply[]): Promise<void> {
      stage.replies.push(...replies);
    }
  }
  return Collector;
}
