import { describe, expect, it } from '@jest/globals';
import { chosenTests, lastLine, sumOf } from './test-results.mjs';

describe('choosing tests', () => {
  it('runs everything without arguments, the whole system alone and one file at a time', () => {
    expect(chosenTests([])).toEqual({
      runs: [
        { projects: ['unit', 'int'], patterns: [], flags: [] },
        { projects: ['e2e'], patterns: [], flags: ['--runInBand'] },
      ],
      needServers: true,
    });
  });

  it('takes kinds, parts of paths and flags apart', () => {
    expect(chosenTests(['unit', 'wallet', '--verbose'])).toEqual({
      runs: [{ projects: ['unit'], patterns: ['wallet'], flags: ['--verbose'] }],
      needServers: false,
    });
  });
});

describe('the last line', () => {
  it('adds all runs up', () => {
    const sum = sumOf([
      { numPassedTests: 10, numFailedTests: 1, numRuntimeErrorTestSuites: 0 },
      { numPassedTests: 5, numFailedTests: 0, numRuntimeErrorTestSuites: 0 },
    ]);
    expect(lastLine(sum)).toBe('15 passed, 1 failed');
  });

  it('counts a file that cannot be run as a failure', () => {
    const broken = { numPassedTests: 3, numFailedTests: 0, numRuntimeErrorTestSuites: 2 };
    expect(lastLine(sumOf([broken]))).toBe('3 passed, 2 failed');
  });
});
