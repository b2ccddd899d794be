import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROCESSES } from '../scripts/system.mjs';
import { descriptionOf } from './support/description.js';
import { fuzz } from './support/fuzz-run.js';
import { bootWholeSystem, type WholeSystem } from './support/whole-system.js';

/** `npm run fuzz` asks for more, or for the seed of an earlier run. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 1_500);
const SEED = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31 - 1));
const LIMIT_MS = 300_000 + REQUESTS * 100;

describe('Requests made of the API’s own description, right and wrong', () => {
  let whole: WholeSystem;

  beforeAll(async () => {
    whole = await bootWholeSystem();
  });
  afterAll(async () => {
    await whole.end();
  });

  it(
    'are all answered as described, and break nothing',
    async () => {
      const { system, books } = whole;
      const pids = () => PROCESSES.map((name) => system.services[name]?.pid);
      const before = pids();
      const report = await fuzz(whole.gateway, { requests: REQUESTS, seed: SEED });
      console.log(JSON.stringify({ ...report, faults: report.faults.length }, null, 2));
      expect(report.faults).toEqual([]);
      expect(pids()).toEqual(before);
      expect(PROCESSES.flatMap((name) => system.exitsOf(name))).toEqual([]);
      expect(await books.violations()).toEqual([]);
    },
    LIMIT_MS,
  );

  it('are judged by a judge who sees faults', async () => {
    const description = await descriptionOf(whole.gateway);
    const answer = await fetch(`${whole.gateway}/v1/concerts/1`);
    const seen = {
      method: 'GET',
      path: '/v1/concerts/1',
      status: answer.status,
      contentType: answer.headers.get('content-type') ?? undefined,
      text: await answer.text(),
    };
    const concert = JSON.parse(seen.text) as object;
    const textOf = (changes: object) => JSON.stringify({ ...concert, ...changes });
    expect(description.faultOf(seen)).toBeUndefined();
    expect(description.faultOf({ ...seen, status: 418 })).toMatch('not described');
    expect(description.faultOf({ ...seen, contentType: 'text/html' })).toMatch('text/html');
    expect(description.faultOf({ ...seen, text: textOf({ concertId: 'one' }) })).toMatch('integer');
    expect(description.faultOf({ ...seen, text: textOf({ secret: 1 }) })).toMatch('additional');
    expect(description.faultOf({ ...seen, text: '{' })).toMatch('not JSON');
    expect(description.faultOf({ ...seen, path: '/v1/nothing' })).toMatch('nothing is served');
  });
});
