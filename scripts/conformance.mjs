// @ts-check
// What the conformance suite found about the published documents, as one table: its rows are the
// suite's own titles, `describe('<document>')` and in it `describe('<number>. <METHOD> <path>')`.

/** In the order of their files; a document may have several spec files. */
export const DOCUMENTS = ['booking', 'booking-draft', 'user-token', 'waiting-queue', 'queue-token'];

/** @typedef {{ document: string, number: number, endpoint: string }} Place */
/** @typedef {Place & { promises: number, checks: number, holds: boolean }} Row */
/**
 * @typedef {object} JestTest
 * @property {string[]} ancestorTitles
 * @property {string} status
 * @property {number} [numPassingAsserts]
 */
/** @typedef {{ testResults: { assertionResults: JestTest[] }[] }} JestRun */

const ENDPOINT = /^(?:(\d+)\. )?((?:GET|POST|PUT|PATCH|DELETE) \/\S*)$/;

/**
 * `booking, about money` is part of `booking`.
 * @param {string} title
 */
function documentOf(title) {
  return DOCUMENTS.find((name) => title === name || title.startsWith(`${name}, `));
}

/**
 * The place a title stands for; `number` is that of the document's heading, 0 where it has none.
 * @param {string | undefined} document
 * @param {string} title
 * @returns {Place | undefined}
 */
function placeOf(document, title) {
  const [, number = '0', endpoint] = ENDPOINT.exec(title) ?? [];
  if (document === undefined || endpoint === undefined) return undefined;
  return { document, number: Number(number), endpoint };
}

/**
 * The rows a run of the suite makes, in the order of documents and of their endpoints.
 * @param {JestRun} run
 * @returns {Row[]}
 */
export function rowsOf(run) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  for (const { assertionResults } of run.testResults) {
    for (const { ancestorTitles, status, numPassingAsserts = 0 } of assertionResults) {
      const [document = '', title = ''] = ancestorTitles;
      const place = placeOf(documentOf(document), title);
      if (place === undefined) continue;
      const key = `${place.document} ${place.endpoint}`;
      const row = rows.get(key) ?? { ...place, promises: 0, checks: 0, holds: true };
      row.promises += 1;
      row.checks += numPassingAsserts;
      row.holds = row.holds && status === 'passed';
      rows.set(key, row);
    }
  }
  return sorted([...rows.values()]);
}

/**
 * The places the sources of spec files promise to look at.
 * @param {readonly string[]} sources
 * @returns {Place[]}
 */
export function placesIn(sources) {
  const places = sources.flatMap((source) => {
    const titles = [...source.matchAll(/^ *describe\('([^']+)'/gm)].map(([, title = '']) => title);
    const document = documentOf(titles[0] ?? '');
    return titles.flatMap((title) => placeOf(document, title) ?? []);
  });
  return sorted(places);
}

/**
 * @template {Place} Sorted
 * @param {Sorted[]} places
 * @returns {Sorted[]}
 */
function sorted(places) {
  return places.sort(
    (left, right) =>
      DOCUMENTS.indexOf(left.document) - DOCUMENTS.indexOf(right.document) ||
      left.number - right.number,
  );
}

const BEGIN =
  '<!-- conformance: written by CONFORMANCE_TABLE=write npm test -- e2e conformance -->';
const END = '<!-- /conformance -->';

/**
 * @param {string} readme
 * @param {readonly Row[]} rows
 */
export function withTable(readme, rows) {
  const { before, after } = around(readme);
  const checks = rows.reduce((sum, row) => sum + row.checks, 0);
  const holding = rows.filter(({ holds }) => holds).length;
  const lines = rows.map(
    ({ document, endpoint, promises, checks: own, holds }) =>
      `| ${document} | \`${endpoint}\` | ${promises} | ${own} | ${holds ? 'yes' : 'NO'} |`,
  );
  const summary = `${holding} of ${rows.length} endpoints hold, by ${checks} checks.`;
  const table = [
    '| document | endpoint | promises | checks | holds |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ];
  return `${before}${BEGIN}\n\n${summary}\n\n${table.join('\n')}\n\n${END}${after}`;
}

/**
 * The places a README's table shows.
 * @param {string} readme
 * @returns {(Omit<Place, 'number'> & { holds: boolean })[]}
 */
export function placesShown(readme) {
  const rows = [...around(readme).table.matchAll(/^\| ([\w-]+) +\| `([^`]+)` .*\| (\w+) +\|$/gm)];
  return rows.map(([, document = '', endpoint = '', holds]) => ({
    document,
    endpoint,
    holds: holds === 'yes',
  }));
}

/** @param {string} readme */
function around(readme) {
  const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (from < 0 || to < from) throw new Error('The README has no place for the conformance table.');
  return {
    before: readme.slice(0, from),
    table: readme.slice(from, to),
    after: readme.slice(to + END.length),
  };
}
