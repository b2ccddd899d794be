import fc from 'fast-check';

/** JSON as text, for what `JSON.stringify` would never write: `1e400`, `__proto__`, depth. */
export class RawJson {
  constructor(readonly text: string) {}
}

export type Tree = RawJson | string | number | boolean | null | readonly Tree[] | Fields;
export type Fields = ReadonlyMap<string, Tree>;

export function jsonText(tree: Tree): string {
  if (tree instanceof RawJson) return tree.text;
  if (tree instanceof Map) return objectText([...(tree as Fields)]);
  if (Array.isArray(tree)) return `[${(tree as readonly Tree[]).map(jsonText).join()}]`;
  return JSON.stringify(tree);
}

/** As pairs, because a hostile object names a field twice, or names it `__proto__`. */
function objectText(pairs: readonly (readonly [string, Tree])[]): string {
  return `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${jsonText(value)}`).join()}}`;
}

/** Text that means something to whatever takes it for more than text. */
const TEXTS: readonly string[] = [
  '',
  ' ',
  "' OR '1'='1",
  '1; DROP TABLE accounts; --',
  "1' UNION SELECT password FROM pg_shadow --",
  '$1',
  '%s%s%n',
  '../../../../etc/passwd',
  '<script>alert(1)</script>',
  '${7*7}',
  '{{constructor.constructor("return process")()}}',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  'Infinity',
  '-0',
  '1e3',
  '0x10',
  '01',
  '+1',
  '1.0',
  '１２３',
  '9007199254740993',
  '-9223372036854775809',
  '2024-02-30',
  '9999999-99-99',
  '2024-07-01T00:00:00Z',
  '00000000-0000-0000-0000-000000000000',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202e\u200b\ufeff',
  '👩‍👩‍👧‍👦',
  '한국어 콘서트',
  '\r\nSet-Cookie: a=b',
  'x'.repeat(300),
  '9'.repeat(400),
];

const NUMBERS: readonly string[] = [
  '0',
  '-0',
  '-1',
  '1.5',
  '0.1e1',
  '1e3',
  '1e400',
  '-1e400',
  '2147483648',
  '9007199254740991',
  '9007199254740993',
  '9223372036854775808',
  '9'.repeat(400),
];

const nested = fc.integer({ min: 2, max: 3_000 }).map((depth) => {
  const half = Math.min(depth, 1_500);
  return new RawJson('['.repeat(half) + ']'.repeat(half));
});
const nestedObjects = fc
  .integer({ min: 2, max: 2_000 })
  .map((depth) => new RawJson('{"a":'.repeat(depth) + '1' + '}'.repeat(depth)));

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 2, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);

/** A value where another one is expected. */
export const hostileValue: fc.Arbitrary<Tree> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 4, arbitrary: fc.constantFrom(...NUMBERS).map((text) => new RawJson(text)) },
  { weight: 2, arbitrary: fc.constantFrom<Tree>(null, true, false, [], new Map()) },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: nestedObjects },
  {
    weight: 1,
    arbitrary: fc.json({ maxDepth: 12 }).map((text) => new RawJson(text)),
  },
  { weight: 1, arbitrary: fc.constant(new RawJson('{"$ne":null,"length":-1,"toJSON":1}')) },
);

/** Fields nobody may give: those that reach into prototypes, and those only the server decides. */
export const hostileField: fc.Arbitrary<readonly [string, Tree]> = fc.oneof(
  fc.constantFrom<readonly [string, Tree]>(
    ['__proto__', new RawJson('{"isAdmin":true,"roles":["operator"]}')],
    ['constructor', new RawJson('{"prototype":{"roles":["operator"]}}')],
    ['prototype', new RawJson('{}')],
    ['roles', ['operator', 'organiser']],
    ['role', 'operator'],
    ['isAdmin', true],
    ['userId', 1],
    ['balanceKrw', 1_000_000_000],
    ['priceKrw', 1],
    ['amount', 1],
    ['totalKrw', 0],
    ['state', 'CONFIRMED'],
    ['expiresAt', '2999-01-01T00:00:00Z'],
    ['actor', new RawJson('{"userId":1,"roles":["operator"]}')],
    ['token', 'x'],
    ['id', 1],
  ),
  fc.tuple(hostileText, hostileValue),
);

/** Bodies that are no JSON object to begin with, as the bytes a client sends. */
export const hostileBytes: fc.Arbitrary<Buffer> = fc.oneof(
  fc
    .constantFrom(
      ...['', ' ', '{', '}', '[]', 'null', 'true', '"text"', '{"a":}', "{'a':1}", '{"a":1,}'],
      ...['NaN', '<xml/>', 'userId=1&amount=5', '{"a":1}{"b":2}', '\u0000', '{"\\u0000":1}'],
      ...['\ufeff{"userId":1}', `{"a":"${'x'.repeat(20_000)}"}`],
    )
    .map((text) => Buffer.from(text)),
  // Not UTF-8, though it says so.
  fc.constantFrom(Buffer.from('{"name":"\xff\xfe"}', 'latin1'), Buffer.from('{"a":1}', 'utf16le')),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  fc.oneof(nested, nestedObjects).map(({ text }) => Buffer.from(text)),
);

export const oddContentType: fc.Arbitrary<string> = fc.constantFrom(
  ...['', 'text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'json', '*/*'],
  ...['multipart/form-data; boundary=x', 'application/json; charset=utf-16', 'APPLICATION/JSON'],
  ...['application/json; charset=latin1', 'application/json;charset=utf-8', 'application/json, a'],
  ...['application/json; charset="utf-8"', 'application/merge-patch+json', 'text/plain; a=b'],
);

/** Headers that proxies, parsers and frameworks might believe. */
export const oddHeader: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.constantFrom<readonly [string, string]>(
    ['x-user-id', '1'],
    ['x-encore-roles', 'operator'],
    ['x-forwarded-user', '1'],
    ['remote-user', '1'],
    ['user-id', '1'],
    ['user-id', '2, 3'],
    ['token', 'x'],
    ['x-http-method-override', 'DELETE'],
    ['x-forwarded-for', '127.0.0.1, 10.0.0.1'],
    ['x-forwarded-host', 'evil.example'],
    ['x-original-url', '/v1/ops/queues'],
    ['forwarded', 'for="[::1]:80";proto=https'],
    ['content-encoding', 'gzip'],
    ['content-encoding', 'br, x'],
    ['accept', 'application/xml'],
    ['accept-encoding', 'zstd;q=1.0, *;q=0'],
    ['accept-language', '*'],
    ['accept-charset', 'utf-7'],
    ['if-none-match', '*'],
    ['if-none-match', 'W/"x", ,,"'],
    ['if-modified-since', 'never'],
    ['range', 'bytes=0-1'],
    ['cookie', 'a=b; __proto__=1; a=\xff'],
    ['origin', 'null'],
    ['request-id', 'a b'],
    ['request-id', 'x'.repeat(500)],
    ['traceparent', '00-0-0-0'],
    ['prefer', 'respond-async'],
    ['expect', '100-continue'],
    ['expect', 'the unexpected'],
    ['upgrade', 'h2c'],
    ['te', 'trailers'],
    ['__proto__', 'x'],
    ['constructor', 'x'],
    ['x-long', 'x'.repeat(20_000)],
  ),
  fc.tuple(
    fc.stringMatching(/^[a-z][a-z-]{0,20}[a-z]$/).map((name) => `x-${name}`),
    hostileText.map(headerText),
  ),
);

/** What a header can hold at all: the rest no client of ours could even send. */
export function headerText(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?');
}
