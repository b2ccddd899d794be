import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@encore/testing';
import type { Database } from './database.js';
import { JsonText } from './json-text.js';
import { statement } from './queryable.js';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await testDatabase({ service: 'parameter', migrations: [] });
  database = test.database;
});

afterAll(() => test.drop());

describe('a parameter', () => {
  it.each([
    [['plain', 'a "quote"', 'back\\slash', '{curly, comma}', '', null]],
    [['NULL', 'null', ' spaces ', 'line\nbreak', '티켓']],
  ])('arrives as it was given: %j', async (texts) => {
    const echo = statement('echo-texts', 'select $1::text[] as texts');
    expect(await database.query(echo, [texts])).toEqual([{ texts }]);
  });

  it('may be JSON that is written already, alone and in lists', async () => {
    const facts = { quote: '"', path: 'C:\\new', lines: 'a\r\n\tb\u0001', 티켓: ['{', '}', ','] };
    const echo = statement(
      'echo-json',
      'select $1::jsonb as one, $2::jsonb[] as objects, $3::jsonb[] as texts',
    );
    const many = [facts, null, ['x']];
    const texts = many.map((one) => (one === null ? null : JsonText.of(one)));
    expect(await database.query(echo, [JsonText.of(facts), [facts, null], texts])).toEqual([
      { one: facts, objects: [facts, null], texts: many },
    ]);
  });

  it('may be a moment, an object or nothing, alone and in lists', async () => {
    const at = new Date('2026-06-01T12:00:00.123Z');
    const facts = { quote: '"', nested: [1, null] };
    const echo = statement(
      'echo-values',
      'select $1::timestamptz as at, $2::jsonb[] as facts, $3::bigint[] as ids, $4::text as none',
    );
    const [row] = await database.query(echo, [at, [facts, null], [1, null], undefined]);
    expect(row).toEqual({ at, facts: [facts, null], ids: [1, null], none: null });
  });
});

/** Each reads the same with a type that lists are written binary for, and as text. */
describe('a list', () => {
  const echo = statement(
    'echo-lists',
    `select $1::bigint[] as bigints, $2::integer[] as integers, $3::uuid[] as uuids,
       $4::timestamptz[] as moments, $5::jsonb[] as facts`,
  );
  const uuid = 'aAbBcCdD-0123-4567-89ef-fedcba987654';

  it('arrives as it was given, whatever is in it', async () => {
    const bigints = [0, 1, -1, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, 1 - 2 ** 53, null];
    const integers = [0, -1, 2 ** 31 - 1, null, 1 - 2 ** 31];
    const moments = ['2026-06-01T12:00:00.123Z', '1999-12-31T23:59:59.999Z', '0001-01-01T00:00Z'];
    const facts = [{ text: '티켓 "x" \\ {,}' }, null, 'text', 7, [null]];
    const values = [
      ...[bigints, integers, [uuid, null]],
      ...[moments.map((text) => new Date(text)), facts.map((one) => JsonText.of(one))],
    ];
    expect(await database.query(echo, values)).toEqual([
      {
        ...{ bigints, integers, uuids: [uuid.toLowerCase(), null] },
        ...{ moments: moments.map((text) => new Date(text)), facts },
      },
    ]);
  });

  it('may be empty, or longer than a page', async () => {
    const none = { bigints: [], integers: [], uuids: [], moments: [], facts: [] };
    expect(await database.query(echo, [[], [], [], [], []])).toEqual([none]);
    const bigints = Array.from({ length: 20_000 }, (_, index) => index);
    const facts = [{ text: '😀'.repeat(50_000) }, { text: 'x' }];
    expect(await database.query(echo, [bigints, [], [], [], facts])).toEqual([
      { ...none, bigints, facts },
    ]);
  });

  it('may hold what has no binary form, and is as wrong as it was', async () => {
    const given = [['12', 4], ['5'], [`{${uuid}}`], ['2026-06-01T12:00:00Z'], ['{"a":1}']];
    expect(await database.query(echo, given)).toEqual([
      {
        ...{ bigints: [12, 4], integers: [5], uuids: [uuid.toLowerCase()] },
        ...{ moments: [new Date('2026-06-01T12:00:00Z')], facts: [{ a: 1 }] },
      },
    ]);
    const codes = [
      [[[1.5], [], [], [], []], '22P02'],
      [[[2 ** 63], [], [], [], []], '22003'],
      [[[], [2 ** 31], [], [], []], '22003'],
      [[[], [], ['x'.repeat(36)], [], []], '22P02'],
      [[[], [], [uuid.replaceAll('-', '0')], [], []], '22P02'],
      [[[], [], [`${uuid.slice(0, -1)}Ā`], [], []], '22P02'],
      [[[], [], [], [], ['{']], '22P02'],
    ] as const;
    for (const [values, code] of codes) {
      await expect(database.query(echo, values)).rejects.toMatchObject({ code });
    }
  });
});
