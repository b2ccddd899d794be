import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { endpointsOf } from '../endpoint.js';
import { DIALECT_CONTROLLERS } from './controllers.js';
import { DIALECTS } from './dialect.js';

const SUITE = new URL('../../../../../e2e/conformance/', import.meta.url);
const TITLE = /describe\('(?:\d+\. )?((?:GET|POST|PUT|PATCH|DELETE) \/[^']*)'/g;

/** One spelling for a path, however a document writes its parameters and its last slash. */
function plain(endpoint: string): string {
  return endpoint.replace(/:\w+|\{\w+\}/g, '*').replace(/\/$/, '');
}

/** Every endpoint the suite of a document looks at. */
function lookedAt(dialect: string): string[] {
  const sources = readdirSync(SUITE).map((name) => readFileSync(new URL(name, SUITE), 'utf8'));
  const own = sources.filter((source) =>
    new RegExp(`^describe\\('${dialect}[',]`, 'm').test(source),
  );
  return own.flatMap((source) =>
    [...source.matchAll(TITLE)].map(([, title]) => plain(title ?? '')),
  );
}

const endpoints = endpointsOf(DIALECT_CONTROLLERS);

describe('the published documents', () => {
  it.each(DIALECTS)('%s: the suite looks at every route, and at no other', (dialect) => {
    const served = endpoints
      .filter(({ dialects }) => dialects?.includes(dialect))
      .map(({ method, path }) => plain(`${method} ${path}`));
    expect(served.length).toBeGreaterThan(0);
    expect([...new Set(lookedAt(dialect))].sort()).toEqual(served.sort());
  });

  it('have a tag, and an example wherever something is sent', () => {
    for (const { method, path, tag, dialects, body, example } of endpoints) {
      expect([path, dialects?.[0]]).toEqual([path, tag]);
      if (body !== undefined) expect([method, path, example?.body]).not.toContain(undefined);
    }
  });
});
