import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Description, Operation, Parameter } from './description.js';
import { percentEncoded, type Sending } from './fuzz-send.js';
import {
  headerText,
  hostileBytes,
  hostileField,
  hostileText,
  hostileValue,
  jsonText,
  oddContentType,
  oddHeader,
  type Fields,
  type Tree,
} from './hostile.js';

type Json = Readonly<Record<string, unknown>>;

/** Somebody requests can be made as, and what is known to exist for them right now. */
export interface Somebody {
  readonly userId: number;
  readonly jwt: string;
  /** Every form a credential of theirs can have in a published document. */
  readonly passes: readonly string[];
  /** Values that fit, by the name of a field or parameter. */
  readonly fitting: Readonly<Record<string, readonly (string | number)[]>>;
}

/** One operation of the document with where it is. */
interface Target {
  readonly method: string;
  readonly template: string;
  readonly operation: Operation;
}

export function targetsOf({ document }: Description): readonly Target[] {
  return Object.entries(document.paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      template,
      operation,
    })),
  );
}

const rarely = <Value>(usual: fc.Arbitrary<Value>, odd: fc.Arbitrary<Value>, per = 8) =>
  fc.oneof({ weight: per - 1, arbitrary: usual }, { weight: 1, arbitrary: odd });

/** Requests to one operation: mostly nearly right, because what is all wrong stops at the door. */
export function requestsTo(target: Target, who: Somebody): fc.Arbitrary<Sending> {
  const { method, operation } = target;
  const { parameters, requestBody } = operation;
  const [type] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const schema = type === undefined ? undefined : requestBody?.content[type]?.schema;
  return fc
    .record({
      method: rarely(fc.constant(method), fc.constantFrom(...METHODS), 40),
      path: pathOf(target, who),
      query: queryOf(parameters, who),
      headers: headersOf(parameters, who),
      credential: credentialOf(target, who),
      key: method === 'GET' ? fc.constant(undefined) : IDEMPOTENCY_KEY,
      body: schema === undefined ? rarely(NO_BODY, hostileBytes, 12) : bodyOf(schema, who),
      contentType: rarely(fc.constant('application/json'), oddContentType, 25),
    })
    .map(({ query, headers, credential, key, contentType, ...rest }) => ({
      method: rest.method,
      path: query === '' ? rest.path : `${rest.path}?${query}`,
      headers: [
        ...(rest.body === undefined ? [] : [['content-type', contentType] as const]),
        ...(key === undefined ? [] : [['idempotency-key', key] as const]),
        ...credential,
        ...headers,
      ],
      body: rest.body,
    }));
}

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND'];
const NO_BODY: fc.Arbitrary<Buffer | undefined> = fc.constant(undefined);
/** Few different ones, so that keys meet again, with the same body or another one. */
const IDEMPOTENCY_KEY: fc.Arbitrary<string | undefined> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.uuid() },
  { weight: 2, arbitrary: fc.constantFrom('a', 'b', 'c') },
  { weight: 1, arbitrary: hostileText.map(headerText) },
);

function pathOf({ template }: Target, who: Somebody): fc.Arbitrary<string> {
  const parts = template.split(/(\{\w+\})/).map((part) => {
    if (!part.startsWith('{')) return fc.constant(part);
    const fits = valueOf({ type: 'integer', minimum: 1 }, who, part.slice(1, -1));
    return rarely(fits.map(segment), fc.oneof(hostileText.map(segment), BROKEN_SEGMENT), 8);
  });
  const whole = fc.tuple(...parts).map((texts) => texts.join(''));
  return fc
    .tuple(whole, rarely(fc.constant(0), fc.integer({ min: 1, max: 5 }), 25))
    .map(
      ([path, twist]) =>
        [
          path,
          `${path}/`,
          path.replaceAll('/', '//'),
          path.toUpperCase(),
          `/x/..${path}`,
          `${path};a=b`,
        ][twist] ?? path,
    );
}

/** What no URL may hold, or what becomes something else when it is decoded. */
const BROKEN_SEGMENT = fc.constantFrom(
  ...['%', '%zz', '%ff', '%00', '%2e%2e', '%2F', '%E0%A4%A', '1%20', '..', '.', '1;1', "1'--"],
  ...['x'.repeat(3_000), '[1]', '1,2', '%F0%9F%98%80', '\xff', '%25%30%30'],
);

function segment(value: Tree): string {
  return percentEncoded(plainText(value));
}

function plainText(value: Tree): string {
  return typeof value === 'string' ? value : jsonText(value);
}

function queryOf(parameters: readonly Parameter[], who: Somebody): fc.Arbitrary<string> {
  const named = parameters
    .filter((one) => one.in === 'query')
    .map(({ name, required, schema }) => {
      const fits = valueOf(schema, who, name).map((value) => `${name}=${segment(value)}`);
      const odd = fc.oneof(
        hostileText.map((text) => `${name}=${segment(text)}`),
        fc.constantFrom(name, `${name}=1&${name}=2`, `${name}[]=1`, `${name}[a]=1`),
      );
      return fc.option(rarely(fits, odd), { nil: '', freq: required ? 15 : 1 });
    });
  const extra = rarely(
    fc.constant(''),
    fc.constantFrom('x=1', '__proto__[a]=1', '%=%', '&&=&'),
    25,
  );
  return fc.tuple(...named, extra).map((parts) => parts.filter((part) => part !== '').join('&'));
}

type Header = readonly [string, string];

function headersOf(parameters: readonly Parameter[], who: Somebody): fc.Arbitrary<Header[]> {
  const named = parameters
    .filter((one) => one.in === 'header' && one.name !== 'Idempotency-Key')
    .map(({ name, schema }) => {
      const fits = valueOf(schema, who, name).map(plainText);
      return rarely(fits, hostileText.map(headerText)).map((value): Header[] => [[name, value]]);
    });
  const odd = rarely(fc.constant<Header[]>([]), fc.array(oddHeader, { maxLength: 3 }));
  return fc.tuple(...named, odd).map((parts) => parts.flat());
}

/** Mostly the right one; else none, somebody's of another kind, or a forgery. */
function credentialOf({ operation }: Target, who: Somebody): fc.Arbitrary<Header[]> {
  const own = isPublished(operation)
    ? fc.oneof(
        fc.constant<Header>(['authorization', `Bearer ${who.jwt}`]),
        fc.constantFrom(...who.passes).map((pass): Header => ['authorization', pass]),
        fc.constantFrom(...who.passes).map((pass): Header => ['token', pass]),
      )
    : fc.constant<Header>(['authorization', `Bearer ${who.jwt}`]);
  const forged = fc.oneof(
    fc.constantFrom(...forgeriesOf(who)),
    hostileText.map((text) => headerText(text)),
    hostileText.map((text) => `Bearer ${headerText(text)}`),
  );
  return fc.oneof(
    { weight: 16, arbitrary: own.map((header): Header[] => [header]) },
    { weight: 2, arbitrary: fc.constant<Header[]>([]) },
    { weight: 1, arbitrary: forged.map((text): Header[] => [['authorization', text]]) },
    {
      weight: 1,
      arbitrary: fc.tuple(own, forged).map(([header, text]): Header[] => [header, ['token', text]]),
    },
  );
}

function isPublished({ tags }: Operation): boolean {
  return tags.some((tag) => PUBLISHED.has(tag));
}
const PUBLISHED = new Set([
  ...['booking', 'booking-draft', 'queue-token', 'user-token', 'waiting-queue'],
]);

/** Nearly a token of theirs: another user in it, no algorithm, a signature cut off. */
function forgeriesOf({ jwt, userId }: Somebody): string[] {
  const [head = '', claims = '', signature = ''] = jwt.split('.');
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const raised = encode({ sub: String(userId + 1), roles: ['operator'], exp: 9_999_999_999 });
  return [
    `Bearer ${head}.${raised}.${signature}`,
    `Bearer ${encode({ alg: 'none' })}.${raised}.`,
    `Bearer ${encode({ alg: 'HS256', typ: 'JWT' })}.${claims}.${signature}`,
    `Bearer ${head}.${claims}`,
    `Bearer ${head}.${claims}.${signature}x`,
    `Basic ${Buffer.from('a:b').toString('base64')}`,
    `Bearer ${jwt} ${jwt}`,
    `${randomUUID()}_1`,
    String(2 ** 53 - 1),
    'x'.repeat(8_000),
  ];
}

function bodyOf(schema: Json, who: Somebody): fc.Arbitrary<Buffer | undefined> {
  const right = valueOf(schema, who, '');
  const fieldwise = fc.tuple(right, fc.nat(), hostileValue).map(([tree, place, value]) => {
    return replacedAt(tree, place, value);
  });
  const more = fc.tuple(right, fc.array(hostileField, { minLength: 1, maxLength: 3 }));
  const fewer = fc.tuple(right, fc.nat()).map(([tree, place]) => without(tree, place));
  const bytes = (trees: fc.Arbitrary<Tree>) => trees.map((tree) => Buffer.from(jsonText(tree)));
  return fc.oneof(
    { weight: 10, arbitrary: bytes(right) },
    { weight: 5, arbitrary: bytes(fieldwise) },
    { weight: 3, arbitrary: bytes(more.map(([tree, fields]) => withFields(tree, fields))) },
    { weight: 1, arbitrary: bytes(fewer) },
    { weight: 1, arbitrary: bytes(hostileValue) },
    { weight: 1, arbitrary: hostileBytes },
    { weight: 1, arbitrary: NO_BODY },
  );
}

function isFields(tree: Tree | undefined): tree is Fields {
  return tree instanceof Map;
}

/** The tree with another value somewhere: at one of its fields or items, or of theirs. */
function replacedAt(tree: Tree, place: number, value: Tree): Tree {
  const parts = isFields(tree) ? [...tree] : undefined;
  const chosen = parts?.[place % parts.length];
  if (isFields(tree) && chosen !== undefined) {
    const [name, inner] = chosen;
    const isDeeper = (isFields(inner) || Array.isArray(inner)) && place % 2 === 1;
    return new Map(tree).set(name, isDeeper ? replacedAt(inner, place >> 1, value) : value);
  }
  if (!Array.isArray(tree) || tree.length === 0) return value;
  const items = tree as readonly Tree[];
  return items.map((item, index) =>
    index === place % items.length ? replacedAt(item, place >> 1, value) : item,
  );
}

function without(tree: Tree, place: number): Tree {
  return isFields(tree)
    ? new Map([...tree].filter((_, index) => index !== place % tree.size))
    : tree;
}

function withFields(tree: Tree, fields: readonly (readonly [string, Tree])[]): Tree {
  return isFields(tree) ? new Map([...tree, ...fields]) : tree;
}

/** A value the document allows, of what exists if anything of that name does. */
function valueOf(schema: Json, who: Somebody, name: string): fc.Arbitrary<Tree> {
  // What fits by its name is one value; the items of a list have the name of the list.
  const isOne = schema['type'] !== 'array' && schema['type'] !== 'object';
  const fitting = isOne ? (who.fitting[name] ?? []) : [];
  const any = anyOf(schema, who, name);
  return fitting.length === 0 ? any : rarely<Tree>(fc.constantFrom(...fitting), any, 12);
}

function anyOf(schema: Json, who: Somebody, name: string): fc.Arbitrary<Tree> {
  if ('const' in schema) return fc.constant(schema['const'] as Tree);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as Tree[]));
  if (Array.isArray(schema['anyOf'])) {
    return fc.oneof(...(schema['anyOf'] as Json[]).map((one) => valueOf(one, who, name)));
  }
  const types = [schema['type']].flat();
  return fc.oneof(...types.map((type) => ofType(String(type), schema, who, name)));
}

/** Larger ids name nothing anyway. */
const ID_MAX = 40;

function ofType(type: string, schema: Json, who: Somebody, name: string): fc.Arbitrary<Tree> {
  const number = (key: string, fallback: number) => Number(schema[key] ?? fallback);
  switch (type) {
    case 'integer': {
      const min = number('minimum', -10);
      const max = number('maximum', Number.MAX_SAFE_INTEGER);
      return fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min, max: Math.min(max, min + ID_MAX) }) },
        { weight: 1, arbitrary: fc.maxSafeInteger().map((n) => clamp(n, min, max)) },
      );
    }
    case 'number':
      return fc.double({ min: number('minimum', 0), max: number('maximum', 1e6), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const item = valueOf((schema['items'] ?? {}) as Json, who, name);
      const minLength = number('minItems', 0);
      return fc.array(item, { minLength, maxLength: Math.min(number('maxItems', 4), 4) });
    }
    case 'object':
      return fieldsOf(schema, who);
    default:
      return textOf(schema);
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(Math.abs(value), min), max);
}

function fieldsOf(schema: Json, who: Somebody): fc.Arbitrary<Tree> {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Json>);
  const required = new Set((schema['required'] ?? []) as string[]);
  const fields = properties.map(([name, property]) => {
    const value = valueOf(property, who, name).map((tree): [string, Tree][] => [[name, tree]]);
    return required.has(name) ? value : fc.oneof(value, fc.constant([]));
  });
  return fc.tuple(...fields).map((pairs) => new Map(pairs.flat()));
}

function textOf(schema: Json): fc.Arbitrary<string> {
  if (schema['format'] === 'date-time') {
    const [min, max] = [new Date('2026-11-01T00:00:00Z'), new Date('2999-01-01T00:00:00Z')];
    return fc.date({ min, max, noInvalidDate: true }).map((date) => date.toISOString());
  }
  if (schema['format'] === 'date') {
    return fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(-24, -14));
  }
  if (schema['format'] === 'uuid') return fc.uuid();
  if (typeof schema['pattern'] === 'string')
    return fc.stringMatching(new RegExp(schema['pattern']));
  const length = { minLength: Number(schema['minLength'] ?? 0), maxLength: 30 };
  return fc.oneof(fc.string(length), fc.string({ ...length, unit: 'grapheme' }));
}
