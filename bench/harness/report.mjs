// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/paths.mjs';
import { pngOf } from './chart.mjs';
import { foreignShare } from './load.mjs';

/** More than what an idle machine does for itself. */
const FOREIGN_SHARE_MAX = 0.1;
const RESULTS = join(ROOT, 'bench', 'results');

/**
 * @param {number} number
 * @param {number} [digits]
 */
export function fixed(number, digits = 0) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return number.toLocaleString('en', options);
}

/**
 * @param {number | undefined} one
 * @param {number} other
 */
export function ratio(one, other) {
  return one === undefined || other === 0 ? '–' : `${fixed(one / other, 2)}×`;
}

/** @param {import('./scenario.mjs').Table} table */
export function textOf({ title, columns, rows }) {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (/** @type {string[]} */ cells) =>
    cells
      .map((cell, index) => {
        const width = Number(widths[index]);
        return index === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ');
  return [`\n${title}`, line(columns), ...rows.map(line)].join('\n');
}

/**
 * Prints what was found and writes it down: JSON for machines, a chart for people.
 * @param {string} name
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {import('./scenario.mjs').Findings} findings
 * @param {{ options: import('./scenario.mjs').Options, sources: readonly string[] }} run
 */
export function report(name, scenario, findings, run) {
  const { tables, charts, notes, measured, broken = [] } = findings;
  for (const table of tables) console.log(textOf(table));
  if (notes.length > 0) console.log(`\n${notes.join('\n')}`);
  for (const promise of broken) console.log(`BROKEN: ${promise}`);
  if (foreignShare() > FOREIGN_SHARE_MAX) {
    const percent = fixed(100 * foreignShare());
    console.log(`\nOther programs took up to ${percent} % of the processors: trust nothing above.`);
  }
  mkdirSync(RESULTS, { recursive: true });
  const machine = {
    processors: cpus().map(({ model }) => model),
    memoryBytes: totalmem(),
    node: process.version,
    servers: run.sources,
  };
  const content = {
    scenario: name,
    title: scenario.title,
    at: new Date().toISOString(),
    ...{
      machine,
      foreignShare: foreignShare(),
      options: run.options,
      measured,
      tables,
      notes,
      broken,
    },
  };
  const file = join(RESULTS, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  const images = charts.map((chart, index) => {
    const image = join(RESULTS, `${name}${index === 0 ? '' : `-${index + 1}`}.png`);
    writeFileSync(image, pngOf(chart));
    return image;
  });
  console.log(`\nWritten: ${[file, ...images].join(', ')}`);
}
