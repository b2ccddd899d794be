import { describe, expect, it } from '@jest/globals';
import { screenJson } from './json-screen.js';

const LIMIT = 4;

describe('the screen for bodies', () => {
  it.each([
    'text',
    1,
    null,
    true,
    {},
    [],
    { a: { b: { c: 1 } } },
    [[[['deep enough']]]],
    '한국어 😀',
  ])('has nothing against %j', (value) => expect(screenJson(value, LIMIT)).toBeUndefined());

  it('finds nesting beyond the limit without walking further', () => {
    let nested: unknown = 1;
    for (let depth = 0; depth < 8_000; depth += 1) nested = [nested];
    expect(screenJson(nested, LIMIT)?.message).toContain('deeper than 4');
  });

  it.each([
    ['{"__proto__":1}', '/__proto__'],
    ['{"a":[{"constructor":1}]}', '/a/0/constructor'],
    ['{"prototype":1}', '/prototype'],
    ['{"a/b":"\\u0000"}', '/a~1b'],
    ['{"a":"\\udfff"}', '/a'],
    ['{"a":{"\\u0000":1}}', '/a'],
  ])('says where in %s something is wrong', (json, at) => {
    expect(screenJson(JSON.parse(json), LIMIT)).toMatchObject({ in: 'body', at });
  });
});
