import { InvalidMessageError } from './errors.js';

export interface WireHeaders {
  readonly correlationId: string;
  readonly causationId?: string | undefined;
  readonly traceparent?: string | undefined;
  /** Milliseconds since 1970, as all times on the wire. */
  readonly sentAt: number;
  /** When the caller gives up: a request is not handled after it. */
  readonly deadline?: number;
  /** The queue an answer goes to. */
  readonly replyTo?: string;
  readonly fingerprint?: string | undefined;
  /** Proves who a request or query is from: never believed unless verified. */
  readonly actor?: string | undefined;
  readonly attempt: number;
  readonly firstFailedAt?: number;
}

export interface WireMessage {
  readonly id: string;
  readonly type: string;
  readonly body: unknown;
  readonly headers: WireHeaders;
}

/** What one AMQP message carries: everything one sender had to say to one queue in one breath. */
export interface PackedEnvelope {
  readonly content: Buffer;
  readonly messages: readonly WireMessage[];
}

export interface EnvelopeLimits {
  readonly envelopeMaxMessages: number;
  readonly envelopeMaxBytes: number;
}

const VERSION = 1;
const HEAD = `{"v":${VERSION},"messages":[`;
const TAIL = ']}';
/** A message that is larger travels alone; above this it is not sent at all. */
export const MESSAGE_MAX_BYTES = 8_000_000;
/** More than any sender packs: whoever sends this many is no peer of ours. */
const ACCEPTED_MAX_MESSAGES = 10_000;
/** AMQP's limit for the name of a queue. */
const QUEUE_NAME_MAX_BYTES = 255;

/** Lower case, as PostgreSQL writes it: an id is compared as text. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function isMessageId(text: string): boolean {
  return UUID.test(text);
}

/**
 * Packs messages in their order into as few envelopes as the limits allow. One that is too large to
 * be sent at all is given to `onTooLarge`: its neighbours must not suffer for it.
 */
export function packEnvelopes(
  messages: readonly WireMessage[],
  limits: EnvelopeLimits,
  onTooLarge: (message: WireMessage, error: InvalidMessageError) => void = refuse,
): PackedEnvelope[] {
  const packed: PackedEnvelope[] = [];
  let texts: string[] = [];
  let inside: WireMessage[] = [];
  let bytes = 0;
  const close = () => {
    if (inside.length === 0) return;
    packed.push({ content: Buffer.from(HEAD + texts.join(',') + TAIL), messages: inside });
    texts = [];
    inside = [];
    bytes = 0;
  };
  for (const message of messages) {
    const text = JSON.stringify(message);
    const size = Buffer.byteLength(text);
    if (size > MESSAGE_MAX_BYTES) {
      const reason = `${message.type} ${message.id} has ${size} bytes`;
      onTooLarge(message, new InvalidMessageError(reason));
      continue;
    }
    const full = inside.length >= limits.envelopeMaxMessages;
    if (full || (bytes > 0 && bytes + size > limits.envelopeMaxBytes)) close();
    texts.push(text);
    inside.push(message);
    bytes += size;
  }
  close();
  return packed;
}

function refuse(_message: WireMessage, error: InvalidMessageError): never {
  throw error;
}

/** One message by itself, however large: for what a broker has carried here already. */
export function packAlone(message: WireMessage): Buffer {
  return Buffer.from(HEAD + JSON.stringify(message) + TAIL);
}

/** Unpacks what came; throws InvalidMessageError for anything that is not an envelope of ours. */
export function unpackEnvelope(content: Buffer): WireMessage[] {
  const parsed = parse(content);
  if (!isRecord(parsed) || parsed['v'] !== VERSION || !Array.isArray(parsed['messages'])) {
    throw new InvalidMessageError(`not an envelope of version ${VERSION}`);
  }
  const messages: unknown[] = parsed['messages'];
  if (messages.length === 0 || messages.length > ACCEPTED_MAX_MESSAGES) {
    throw new InvalidMessageError(`an envelope of ${messages.length} messages`);
  }
  return messages.map(checkMessage);
}

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch (error) {
    throw new InvalidMessageError(
      `not JSON: ${error instanceof Error ? error.message : 'unknown'}`,
    );
  }
}

function checkMessage(message: unknown): WireMessage {
  if (!isRecord(message)) throw new InvalidMessageError('a message is not an object');
  const { id, type, body, headers } = message;
  if (typeof id !== 'string' || !isMessageId(id)) {
    throw new InvalidMessageError('a message has no uuid as its id');
  }
  if (typeof type !== 'string' || type === '') {
    throw new InvalidMessageError(`message ${id} has no type`);
  }
  if (!isRecord(headers) || !areHeaders(headers)) {
    throw new InvalidMessageError(`message ${id} has headers that are missing or wrong`);
  }
  return { id, type, body, headers };
}

function areHeaders(
  headers: Record<string, unknown>,
): headers is Record<string, unknown> & WireHeaders {
  return (
    typeof headers['correlationId'] === 'string' &&
    typeof headers['sentAt'] === 'number' &&
    Number.isSafeInteger(headers['attempt']) &&
    isOptional(headers['deadline'], 'number') &&
    isOptional(headers['firstFailedAt'], 'number') &&
    isQueueName(headers['replyTo'] ?? '') &&
    isOptional(headers['causationId'], 'string') &&
    isOptional(headers['traceparent'], 'string') &&
    isOptional(headers['fingerprint'], 'string') &&
    isOptional(headers['actor'], 'string')
  );
}

function isQueueName(value: unknown): boolean {
  return typeof value === 'string' && Buffer.byteLength(value) <= QUEUE_NAME_MAX_BYTES;
}

function isOptional(value: unknown, type: 'string' | 'number'): boolean {
  return value === undefined || typeof value === type;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
