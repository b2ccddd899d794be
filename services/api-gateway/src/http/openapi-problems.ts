import { fieldsOf, meaningAt } from './dialects/errors.js';
import type { Endpoint } from './endpoint.js';
import { problem, problemType, type Problem, type ProblemCode } from './problem.js';
import { meaningOf } from './refusal-statuses.js';

export type Json = Record<string, unknown>;

const GATE: readonly ProblemCode[] = [
  'ENTRY_REQUIRED',
  'ENTRY_WAITING',
  'ENTRY_EXPIRED',
  'ENTRY_USED',
];

/** Said before anybody knows what a request is about; so it sounds the same everywhere. */
const UNREAD = (['MALFORMED_REQUEST', 'REQUEST_TIMEOUT', 'HEADERS_TOO_LARGE'] as const).map(
  (code) => problem(code),
);

/** Which problems an endpoint may answer with, from what it is: said once for all of them. */
export function problemsOf(endpoint: Endpoint): Json {
  const { access, method, refusals } = endpoint;
  const own: ProblemCode[] = ['VALIDATION_FAILED', 'RATE_LIMITED', 'INTERNAL'];
  own.push('SERVICE_UNAVAILABLE', 'SHUTTING_DOWN', 'MALFORMED_REQUEST', 'URI_TOO_LONG');
  // A body is read before anybody asks whether there should be one.
  own.push('MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE');
  // A bad token is refused also where none is needed.
  own.push('TOKEN_INVALID', 'TOKEN_EXPIRED');
  const accesses = [access, endpoint.accessInOidcMode ?? access];
  if (accesses.some((one) => one !== 'anyone')) own.push('AUTHENTICATION_REQUIRED', 'FORBIDDEN');
  if (accesses.some((one) => one === 'organiser' || one === 'operator')) own.push('ROLE_REQUIRED');
  if (endpoint.openModeOnly === true) own.push('OPEN_MODE_ONLY');
  if (endpoint.gated === true) own.push(...GATE);
  if (endpoint.dialects !== undefined) {
    own.push('NOT_YOURSELF', 'ENTRY_USED', 'FORBIDDEN');
  }
  if (method !== 'GET') {
    own.push('OUTCOME_UNKNOWN', 'IDEMPOTENCY_IN_PROGRESS', 'IDEMPOTENCY_KEY_REUSED');
  }
  const meanings = [
    ...own.map((code) => problem(code)),
    ...[...new Set(refusals)].map((code) => ({ code, ...meaningOf(code) })),
  ];
  if (endpoint.dialects === undefined) {
    const more = UNREAD.filter(({ code }) => !meanings.some((known) => known.code === code));
    return problemResponses([...meanings, ...more]);
  }
  return withBoth(dialectResponses(endpoint, meanings), problemResponses(UNREAD));
}

/** A status that is said in two ways has a content for each. */
function withBoth(usual: Responses, unread: Responses): Responses {
  const both = Object.entries(unread).map(([status, one]) => {
    const other = usual[status];
    if (other === undefined) return [status, one] as const;
    const description = `${other.description}  \n${one.description}`;
    return [status, { description, content: { ...other.content, ...one.content } }] as const;
  });
  return { ...usual, ...Object.fromEntries(both) };
}

type Responses = Record<string, { readonly description: string; readonly content: Json }>;

type Meaning = Pick<Problem, 'status' | 'code' | 'title'>;

/** Errors as the clients of a published document see them. */
function dialectResponses(endpoint: Endpoint, meanings: readonly Meaning[]): Responses {
  const byStatus = new Map<number, Set<string>>();
  for (const meaning of meanings) {
    const { status, text } = meaningAt(endpoint, meaning);
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(text));
  }
  const schemas = fieldsOf(endpoint.dialects ?? []).map((name) => ({
    $ref: `#/components/schemas/${name}`,
  }));
  const [only, ...more] = schemas;
  const schema = more.length === 0 ? only : { allOf: schemas };
  return Object.fromEntries(
    [...byStatus].map(([status, texts]) => [
      status,
      {
        description: [...texts].map((text) => `\`${text}\``).join('  \n'),
        content: { 'application/json': { schema } },
      },
    ]),
  );
}

function problemResponses(meanings: readonly Meaning[]): Responses {
  const byStatus = new Map<number, { code: string; title: string }[]>();
  for (const { status, code, title } of meanings) {
    byStatus.set(status, [...(byStatus.get(status) ?? []), { code, title }]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: some.map(({ code, title }) => `\`${code}\`: ${title}`).join('  \n'),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [
                { $ref: '#/components/schemas/Problem' },
                { type: 'object', properties: { code: { enum: some.map(({ code }) => code) } } },
              ],
            },
          },
        },
      },
    ]),
  );
}

export const PROBLEM_SCHEMA: Json = {
  type: 'object',
  description: 'RFC 9457. Decide by `code`; show `title` and `detail` to people.',
  required: ['type', 'title', 'status', 'code', 'requestId'],
  properties: {
    type: { type: 'string', examples: [problemType('VALIDATION_FAILED')] },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      description: 'Of VALIDATION_FAILED: everything that is wrong, and where.',
      items: {
        type: 'object',
        required: ['in', 'at', 'message'],
        properties: {
          in: { enum: ['body', 'query', 'path', 'header'] },
          at: { type: 'string', description: 'A JSON pointer into the body, or a name.' },
          message: { type: 'string' },
        },
      },
    },
    details: {
      type: 'object',
      description: 'Facts of a refusal, such as the seats that were taken.',
    },
  },
};

const requestId = { type: 'string' };
const reason = { type: 'string', description: 'The code that /v1 would answer with.' };

/** What errors look like to the clients of published documents; facts may come along. */
export const DIALECT_ERROR_SCHEMAS: Json = {
  ErrorWithText: {
    type: 'object',
    required: ['error', 'reason', 'requestId'],
    properties: { error: { type: 'string' }, reason, requestId },
  },
  ErrorWithCode: {
    type: 'object',
    required: ['code', 'message', 'reason', 'requestId'],
    properties: {
      code: { type: 'integer', description: 'The HTTP status.' },
      message: { type: 'string' },
      reason,
      requestId,
    },
  },
};
