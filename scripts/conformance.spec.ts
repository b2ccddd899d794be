import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DOCUMENTS, placesIn, placesShown, rowsOf, withTable } from './conformance.mjs';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

function test(document: string, endpoint: string, status = 'passed', numPassingAsserts = 1) {
  return { ancestorTitles: [document, endpoint], status, numPassingAsserts };
}

function row(endpoint: string, promises: number, checks: number, holds: boolean) {
  return { endpoint, promises, checks, holds };
}

describe('the conformance table', () => {
  const run = {
    testResults: [
      { assertionResults: [test('queue-token', '1. GET /a', 'passed', 3), test('x', '1. GET /a')] },
      {
        assertionResults: [
          test('booking, about money', '2. POST /b/:id'),
          test('booking', '2. POST /b/:id', 'failed', 5),
          test('booking', 'something else'),
          test('booking', '1. GET /a'),
        ],
      },
    ],
  };

  it('has a row for each endpoint, which holds when all its promises do', () => {
    expect(rowsOf(run)).toEqual([
      { document: 'booking', number: 1, ...row('GET /a', 1, 1, true) },
      { document: 'booking', number: 2, ...row('POST /b/:id', 2, 6, false) },
      { document: 'queue-token', number: 1, ...row('GET /a', 1, 3, true) },
    ]);
  });

  it('is read as it was written', () => {
    const written = withTable(readme, rowsOf(run));
    expect(placesShown(written)).toEqual([
      { document: 'booking', endpoint: 'GET /a', holds: true },
      { document: 'booking', endpoint: 'POST /b/:id', holds: false },
      { document: 'queue-token', endpoint: 'GET /a', holds: true },
    ]);
    expect(written).toContain('2 of 3 endpoints hold, by 10 checks.');
    expect(withTable(written, rowsOf(run))).toBe(written);
  });

  it('in the README shows exactly what the suite looks at, and every row holds', () => {
    const directory = join(root, 'e2e', 'conformance');
    const specs = readdirSync(directory).filter((name) => name.endsWith('.e2e-spec.ts'));
    const places = placesIn(specs.map((name) => readFileSync(join(directory, name), 'utf8')));
    const name = ({ document, endpoint }: { document: string; endpoint: string }) =>
      `${document} ${endpoint}`;
    const shown = placesShown(readme);
    expect(shown.map(name).sort()).toEqual(places.map(name).sort());
    expect(new Set(shown.map(({ document }) => document))).toEqual(new Set(DOCUMENTS));
    expect(shown.filter(({ holds }) => !holds)).toEqual([]);
  });
});
