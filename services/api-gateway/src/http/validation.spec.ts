import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { booleanText, idText, instant, pageQuery } from './inputs.js';
import { ProblemError } from './problem.js';
import { validate, type RawInput } from './validation.js';

const CHANGE = endpoint({
  method: 'POST',
  path: '/v1/things/:thingId',
  tag: 'things',
  summary: 'For this test.',
  access: 'identified',
  params: z.strictObject({ thingId: idText }),
  query: z.strictObject({ ...pageQuery, all: booleanText.optional() }),
  body: z.strictObject({ at: instant, tags: z.array(z.string()).default([]) }),
  answers: [],
  refusals: [],
});
const BODILESS = endpoint({
  method: 'DELETE',
  path: '/v1/things',
  tag: 'things',
  summary: 'For this test.',
  access: 'identified',
  answers: [],
  refusals: [],
});

const good: RawInput = {
  params: { thingId: '5' },
  query: { limit: '7', all: 'false' },
  headers: {},
  body: { at: '2030-01-01T00:00:00Z' },
};

/** Where something is wrong, as `in at`. */
function faultsOf(changes: Partial<RawInput>, which: Parameters<typeof validate>[0] = CHANGE) {
  try {
    validate(which, { ...good, ...changes });
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const errors = error.problem.members?.['errors'] as { in: string; at: string }[];
    return errors.map((fault) => `${fault.in} ${fault.at}`.trim());
  }
  return [];
}

describe('validation', () => {
  it('turns text into what it means and fills in what was left out', () => {
    expect(validate(CHANGE, good)).toEqual({
      params: { thingId: 5 },
      query: { limit: 7, all: false },
      body: { at: '2030-01-01T00:00:00Z', tags: [] },
    });
  });

  it('reports everything at once', () => {
    const wrong = { params: { thingId: 'x' }, query: { limit: '0', x: '1' }, body: { at: 1 } };
    expect(faultsOf(wrong).sort()).toEqual(['body /at', 'path thingId', 'query limit', 'query x']);
  });

  it.each(['0', '-1', '+1', '01', '1.0', '1e3', ' 1', '', '9007199254740993', '99999999999999999'])(
    'does not take %j for an id',
    (thingId) => expect(faultsOf({ params: { thingId } })).toEqual(['path thingId']),
  );

  it('takes a repeated parameter for a mistake', () => {
    expect(faultsOf({ query: { limit: ['1', '2'] } })).toEqual(['query limit']);
  });

  it('refuses names that reach into prototypes', () => {
    const query: unknown = JSON.parse('{"__proto__":"1","constructor":"1"}');
    expect(faultsOf({ query: query as RawInput['query'] })).toEqual([
      'query __proto__',
      'query constructor',
    ]);
  });

  it('refuses times no calendar or database agrees on', () => {
    for (const at of ['0000-01-01T00:00:00Z', '3000-01-01T00:00:00Z', '2030-02-30T00:00:00Z']) {
      expect(faultsOf({ body: { at } })).toEqual(['body /at']);
    }
  });

  it('wants a body where one is described', () => {
    expect(faultsOf({ body: undefined })).toEqual(['body']);
  });

  it('wants nothing, or nothing in it, where none is described', () => {
    expect(faultsOf({ params: {}, query: {}, body: undefined }, BODILESS)).toEqual([]);
    expect(faultsOf({ params: {}, query: {}, body: {} }, BODILESS)).toEqual([]);
    expect(faultsOf({ params: {}, query: {}, body: { a: 1 } }, BODILESS)).toEqual(['body /a']);
    expect(faultsOf({ params: {}, query: {}, body: [] }, BODILESS)).toEqual(['body']);
  });
});

describe('a GET whose document shows a body', () => {
  const READ = endpoint({
    method: 'GET',
    path: '/things',
    dialects: ['user-token'],
    tag: 'user-token',
    summary: 'For this test.',
    access: 'identified',
    queryInBody: true,
    query: z.strictObject({ thingId: idText, name: z.string().optional() }),
    answers: [],
    refusals: [],
  });
  const read = (query: Record<string, unknown>, body?: unknown) =>
    validate(READ, { params: {}, query, headers: {}, body }).query;

  it('takes its fields from the query, from the body, or from both', () => {
    expect(read({ thingId: '5' })).toEqual({ thingId: 5 });
    expect(read({}, { thingId: 5 })).toEqual({ thingId: 5 });
    expect(read({}, { thingId: '5', name: 'x' })).toEqual({ thingId: 5, name: 'x' });
    expect(read({ thingId: '5' }, { thingId: 5, name: 'x' })).toEqual({ thingId: 5, name: 'x' });
  });

  it.each([
    [{}, undefined],
    [{}, {}],
    [{}, []],
    [{}, 5],
    [{ thingId: '5' }, { thingId: 6 }],
    [{}, { thingId: null }],
    [{}, { thingId: [5] }],
    [{}, { thingId: 1.5 }],
    [{}, { thingId: 5, other: 1 }],
  ])('is refused with %j and %j', (query, body) => {
    expect(() => read(query, body)).toThrow(ProblemError);
  });
});

describe('headers', () => {
  const named = endpoint({
    method: 'POST',
    path: '/things',
    tag: 'things',
    summary: 'For this test.',
    access: 'anyone',
    headers: z.object({ 'user-id': idText }),
    answers: [],
    refusals: [],
  });
  const check = (headers: Record<string, unknown>) =>
    validate(named, { params: {}, query: {}, headers, body: undefined }).headers;

  it('are input where they are described, and no others are', () => {
    expect(check({ 'user-id': '7', accept: '*/*' })).toEqual({ 'user-id': 7 });
    for (const wrong of [{}, { 'user-id': 'x' }, { 'user-id': ['7', '8'] }]) {
      expect(() => check(wrong)).toThrow('header user-id');
    }
  });
});
