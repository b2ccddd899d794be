import type { AskableContract, Outcome } from '@encore/contracts';
import type { WireMessage } from './envelope.js';
import { InvalidMessageError } from './errors.js';
import { messageIdOf } from './message-id.js';

/** What a message is answered with. Durable commands are only ever answered with an outcome. */
export type AnswerBody =
  | {
      readonly kind: 'outcome';
      readonly outcome: Outcome<AskableContract>;
      readonly replayed: boolean;
    }
  /** The handler failed; nothing was changed. */
  | { readonly kind: 'fault'; readonly reason: string }
  /** The service cannot work now; nothing was changed. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** It is not from whom its contract asks for; nothing was changed. */
  | { readonly kind: 'forbidden'; readonly reason: string }
  /** The message id was used before for something else. */
  | { readonly kind: 'key-reused' }
  /** The same message is being worked on for somebody else. */
  | { readonly kind: 'in-progress' };

/** The body of a reply on the wire. */
interface ReplyBody {
  readonly inReplyTo: string;
  readonly answer: AnswerBody;
}

export function isOutcome(value: unknown): value is Outcome<AskableContract> {
  if (typeof value !== 'object' || value === null || !('ok' in value)) return false;
  return value.ok === true
    ? 'value' in value
    : value.ok === false && 'refusal' in value && typeof value.refusal === 'string';
}

/** The message that answers another one; answering twice gives the same id. */
export function replyMessage(
  asked: { id: string; type: string; correlationId: string; traceparent?: string | undefined },
  answer: AnswerBody,
): WireMessage {
  const { traceparent } = asked;
  return {
    id: messageIdOf('reply', asked.id),
    type: asked.type,
    body: { inReplyTo: asked.id, answer } satisfies ReplyBody,
    headers: {
      correlationId: asked.correlationId,
      causationId: asked.id,
      traceparent,
      sentAt: Date.now(),
      attempt: 1,
    },
  };
}

export function readReply(message: WireMessage): ReplyBody {
  const { body } = message;
  if (typeof body !== 'object' || body === null || !('inReplyTo' in body) || !('answer' in body)) {
    throw new InvalidMessageError(`message ${message.id} is not a reply`);
  }
  const { inReplyTo, answer } = body;
  if (typeof inReplyTo !== 'string' || !isAnswer(answer)) {
    throw new InvalidMessageError(`message ${message.id} is not a reply`);
  }
  return { inReplyTo, answer };
}

function isAnswer(value: unknown): value is AnswerBody {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  switch (value.kind) {
    case 'outcome':
      return 'outcome' in value && isOutcome(value.outcome) && 'replayed' in value;
    case 'fault':
    case 'unavailable':
    case 'forbidden':
      return 'reason' in value && typeof value.reason === 'string';
    case 'key-reused':
    case 'in-progress':
      return true;
    default:
      return false;
  }
}
