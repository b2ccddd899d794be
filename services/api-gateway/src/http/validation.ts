import { z } from 'zod';
import { isForbiddenKey, screenText } from './json-screen.js';
import { invalidRequest, type RequestFault } from './problem.js';
import type { Endpoint } from './endpoint.js';

/** The parts of a request an endpoint describes, as they came in. */
export interface RawInput {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export interface Input<E extends Endpoint> {
  readonly params: z.output<NonNullable<E['params']>>;
  readonly query: z.output<NonNullable<E['query']>>;
  readonly headers: z.output<NonNullable<E['headers']>>;
  readonly body: z.output<NonNullable<E['body']>>;
}

const NOTHING = z.strictObject({});
/** A call without a described body may come with none or with an empty object. */
const NO_BODY = NOTHING.optional();

/** Checks the whole request and reports everything that is wrong with it at once. */
export function validate<E extends Endpoint>(endpoint: E, raw: RawInput): Input<E> {
  const moved = endpoint.queryInBody === true;
  const query = singleValues(moved ? withBodyFields(raw.query, raw.body) : raw.query);
  const params = checkFields(endpoint.params, raw.params, 'path');
  const asked = checkFields(endpoint.query, query.values, 'query');
  const headers = checkHeaders(endpoint, raw.headers);
  const body = moved ? NOTHING_WRONG : checkBody(endpoint, raw.body);
  const texts = [
    ...screenAll(raw.params, 'path'),
    ...screenAll(query.values, 'query'),
    ...query.faults,
  ];
  const found = [params, asked, headers, body].flatMap((checked) => checked.faults);
  if (texts.length + found.length > 0) throw invalidRequest([...texts, ...found]);
  // What the schemas let through is what they say: the one place where this is claimed.
  return {
    params: params.value,
    query: asked.value,
    headers: headers.value,
    body: body.value,
  } as Input<E>;
}

interface Checked {
  readonly value?: unknown;
  readonly faults: readonly RequestFault[];
}

const NOTHING_WRONG: Checked = { faults: [] };

/**
 * A GET whose document shows a body takes its fields from there or from the query. As the query
 * knows only text, numbers become what they would be there; two values that differ are two values.
 */
function withBodyFields(
  query: Readonly<Record<string, unknown>>,
  body: unknown,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...query };
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return merged;
  for (const [name, value] of Object.entries(body)) {
    const text = typeof value === 'number' ? String(value) : (value as unknown);
    const known = merged[name];
    merged[name] = known === undefined || known === text ? text : [known, text];
  }
  return merged;
}

/** Nothing where nothing is described needs no schema to be found right. */
function checkFields(
  schema: z.ZodType | undefined,
  values: Readonly<Record<string, unknown>>,
  where: RequestFault['in'],
): Checked {
  if (schema !== undefined) return check(schema, values, where);
  return Object.keys(values).length === 0
    ? { value: {}, faults: [] }
    : check(NOTHING, values, where);
}

function checkHeaders(endpoint: Endpoint, raw: RawInput['headers']): Checked {
  if (endpoint.headers === undefined) return NOTHING_WRONG;
  const named = Object.keys(endpoint.headers.shape).map((name) => [name, raw[name]] as const);
  return check(endpoint.headers, Object.fromEntries(named), 'header');
}

function checkBody(endpoint: Endpoint, given: unknown): Checked {
  if (endpoint.body === undefined) {
    return given === undefined ? NOTHING_WRONG : { faults: check(NO_BODY, given, 'body').faults };
  }
  if (given === undefined && !endpoint.body.safeParse(undefined).success) {
    return { faults: [{ in: 'body', at: '', message: 'A JSON body is needed.' }] };
  }
  return check(endpoint.body, given, 'body');
}

function check(schema: z.ZodType, value: unknown, where: RequestFault['in']): Checked {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data, faults: [] };
  return { faults: parsed.error.issues.flatMap((issue) => faultsOf(issue, where)) };
}

/**
 * Of alternatives none of which fits, the faults of the closest one say more than "invalid input".
 */
function faultsOf(issue: z.core.$ZodIssue, where: RequestFault['in']): RequestFault[] {
  const at = placeOf(issue.path, where);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      in: where,
      at: placeOf([...issue.path, key], where),
      message: 'is not known here',
    }));
  }
  return [{ in: where, at, message: issue.message }];
}

function placeOf(path: readonly PropertyKey[], where: RequestFault['in']): string {
  if (where !== 'body') return path.map(String).join('.');
  return path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** A parameter that is given twice is a mistake; taking either value would hide it. */
function singleValues(query: Readonly<Record<string, unknown>>): {
  values: Record<string, string>;
  faults: RequestFault[];
} {
  const faults: RequestFault[] = [];
  const values: [name: string, value: string][] = [];
  for (const [name, value] of Object.entries(query)) {
    if (isForbiddenKey(name)) faults.push({ in: 'query', at: name, message: 'is not known here' });
    else if (typeof value === 'string') values.push([name, value]);
    else faults.push({ in: 'query', at: name, message: 'must be given once' });
  }
  return { values: Object.fromEntries(values), faults };
}

function screenAll(
  values: Readonly<Record<string, unknown>>,
  where: RequestFault['in'],
): RequestFault[] {
  const faults: RequestFault[] = [];
  for (const [name, value] of Object.entries(values)) {
    const fault = typeof value === 'string' ? screenText(value, where, name) : undefined;
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}
