/** SQL that PostgreSQL parses and plans once per connection, and then only runs. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** Element types of the parameters that are cast to lists, by index: `$2::uuid[]` at 1. */
  readonly listTypes?: readonly (string | undefined)[];
  /** The constraint it violates when a neighbour was first; its transaction is tried again then. */
  readonly conflictsOn?: string;
}

/** What knex's builders and `raw` have in common: they can be written down as SQL. */
export interface Buildable {
  toSQL(): { toNative(): { sql: string; bindings: readonly unknown[] } };
}

export interface Queryable {
  /** For hot paths: a prepared statement. */
  query<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  /** For everyday queries, built with `database.sql`. */
  run<Row extends object>(builder: Buildable): Promise<Row[]>;
}

export interface Transaction extends Queryable {
  /**
   * A prepared statement whose rows nobody needs: sent at once, in order, and not waited for. When
   * it fails, so does the transaction, with its error. Writes and the COMMIT behind them share one
   * trip to the server.
   */
  write(statement: Statement, values?: readonly unknown[]): void;
  /**
   * Work for the instant after the commit: synchronous, and it must not throw, because nothing can
   * be rolled back any more. Forgotten when the transaction rolls back or is tried again.
   */
  afterCommit(work: () => void): void;
}

/** Longest name PostgreSQL tells apart; it would cut a longer one silently. */
const STATEMENT_NAME_MAX_LENGTH = 63;
const textsByName = new Map<string, string>();

/** Declares a prepared statement. Meant for module scope: names are unique within the process. */
export function statement(
  name: string,
  text: string,
  more: Pick<Statement, 'conflictsOn'> = {},
): Statement {
  if (name.length === 0 || name.length > STATEMENT_NAME_MAX_LENGTH) {
    throw new Error(`A statement name has 1 to ${STATEMENT_NAME_MAX_LENGTH} characters: "${name}"`);
  }
  const known = textsByName.get(name);
  if (known !== undefined && known !== text) {
    throw new Error(`Two different statements are called "${name}"`);
  }
  textsByName.set(name, text);
  return Object.freeze({ name, text, listTypes: listTypesOf(text), ...more });
}

function listTypesOf(text: string): (string | undefined)[] {
  const types: (string | undefined)[] = [];
  for (const [, position, type] of text.matchAll(/\$(\d+)::(\w+)\[\]/g)) {
    types[Number(position) - 1] ??= type;
  }
  return types;
}
