// @ts-check
// Charts as SVG made here, rendered to PNG: no browser, no canvas, no network.
import { benchPackage } from './packages.mjs';

const WIDTH = 960;
const HEIGHT = 480;
const PLOT = { left: 80, top: 70, right: 940, bottom: 400 };
const COLOURS = ['#1f5fbf', '#d9822b', '#8c8c8c', '#2e8b57', '#a23b72', '#6b4fbb', '#c0392b'];
const TICKS = 5;
const PNG_SCALE = 1.5;

/**
 * @typedef {object} Bars
 * @property {'bars'} kind
 * @property {string} title
 * @property {string} unit
 * @property {string[]} groups
 * @property {{ label: string, values: number[] }[]} series one value per group
 *
 * @typedef {object} Lines
 * @property {'lines'} kind
 * @property {string} title
 * @property {string} unit of the values
 * @property {string} across what the horizontal axis counts
 * @property {{ label: string, points: [number, number][] }[]} series
 *
 * @typedef {Bars | Lines} Chart
 */

/** @param {Chart} chart */
export function pngOf(chart) {
  const { Resvg } = benchPackage('@resvg/resvg-js');
  const options = { fitTo: { mode: 'zoom', value: PNG_SCALE }, background: 'white' };
  return new Resvg(svgOf(chart), options).render().asPng();
}

/** @param {Chart} chart */
export function svgOf(chart) {
  const values = chart.series.flatMap((one) =>
    'values' in one ? one.values : one.points.map(([, value]) => value),
  );
  const top = niceCeiling(Math.max(1, ...values));
  const y = (/** @type {number} */ value) => PLOT.bottom - (value / top) * (PLOT.bottom - PLOT.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"`,
    ` font-family="DejaVu Sans, Arial, sans-serif" font-size="13">`,
    text(PLOT.left, 32, chart.title, 'font-size="18" font-weight="bold"'),
    text(PLOT.left, 54, chart.unit, 'fill="#555"'),
    ...Array.from({ length: TICKS + 1 }, (_, tick) => gridLine((top / TICKS) * tick, y)),
    ...(chart.kind === 'bars' ? bars(chart, y) : lines(chart, y)),
    ...chart.series.map(({ label }, index) => legend(label, index, chart.series.length)),
    '</svg>',
  ].join('');
}

/**
 * @param {Bars} chart
 * @param {(value: number) => number} y
 */
function bars({ groups, series }, y) {
  const groupWidth = (PLOT.right - PLOT.left) / groups.length;
  const barWidth = (groupWidth * 0.8) / series.length;
  return groups.flatMap((group, at) => {
    const left = PLOT.left + groupWidth * (at + 0.1);
    const label = text(left + groupWidth * 0.4, PLOT.bottom + 20, group, 'text-anchor="middle"');
    const drawn = series.map(({ values }, index) => {
      const value = values[at] ?? 0;
      const x = left + barWidth * index;
      const box = `x="${x}" y="${y(value)}" width="${barWidth * 0.92}"`;
      const bar = `<rect ${box} height="${PLOT.bottom - y(value)}" fill="${colour(index)}"/>`;
      const number = text(x + barWidth / 2, y(value) - 4, short(value), SMALL);
      return bar + number;
    });
    return [...drawn, label];
  });
}

/**
 * @param {Lines} chart
 * @param {(value: number) => number} y
 */
function lines({ series, across }, y) {
  const xs = series.flatMap(({ points }) => points.map(([at]) => at));
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const width = PLOT.right - PLOT.left;
  const x = (/** @type {number} */ at) =>
    PLOT.left + (last === first ? 0 : ((at - first) / (last - first)) * width);
  const marks = Array.from({ length: TICKS + 1 }, (_, tick) => {
    const at = first + ((last - first) / TICKS) * tick;
    return text(x(at), PLOT.bottom + 20, short(at), 'text-anchor="middle"');
  });
  const middle = (PLOT.left + PLOT.right) / 2;
  const drawn = series.map(({ points }, index) => {
    const path = points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour(index)}" stroke-width="2"/>`;
  });
  return [...marks, text(middle, PLOT.bottom + 42, across, 'text-anchor="middle"'), ...drawn];
}

const SMALL = 'text-anchor="middle" font-size="10" fill="#333"';

/**
 * @param {number} value
 * @param {(value: number) => number} y
 */
function gridLine(value, y) {
  const at = y(value);
  const line = `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}" stroke="#ddd"/>`;
  return line + text(PLOT.left - 8, at + 4, short(value), 'text-anchor="end" fill="#555"');
}

/**
 * @param {string} label
 * @param {number} index
 * @param {number} count
 */
function legend(label, index, count) {
  const x = PLOT.left + ((PLOT.right - PLOT.left) / count) * index;
  const y = HEIGHT - 22;
  const box = `<rect x="${x}" y="${y - 11}" width="12" height="12" fill="${colour(index)}"/>`;
  return box + text(x + 18, y, label, '');
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {string} attributes
 */
function text(x, y, content, attributes) {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}

/** @param {number} index */
function colour(index) {
  return COLOURS[index % COLOURS.length] ?? 'black';
}

/** @param {number} value */
function short(value) {
  const digits = value > 0 && value < 10 ? 1 : 0;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

/**
 * The next number above that divides well.
 * @param {number} value
 */
function niceCeiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const nice = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((one) => one * power >= value) ?? 10;
  return nice * power;
}
