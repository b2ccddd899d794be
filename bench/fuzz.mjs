// @ts-check
// `npm run fuzz -- --requests 50000 --seed 7`: the test of the same name for as long as one likes,
// on a system and servers it starts itself, as `npm test` does. It prints its numbers, the seed
// among them, and exits 1 when an answer was not as described or anything broke.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../scripts/paths.mjs';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '50000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31 - 1)) },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (!/^\d{1,9}$|^[12]\d{9}$/.test(value)) throw new Error(`--${name} must be a whole number`);
}
console.log(`${values.requests} requests, seed ${values.seed}`);
const tests = spawn(process.execPath, [join(ROOT, 'scripts/test.mjs'), 'e2e', 'e2e/fuzz.e2e'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_REQUESTS: values.requests, FUZZ_SEED: values.seed },
});
// Ctrl-C reaches the tests too, which clean up; this process ends when they have.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => tests.kill());
tests.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
