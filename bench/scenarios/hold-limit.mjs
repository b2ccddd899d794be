// @ts-check
// pgbench with the statements a hold runs in the reservation service, one hold a transaction. The
// texts are read from the built service and library, so that they are the ones that run there; only
// their order and values are written here.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directoriesWith, POSTGRES_HOMES } from '../../scripts/backing/candidates.mjs';
import { ROOT } from '../../scripts/paths.mjs';
import { fixed } from '../harness/report.mjs';

const SOURCES = [
  'services/reservation/dist/persistence/holds.repository.js',
  'services/reservation/dist/persistence/schedules.repository.js',
  'libs/messaging/dist/inbox.js',
  'libs/messaging/dist/outbox.js',
];
const CLIENTS = 16;
const THREADS = 2;
/** Every session says the same when something is wrong. */
const SAID_MAX_CHARS = 1_000;
const HELD_BEFORE = `SELECT count(*) AS value FROM reservations WHERE state = 'HELD'`;

const SCHEDULE = 'ARRAY[:schedule]';
const SEAT = 'ARRAY[:seat]';
const USER = 'ARRAY[:user]';
const MESSAGE = `ARRAY[lpad(to_hex(:message::bigint), 32, '0')::uuid]`;
/** As long as the real ones. */
const TEXT = `ARRAY[repeat('x', 36)]`;
const REPLY = `ARRAY['{ "ok": false, "refusal": "RESERVATION_SEAT_TAKEN" }']`;
const ANNOUNCED = `ARRAY[json_build_object('scheduleId', :schedule::bigint, 'seat', repeat('x', 120))]`;

/** The statements of one hold by name, with what stands for their parameters. */
const BEGIN_AND_DECIDE = [
  ['reservation-lock-schedules', SCHEDULE],
  ['reservation-expire-lapsed-holds', SCHEDULE],
  ['reservation-load-numbered-seats', SCHEDULE, SEAT],
  ['reservation-load-holders', SCHEDULE, USER],
];
const HOLD = [
  ['reservation-insert-reservations', ...[USER, SCHEDULE, 'now()', `now() + interval '5 minutes'`]],
  ['reservation-insert-reservation-seats', 'ARRAY[:reservation_id]', SCHEDULE, SEAT],
  ['reservation-next-versions', SCHEDULE, 'ARRAY[1]'],
  ['outbox-insert', MESSAGE, `'seats-changed'`, ANNOUNCED, `'{}'`],
];
const ANSWER = [['inbox-record', MESSAGE, TEXT, TEXT, TEXT, TEXT, 'ARRAY[NULL]', USER, REPLY]];
const AFTERWARDS = [['outbox-delete', MESSAGE]];
/** Whose one row decides how it goes on. */
const KEPT = new Set(['reservation-load-numbered-seats', 'reservation-insert-reservations']);

/** How many holds the database alone could take. */
export class HoldLimit {
  /** @type {number[]} one for each turn */
  perSecond = [];

  /**
   * @param {import('../contestants/encore-databases.mjs').Databases} databases
   * @param {{ people: number, say: (text: string) => void }} options
   */
  static on(databases, options) {
    const [bin] = directoriesWith({
      patterns: POSTGRES_HOMES,
      path: process.env['PATH'] ?? '',
      programs: ['pgbench'],
    });
    return new HoldLimit(databases, bin === undefined ? undefined : join(bin, 'pgbench'), options);
  }

  /**
   * @param {import('../contestants/encore-databases.mjs').Databases} databases
   * @param {string | undefined} program
   * @param {{ people: number, say: (text: string) => void }} options
   */
  constructor(databases, program, options) {
    this.databases = databases;
    this.program = program;
    this.options = options;
  }

  get note() {
    return this.program === undefined
      ? 'pgbench is not installed (Debian: postgresql-contrib): no limit was measured.'
      : `pgbench: ${CLIENTS} sessions, prepared statements, one hold a transaction.`;
  }

  /**
   * @param {number} firstSchedule from which on they are free
   * @param {number} seconds
   * @returns {Promise<number>} how many seats it held
   */
  async measure(firstSchedule, seconds) {
    if (this.program === undefined) return 0;
    const before = await this.databases.number('reservation', HELD_BEFORE);
    const directory = mkdtempSync(join(tmpdir(), 'encore-bench-'));
    try {
      const script = join(directory, 'hold.sql');
      writeFileSync(script, scriptOf(firstSchedule, this.options.people));
      const said = await run(this.program, [
        ...['--no-vacuum', '--protocol=prepared', `--client=${CLIENTS}`, `--jobs=${THREADS}`],
        ...[`--time=${Math.ceil(seconds)}`, '--define=n=0', `--file=${script}`],
        this.databases.urlOf('reservation'),
      ]);
      const perSecond = Number(/^tps = ([\d.]+)/m.exec(said)?.[1]);
      this.perSecond.push(perSecond);
      this.options.say(`  pgbench: ${fixed(perSecond)}/s`);
    } finally {
      rmSync(directory, { recursive: true });
    }
    return (await this.databases.number('reservation', HELD_BEFORE)) - before;
  }
}

/**
 * @param {number} firstSchedule
 * @param {number} people after each schedule
 */
function scriptOf(firstSchedule, people) {
  const texts = statementTexts();
  const all = (/** @type {string[][]} */ statements) =>
    statements.map((one) => filledIn(texts, one)).join('\n');
  return [
    '\\set n :n + 1',
    `\\set schedule ${firstSchedule} + :n * ${CLIENTS} / ${people}`,
    '\\set seat random(1, 50)',
    `\\set user random(1, ${people})`,
    '\\set message random(1, 9000000000000000000)',
    'BEGIN;',
    all(BEGIN_AND_DECIDE),
    '\\if :taken',
    all(ANSWER),
    'COMMIT;',
    '\\else',
    all(HOLD),
    all(ANSWER),
    'COMMIT;',
    all(AFTERWARDS),
    '\\endif',
  ].join('\n');
}

/**
 * @param {Map<string, string>} texts
 * @param {string[]} statement
 */
function filledIn(texts, [name = '', ...values]) {
  const text = texts.get(name);
  if (text === undefined) {
    throw new Error(`No service has a statement ${name} any more: see bench/scenarios/hold-limit`);
  }
  const filled = text.replaceAll(/\$(\d+)/g, (_, place) => `(${values[Number(place) - 1]})`);
  return `${filled}${KEPT.has(name) ? '\\gset' : ';'}`;
}

/** Every prepared statement of the built sources, by its name. */
function statementTexts() {
  /** @type {Map<string, string>} */
  const texts = new Map();
  for (const source of SOURCES.map((path) => join(ROOT, path)).filter((path) => existsSync(path))) {
    const code = readFileSync(source, 'utf8');
    const constants = new Map(
      [...code.matchAll(/const (\w+) = `([^`]*)`;/g)].map(([, name, text]) => [name, text ?? '']),
    );
    for (const [, name, , text] of code.matchAll(/statement\('([^']+)', ([`'])([^`]*?)\2\)/g)) {
      const whole = text?.replaceAll(
        /\$\{(\w+)\}/g,
        (_, constant) => constants.get(constant) ?? '',
      );
      texts.set(String(name), String(whole));
    }
  }
  return texts;
}

/**
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<string>}
 */
function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0
        ? resolve(said)
        : reject(new Error(`pgbench ended with ${code}: ${said.slice(0, SAID_MAX_CHARS)}`)),
    );
  });
}
