// @ts-check

const KINDS = ['unit', 'int', 'e2e'];

/**
 * One run of jest: tests of the whole system run alone, because they need the machine.
 * @typedef {{ projects: string[], patterns: string[], flags: string[] }} Run
 */

/**
 * @typedef {object} JestResult
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numRuntimeErrorTestSuites files that could not be run at all
 */

/**
 * What to run: kinds (`unit`, `int`, `e2e`), parts of paths, and flags for jest.
 * @param {readonly string[]} args
 * @returns {{ runs: Run[], needServers: boolean }}
 */
export function chosenTests(args) {
  const named = KINDS.filter((kind) => args.includes(kind));
  const kinds = named.length === 0 ? KINDS : named;
  const flags = args.filter((arg) => arg.startsWith('-'));
  const patterns = args.filter((arg) => !arg.startsWith('-') && !KINDS.includes(arg));
  const together = kinds.filter((kind) => kind !== 'e2e');
  const runs = [];
  if (together.length > 0) runs.push({ projects: together, patterns, flags });
  if (kinds.includes('e2e')) {
    runs.push({ projects: ['e2e'], patterns, flags: [...flags, '--runInBand'] });
  }
  return { runs, needServers: kinds.some((kind) => kind !== 'unit') };
}

/**
 * A file that could not be run counts as one failure: its tests are missing, not passed.
 * @param {readonly JestResult[]} results
 */
export function sumOf(results) {
  return results.reduce(
    (sum, result) => ({
      passed: sum.passed + result.numPassedTests,
      failed: sum.failed + result.numFailedTests + result.numRuntimeErrorTestSuites,
    }),
    { passed: 0, failed: 0 },
  );
}

/** @param {{ passed: number, failed: number }} sum */
export function lastLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}
