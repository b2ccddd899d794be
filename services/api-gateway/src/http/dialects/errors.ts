import type { Problem, ProblemCode } from '../problem.js';
import type { RefusalCode } from '../refusal-statuses.js';
import type { Dialect } from './dialect.js';

export interface ErrorText {
  readonly text: string | ((said: Problem) => string);
  /** Where a document fixes another one than the problem's own. */
  readonly status?: number;
}

/** What is said instead of a problem's title, by the problem's or refusal's code. */
export type ErrorTexts = Partial<Readonly<Record<ProblemCode | RefusalCode, ErrorText>>>;

/** The same text for several codes. */
export function allOf(
  codes: readonly (ProblemCode | RefusalCode)[],
  text: ErrorText['text'],
  status?: number,
): ErrorTexts {
  const said = status === undefined ? { text } : { text, status };
  return Object.fromEntries(codes.map((code) => [code, said]));
}

const NO_TOKEN = ['AUTHENTICATION_REQUIRED', 'TOKEN_INVALID', 'TOKEN_EXPIRED'] as const;
/** The documents know a token that has ended only as one that is not good any more. */
const ENDED = ['ENTRY_EXPIRED', 'ENTRY_USED'] as const;
const NOT_YOURS = [
  'NOT_YOURSELF',
  'TOKENS_DIFFER',
  'USER_REQUIRED',
  'ROLE_REQUIRED',
  'FORBIDDEN',
  'RESERVATION_NOT_YOURS',
  'PAYMENT_NOT_YOURS',
  'QUEUE_PASS_OF_ANOTHER',
] as const;
const NOT_AVAILABLE = [
  'RESERVATION_SEATS_TAKEN',
  'RESERVATION_NOT_ENOUGH_SEATS',
  'RESERVATION_SALE_CLOSED',
] as const;
const NO_SCHEDULE = ['CONCERT_SCHEDULE_NOT_FOUND', 'RESERVATION_SCHEDULE_NOT_FOUND'] as const;
const WRONG_AMOUNT = ['WALLET_AMOUNT_OUT_OF_RANGE', 'RESERVATION_AMOUNT_DIFFERS'] as const;

/** Statuses and words that all documents share. */
const SHARED: ErrorTexts = {
  ...allOf(ENDED, titleOf, 401),
  ...allOf(['ENTRY_REQUIRED', 'QUEUE_PASS_NOT_FOUND'], titleOf, 401),
  ...allOf(WRONG_AMOUNT, titleOf, 400),
  ENTRY_WAITING: { text: positionOf },
  VALIDATION_FAILED: { text: detailOf },
  WALLET_USER_NOT_FOUND: { text: 'user not found' },
};

const BOOKING: ErrorTexts = {
  ...SHARED,
  ...allOf(
    [...NO_TOKEN, ...ENDED, 'ENTRY_REQUIRED', 'QUEUE_PASS_NOT_FOUND'],
    'Unauthorized request',
    401,
  ),
  ...allOf(NOT_YOURS, 'Forbidden'),
  ...allOf([...NOT_AVAILABLE, 'RESERVATION_SEAT_NOT_FOUND'], 'Seat is not available'),
  RESERVATION_NOT_FOUND: { text: 'Reservation not found' },
  WALLET_INSUFFICIENT_BALANCE: { text: 'Insufficient balance' },
};

/** `user-token` and `waiting-queue` document no errors: the words of their youngest relative. */
const UNDOCUMENTED: ErrorTexts = {
  ...SHARED,
  ...allOf([...NO_TOKEN, 'QUEUE_PASS_NOT_FOUND'], 'invalid token', 401),
  ...allOf(NOT_YOURS, 'forbidden'),
  ...allOf(NO_SCHEDULE, 'concert schedule not found'),
  ...allOf(NOT_AVAILABLE, takenOf),
  CONCERT_NOT_FOUND: { text: 'concert not found' },
  RESERVATION_SEAT_NOT_FOUND: { text: 'seat not found' },
  RESERVATION_NOT_FOUND: { text: 'reservation not found' },
  WALLET_INSUFFICIENT_BALANCE: { text: 'Insufficient balance' },
};

const QUEUE_TOKEN: ErrorTexts = {
  ...UNDOCUMENTED,
  ...allOf(ENDED, 'invalid token', 401),
  ...allOf(
    ['QUEUE_PASS_NOT_FOUND', 'QUEUE_ENTRY_NOT_FOUND', 'ENTRY_REQUIRED'],
    'token not found',
    404,
  ),
  ...allOf([...NOT_AVAILABLE, 'RESERVATION_SEAT_CAP_REACHED'], 'reservation failed', 400),
  WALLET_INSUFFICIENT_BALANCE: { text: 'Insufficient balance', status: 400 },
};

const TEXTS: Readonly<Record<Dialect, ErrorTexts>> = {
  booking: BOOKING,
  'booking-draft': BOOKING,
  'user-token': UNDOCUMENTED,
  'waiting-queue': UNDOCUMENTED,
  'queue-token': QUEUE_TOKEN,
};

/** What an error is called at an endpoint: the endpoint's own word, else the dialect's. */
interface Place {
  readonly dialects?: readonly Dialect[];
  readonly errors?: ErrorTexts;
}

export interface DialectAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * A problem as the clients of a published document expect it. A route several documents share
 * answers with the fields of all of them.
 */
export function dialectAnswerOf(place: Place, said: Problem, requestId: string): DialectAnswer {
  const { text, status } = meaningAt(place, said);
  const fields = fieldsOf(place.dialects ?? []);
  return {
    status,
    body: {
      ...said.members,
      ...(fields.includes('ErrorWithText') ? { error: text } : {}),
      ...(fields.includes('ErrorWithCode') ? { code: status, message: text } : {}),
      reason: said.code,
      requestId,
    },
  };
}

/** Which shapes of an error the documents of a route know, by their name in `/openapi.json`. */
export function fieldsOf(
  dialects: readonly Dialect[],
): readonly ('ErrorWithText' | 'ErrorWithCode')[] {
  const isBooking = (dialect: Dialect) => dialect.startsWith('booking');
  return [
    ...(dialects.some(isBooking) ? (['ErrorWithText'] as const) : []),
    ...(dialects.every(isBooking) ? [] : (['ErrorWithCode'] as const)),
  ];
}

/** The status and text of a problem or refusal at an endpoint; also what its document shows. */
export function meaningAt(
  { dialects = [], errors }: Place,
  said: Problem,
): { readonly status: number; readonly text: string } {
  const [first] = dialects;
  const words = wordsOf(errors, said.code) ?? wordsOf(first && TEXTS[first], said.code);
  if (words === undefined) return { status: said.status, text: said.title };
  const text = typeof words.text === 'string' ? words.text : words.text(said);
  return { status: words.status ?? said.status, text };
}

function wordsOf(texts: ErrorTexts | undefined, code: string): ErrorText | undefined {
  if (texts === undefined || !Object.hasOwn(texts, code)) return undefined;
  return (texts as Readonly<Record<string, ErrorText>>)[code];
}

function titleOf(said: Problem): string {
  return said.title;
}

function detailOf(said: Problem): string {
  return said.detail ?? said.title;
}

function positionOf(said: Problem): string {
  const position = said.members?.['position'];
  return typeof position === 'number'
    ? `It is not your turn yet: position ${position}.`
    : said.title;
}

function takenOf(said: Problem): string {
  const details = said.members?.['details'];
  if (typeof details !== 'object' || details === null) return said.title;
  const taken = (details as Readonly<Record<string, unknown>>)['seatNumbers'];
  return Array.isArray(taken) ? `seats not available: ${taken.join(', ')}` : said.title;
}
