import { join } from 'node:path';
import { PRIVATE, privateDirectory } from '../../scripts/paths.mjs';

/** Where one test keeps logs and secrets; `npm test` names a place and removes it afterwards. */
export function testDirectory(name: string): string {
  const directory = join(process.env['ENCORE_TEST_DIRECTORY'] ?? join(PRIVATE, 'e2e'), name);
  privateDirectory(directory);
  return directory;
}
