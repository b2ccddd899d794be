// @ts-check
// What a scenario is: a module in ../scenarios with a `title` and a `run`.

/**
 * @typedef {object} Options
 * @property {number} rounds
 * @property {number} seconds of each measured interval
 * @property {number} warmupSeconds before it
 * @property {readonly number[]} concurrency
 * @property {readonly string[] | undefined} only names of contestants
 * @property {number} minutes of `memory`
 * @property {readonly number[]} sizes of `growth`
 * @property {number} times the sustainable rate, of `overload`
 *
 * @typedef {object} Bench what a scenario is given
 * @property {Options} options
 * @property {string} postgresUrl
 * @property {string} amqpUrl
 * @property {string} directory
 * @property {Record<string, number>} processes PostgreSQL's and the broker's pids
 * @property {(text: string) => void} say
 * @property {(started: Started) => void} started what was started, before anything else is done
 * @property {(started: Started) => Promise<void>} stop
 *
 * @typedef {object} Started
 * @property {() => Promise<void>} stop
 * @property {import('../../scripts/system.mjs').System} [system]
 *
 * @typedef {{ title: string, columns: string[], rows: string[][] }} Table
 *
 * @typedef {object} Findings what a scenario found
 * @property {Table[]} tables
 * @property {import('./chart.mjs').Chart[]} charts
 * @property {unknown} measured everything, for machines
 * @property {string[]} notes
 * @property {string[]} [broken] promises that were not kept: the run ends with 1
 *
 * @typedef {{ title: string, run: (bench: Bench) => Promise<Findings> }} Scenario
 */

/** @type {Record<string, () => Promise<Scenario>>} */
export const SCENARIOS = {
  payment: () => import('../scenarios/payment.mjs'),
  hold: () => import('../scenarios/hold.mjs'),
  journey: () => import('../scenarios/journey.mjs'),
  seats: () => import('../scenarios/seats.mjs'),
  position: () => import('../scenarios/position.mjs'),
  charge: () => import('../scenarios/charge.mjs'),
  overload: () => import('../scenarios/overload.mjs'),
  growth: () => import('../scenarios/growth.mjs'),
  memory: () => import('../scenarios/memory.mjs'),
};
