import { isTimeout } from '@encore/database';
import type { AnswerBody } from './answers.js';
import type { BatchWork, Owed } from './batch-work.js';
import { transportChannels, type TransportMoment } from './diagnostics.js';
import {
  CommitUncertainError,
  ForbiddenActorError,
  InvalidMessageError,
  isAway,
} from './errors.js';
import { reasonOf, type FaultDesk } from './fault-desk.js';
import { isDurable, type Handler, type Item } from './handler.js';
import type { Logger } from './logger.js';
import type { BatchOutcome, MessagingObserver } from './observer.js';
import type { MessagingLimits } from './options.js';
import { backoffMs, pause } from './pause.js';
import { askedOf, type ReplyPublisher } from './reply-publisher.js';

interface ProcessorParts {
  readonly service: string;
  readonly work: BatchWork;
  readonly replies: ReplyPublisher;
  readonly faultDesk: FaultDesk;
  readonly limits: Pick<MessagingLimits, 'holdFirstMs' | 'holdMaxMs'>;
  readonly logger: Logger;
  readonly observer: MessagingObserver;
  /** Aborted when the drain's grace is over: whoever waits gives up, and nothing more is acked. */
  readonly giveUp: AbortSignal;
}

/**
 * A lock or a statement that took too long is most often somebody else's doing: halving would only
 * multiply the waiting.
 */
const TIMEOUTS_BEFORE_HALVING = 3;

type Attempt =
  | { readonly outcome: 'done'; readonly owed: Owed }
  | { readonly outcome: 'fault' | 'unavailable'; readonly error: unknown };

/** `given up`: nobody wants it any more, or the drain's grace is over. */
type End = 'done' | 'hopeless' | 'given up';

/**
 * Brings a batch to its end, whatever happens: commit, then publish, then ack; halve what faults
 * until the culprit stands alone; wait while the database is away. Never throws.
 */
export class BatchProcessor {
  readonly #parts: ProcessorParts;

  constructor(parts: ProcessorParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the next batch of this type may begin: after the commit. What is owed is
   * published meanwhile; the envelopes stay unacked until then, which bounds how much can be owed.
   */
  async process(handler: Handler, items: readonly Item[], timeoutsBefore = 0): Promise<void> {
    const { limits, giveUp } = this.#parts;
    let live = this.#stillWanted(handler, items);
    let isUncertain = false;
    let timeouts = timeoutsBefore;
    for (let failures = 0; live.length > 0 && !giveUp.aborted; failures += 1) {
      const isPatient = !isDurable(handler.kind) || timeouts < TIMEOUTS_BEFORE_HALVING;
      const attempt = await this.#attempt(handler, live, isPatient);
      if (attempt.outcome === 'done') {
        void this.#finish(handler, live, attempt.owed);
        return;
      }
      if (attempt.outcome === 'fault') {
        await this.#divide(handler, live, attempt.error, timeouts);
        return;
      }
      if (isTimeout(attempt.error)) timeouts += 1;
      isUncertain ||= attempt.error instanceof CommitUncertainError;
      if (!isDurable(handler.kind) && !isUncertain) {
        live = this.#tellUnavailable(handler, live, attempt.error);
        if (live.length === 0) return;
      }
      // Not the message's fault: no attempt is burnt, and nothing behind it would fare better.
      await pause(backoffMs(failures, limits.holdFirstMs, limits.holdMaxMs), giveUp);
      live = this.#stillWanted(handler, live);
    }
  }

  /** A request for which there is no room: told at once, for it would only wait in vain. */
  async turnAway(item: Item): Promise<void> {
    await this.#answer([item], {
      kind: 'unavailable',
      reason: 'too many of this type are waiting',
    });
  }

  /** A message that cannot be given to any handler. */
  async reject(item: Pick<Item, 'message' | 'delivery'>, error: unknown): Promise<void> {
    const { faultDesk } = this.#parts;
    const { message, delivery } = item;
    if (delivery.durable) {
      const isWanted = () => !delivery.stale;
      const end = await this.#untilDone(() => faultDesk.sendOn(item, error), isWanted);
      if (end === 'done') delivery.settleOne();
      return;
    }
    const { logger } = this.#parts;
    if (error instanceof ForbiddenActorError) {
      const { reason } = error;
      logger.warn({ reason, messageId: message.id }, 'refused who a request is from');
      await this.#answer([item], { kind: 'forbidden', reason });
      return;
    }
    logger.error({ err: error, type: message.type, messageId: message.id }, 'a request failed');
    await this.#answer([item], { kind: 'fault', reason: reasonOf(error) });
  }

  /**
   * An envelope nobody can read: parked as it is, or dropped when it would not have lasted anyway.
   */
  async rejectUnreadable(delivery: Item['delivery'], error: unknown): Promise<void> {
    const { faultDesk, logger } = this.#parts;
    if (!delivery.durable) {
      logger.error({ err: error, queue: delivery.queue }, 'dropped an envelope nobody can read');
      delivery.settleOne();
      return;
    }
    const park = () => faultDesk.parkUnreadable(delivery.content, delivery.queue, error);
    if ((await this.#untilDone(park, () => !delivery.stale)) === 'done') delivery.settleOne();
  }

  /**
   * "Unavailable" promises that nothing was done. What may have been done before is given back:
   * only the inbox can tell, and its callers wait for it as long as they can.
   */
  #tellUnavailable(handler: Handler, items: readonly Item[], error: unknown): Item[] {
    const mayBeDone = ({ delivery }: Item) => handler.kind === 'request' && delivery.redelivered;
    const told = items.filter((item) => !mayBeDone(item));
    const reason = isTimeout(error) ? 'the database is too slow' : 'the database is away';
    void this.#answerAll(handler, told, { kind: 'unavailable', reason });
    return items.filter(mayBeDone);
  }

  /** Leaves out what the broker hands out again, and requests whose callers have given up. */
  #stillWanted(handler: Handler, items: readonly Item[]): Item[] {
    const now = Date.now();
    return items.filter(({ message, delivery }) => {
      if (delivery.stale) return false;
      const { deadline } = message.headers;
      if (isDurable(handler.kind) || deadline === undefined || deadline > now) return true;
      this.#parts.observer.expiredDropped(message.type);
      delivery.settleOne();
      return false;
    });
  }

  async #attempt(handler: Handler, items: readonly Item[], isPatient: boolean): Promise<Attempt> {
    const begun = performance.now();
    let attempt: Attempt;
    try {
      attempt = { outcome: 'done', owed: await this.#parts.work.run(handler, items) };
    } catch (error) {
      const isBlameless = isAway(error) || (isPatient && isTimeout(error));
      attempt = { outcome: isBlameless ? 'unavailable' : 'fault', error };
      if (attempt.outcome === 'unavailable') {
        this.#parts.logger.warn(
          { reason: reasonOf(error), type: handler.type, size: items.length },
          'the database is away, or too slow',
        );
      }
    }
    this.#observe(handler, items.length, begun, attempt.outcome);
    return attempt;
  }

  #observe(handler: Handler, size: number, begun: number, outcome: BatchOutcome): void {
    const { type, kind } = handler;
    const seconds = (performance.now() - begun) / 1_000;
    this.#parts.observer.batchHandled({ type, kind, size, seconds, outcome });
  }

  /** Halves until the culprit stands alone: its neighbours must not suffer for it. */
  async #divide(
    handler: Handler,
    items: readonly Item[],
    error: unknown,
    timeouts: number,
  ): Promise<void> {
    const [only] = items;
    if (only !== undefined && items.length === 1) {
      void this.reject(only, error);
      return;
    }
    const middle = Math.ceil(items.length / 2);
    await this.process(handler, items.slice(0, middle), timeouts);
    await this.process(handler, items.slice(middle), timeouts);
  }

  async #finish(handler: Handler, items: readonly Item[], owed: Owed): Promise<void> {
    const { replies, observer } = this.#parts;
    const moment = this.#momentOf(handler, items);
    if (transportChannels.committed.hasSubscribers) transportChannels.committed.publish(moment);
    for (let stored = 0; stored < owed.repeated; stored += 1)
      observer.storedReplySent(handler.type);
    const isHeld = () => items.some(({ delivery }) => !delivery.stale);
    const isAwaited = () => isHeld() && (isDurable(handler.kind) || hasTimeLeft(items));
    const answers = owed.answers.flatMap(({ item, answer }) => asAnswers(item, answer));
    const done = await Promise.all([
      this.#untilDone(() => replies.publish(answers), isAwaited),
      ...owed.promised.map((work) => this.#untilDone(work, isHeld)),
    ]);
    const [answered, ...kept] = done.map((end) => end !== 'given up');
    // Answers to callers that gave up are owed to nobody; a promise is owed until it is kept.
    const isSettled = (answered || !isDurable(handler.kind)) && kept.every(Boolean);
    if (!isSettled || this.#parts.giveUp.aborted) return;
    if (transportChannels.published.hasSubscribers) transportChannels.published.publish(moment);
    for (const { delivery } of items) delivery.settleOne();
  }

  async #answerAll(handler: Handler, items: readonly Item[], answer: AnswerBody): Promise<void> {
    this.#parts.logger.debug(
      { type: handler.type, answer: answer.kind },
      'answered without handling',
    );
    await this.#answer(items, answer);
  }

  async #answer(
    items: readonly Pick<Item, 'message' | 'delivery'>[],
    answer: AnswerBody,
  ): Promise<void> {
    const answers = items.flatMap((item) => asAnswers(item, answer));
    const isAwaited = () => hasTimeLeft(items) && items.some(({ delivery }) => !delivery.stale);
    await this.#untilDone(() => this.#parts.replies.publish(answers), isAwaited);
    if (this.#parts.giveUp.aborted) return;
    for (const { delivery } of items) delivery.settleOne();
  }

  /** Tries until it works, unless it never can. */
  async #untilDone(work: () => Promise<void>, isWanted: () => boolean): Promise<End> {
    const { limits, giveUp, logger } = this.#parts;
    for (let failures = 0; ; failures += 1) {
      try {
        await work();
        return 'done';
      } catch (error) {
        if (error instanceof InvalidMessageError) {
          logger.error({ err: error }, 'something owed is too large to be sent, ever');
          return 'hopeless';
        }
        if (giveUp.aborted || !isWanted()) return 'given up';
        logger.warn({ err: error, failures }, 'could not publish what is owed: trying again');
        this.#parts.faultDesk.forgetDeclarations();
        await pause(backoffMs(failures, limits.holdFirstMs, limits.holdMaxMs), giveUp);
      }
    }
  }

  #momentOf(handler: Handler, items: readonly Item[]): TransportMoment {
    return {
      service: this.#parts.service,
      queue: items[0]?.delivery.queue ?? '',
      type: handler.type,
      messageIds: items.map((item) => item.message.id),
    };
  }
}

function hasTimeLeft(items: readonly Pick<Item, 'message'>[]): boolean {
  const now = Date.now();
  return items.some(({ message }) => (message.headers.deadline ?? Infinity) > now);
}

function asAnswers({ message }: Pick<Item, 'message'>, answer: AnswerBody) {
  const asked = askedOf(message);
  return asked === undefined ? [] : [{ asked, answer }];
}
