import type { System } from '../../scripts/system.mjs';

/** The sum over all labels of one counter, as the process that lives now has counted it. */
export async function counterOf(system: System, name: string, counter: string): Promise<number> {
  const url = system.services[name]?.metrics;
  if (url === undefined) throw new Error(`${name} has no metrics`);
  const text = await (await fetch(url)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${counter}{`) || line.startsWith(`${counter} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
