import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { directoriesWith, inPath, majorOf } from './candidates.mjs';

let root: string;

/** A directory that holds programs of these names. */
function place(directory: string, ...programs: string[]): string {
  const path = join(root, directory);
  mkdirSync(path, { recursive: true });
  for (const program of programs) {
    writeFileSync(join(path, program), '');
    chmodSync(join(path, program), 0o755);
  }
  return path;
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'encore-candidates-'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('looking for installed servers', () => {
  const programs = ['postgres', 'initdb'];

  it('takes the newest version first, by number and not by letter', () => {
    const old = place('lib/9/bin', ...programs);
    const newest = place('lib/17/bin', ...programs);
    const middle = place('lib/15/bin', ...programs);
    const found = directoriesWith({ patterns: [join(root, 'lib/*/bin')], path: '', programs });
    expect(found).toEqual([newest, middle, old]);
  });

  it('asks PATH only after the usual places, and names a directory once', () => {
    const usual = place('usual/1/bin', ...programs);
    const elsewhere = place('elsewhere', ...programs);
    const found = directoriesWith({
      patterns: [join(root, 'usual/*/bin')],
      path: [elsewhere, usual, ''].join(':'),
      programs,
    });
    expect(found).toEqual([usual, elsewhere]);
  });

  it('leaves out a directory where one of the programs is missing or cannot be run', () => {
    place('half', 'postgres');
    const closed = place('closed', ...programs);
    chmodSync(join(closed, 'initdb'), 0o644);
    const path = [join(root, 'half'), closed, join(root, 'nowhere')].join(':');
    expect(directoriesWith({ patterns: [], path, programs })).toEqual([]);
  });

  it('finds nothing where there is nothing', () => {
    const patterns = [join(root, 'missing/*/bin'), join(root, 'missing')];
    expect(directoriesWith({ patterns, path: '', programs })).toEqual([]);
  });

  it('says where in PATH a program is', () => {
    const directory = place('tools', 'epmd');
    expect(inPath('epmd', `${join(root, 'nowhere')}:${directory}`)).toBe(join(directory, 'epmd'));
    expect(inPath('erl', directory)).toBeUndefined();
  });

  it.each([
    ['postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)', 15],
    ['postgres (PostgreSQL) 18.4', 18],
    ['postgres (PostgreSQL) 19devel', 19],
    ['bash: postgres: command not found', undefined],
  ])('reads the major version of "%s"', (output, major) => {
    expect(majorOf(output)).toBe(major);
  });
});
