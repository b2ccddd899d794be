import type pg from 'pg';
import { LostRaceError, violatedConstraint } from './errors.js';
import { parametersOf } from './parameter.js';
import { statement, type Buildable, type Statement } from './queryable.js';
import { Trip, type Answer, type Asked } from './trip.js';

const BEGIN = statement('begin', 'BEGIN ISOLATION LEVEL READ COMMITTED');
const COMMIT = statement('commit', 'COMMIT');
const ROLLBACK = statement('rollback', 'ROLLBACK');

type Asking = Partial<Statement> & Pick<Statement, 'text'>;

/**
 * One connection while it is lent out. Whatever is asked in one breath makes one trip: each trip
 * costs both sides a wake-up, which is more than most statements take. So a transaction that loads
 * at once, decides and writes without waiting makes two, its BEGIN and COMMIT included.
 */
export class Session {
  readonly #client: pg.PoolClient;
  #gathered: Asked[] = [];
  #leaving = false;
  #failure: Error | undefined;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  /** The first failure of what nobody waited for: whatever failed after it did because of it. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Begins a transaction together with its first statement. */
  begin(): void {
    this.#gathered.push(this.#unawaited(BEGIN));
  }

  write(one: Statement, values: readonly unknown[]): void {
    this.#gathered.push(this.#unawaited(one, values));
    this.#leaveSoon();
  }

  async rows<Row extends object>(one: Statement, values: readonly unknown[]): Promise<Row[]> {
    return (await this.#ask(one, values)).rows as Row[];
  }

  async rowsOf<Row extends object>(builder: Buildable): Promise<Row[]> {
    const { sql, bindings } = builder.toSQL().toNative();
    return (await this.#ask({ text: sql }, bindings)).rows as Row[];
  }

  /**
   * Together with everything that was written before it and is still to go; without a trip when
   * nothing was asked at all.
   */
  async commit(): Promise<void> {
    if (this.#isUntouched()) {
      this.#gathered = [];
      return;
    }
    const { command } = await this.#ask(COMMIT);
    // The server answers ROLLBACK when a statement had failed and its error was swallowed.
    if (command !== 'COMMIT') {
      throw new Error('The transaction had failed before its COMMIT and was rolled back');
    }
  }

  async rollBack(): Promise<void> {
    await this.#ask(ROLLBACK);
  }

  /** Only its BEGIN was gathered, and stayed. */
  #isUntouched(): boolean {
    return this.#gathered.length === 1 && this.#gathered[0]?.name === BEGIN.name;
  }

  #ask(one: Asking, values: readonly unknown[] = []): Promise<Answer> {
    return new Promise<Answer>((resolve, refuse) => {
      const reject = (error: Error) => refuse(failureOf(one, error));
      this.#gathered.push({ ...one, values: parametersOf(one, values), resolve, reject });
      this.#leaveSoon();
    });
  }

  #unawaited(one: Statement, values: readonly unknown[] = []): Asked {
    const reject = (error: Error) => {
      this.#failure ??= failureOf(one, error);
    };
    return { ...one, values: parametersOf(one, values), resolve: () => undefined, reject };
  }

  /** When everything that can be asked without an answer has been asked. */
  #leaveSoon(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    process.nextTick(() => {
      this.#leaving = false;
      const asked = this.#gathered;
      this.#gathered = [];
      this.#client.query(new Trip(asked));
    });
  }
}

function failureOf({ conflictsOn }: Asking, error: Error): Error {
  const isLostRace = conflictsOn !== undefined && conflictsOn === violatedConstraint(error);
  return isLostRace ? new LostRaceError(error) : error;
}
