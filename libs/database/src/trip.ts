import type pg from 'pg';
import type { Parameter } from './parameter.js';
import { typeParsers } from './types.js';

/** A statement on its way to the server, and whoever waits for what comes of it. */
export interface Asked {
  /** Prepared once per connection under this name; without one it is parsed each time. */
  readonly name?: string;
  readonly text: string;
  readonly values: readonly Parameter[];
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

export interface Answer {
  readonly rows: object[];
  /** What the server says it did: `UPDATE 3`, `COMMIT`. */
  readonly command: string;
}

interface Field {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/** As much of pg's connection as a query of one's own may use; its declaration lags behind. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(statement: { name: string; text: string }): void;
  bind(portal: { statement: string; values: readonly Parameter[] }): void;
  describe(what: { type: 'P'; name: string }): void;
  execute(): void;
  close(what: { type: 'S'; name: string }): void;
  sync(): void;
  sendCopyFail(reason: string): void;
}

/** What a connection has prepared: the columns of each statement's rows, by its name. */
const preparedOn = new WeakMap<Wire, Map<string, readonly Field[]>>();

/**
 * Several statements in one trip to the server: written at once, answered at once, with a single
 * synchronisation behind them. When one fails, the server leaves out those after it, and they fail
 * with the same error. pg calls this a submittable and calls the methods below as answers come in.
 */
export class Trip implements pg.Submittable {
  /** Wrapped by pg, which stops its timer for the answer in it. */
  callback: (error: Error | null) => void = () => undefined;
  readonly #asked: readonly Asked[];
  readonly #done: Answer[] = [];
  #prepared: Map<string, readonly Field[]> = new Map();
  #fields: readonly Field[] = [];
  #rows: object[] = [];
  #settled = false;

  constructor(asked: readonly Asked[]) {
    this.#asked = asked;
  }

  submit(connection: pg.Connection): void {
    const wire = connection as unknown as Wire;
    this.#prepared = preparedOn.get(wire) ?? new Map<string, readonly Field[]>();
    preparedOn.set(wire, this.#prepared);
    this.#expect();
    wire.stream.cork();
    for (const asked of this.#asked) this.#write(wire, asked);
    wire.sync();
    wire.stream.uncork();
  }

  #write(wire: Wire, { name = '', text, values }: Asked): void {
    const isPrepared = this.#prepared.has(name);
    if (!isPrepared) {
      // It may be there all the same: prepared by a trip that failed before that was known.
      if (name !== '') wire.close({ type: 'S', name });
      wire.parse({ name, text });
    }
    wire.bind({ statement: name, values });
    if (!isPrepared) wire.describe({ type: 'P', name: '' });
    wire.execute();
  }

  /** Gets ready for the answer to the next statement. */
  #expect(): void {
    const name = this.#asked[this.#done.length]?.name;
    this.#fields = (name === undefined ? undefined : this.#prepared.get(name)) ?? [];
    this.#rows = [];
  }

  handleRowDescription({ fields }: { fields: readonly pg.FieldDef[] }): void {
    this.#fields = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: typeParsers.getTypeParser(dataTypeID),
    }));
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    this.#fields.forEach(({ name, parse }, index) => {
      const text = fields[index] ?? null;
      row[name] = text === null ? null : parse(text);
    });
    this.#rows.push(row);
  }

  handleCommandComplete({ text }: { text: string }): void {
    const name = this.#asked[this.#done.length]?.name;
    if (name !== undefined) this.#prepared.set(name, this.#fields);
    this.#done.push({ rows: this.#rows, command: text });
    this.#expect();
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: '' });
  }

  handlePortalSuspended(): void {
    throw new Error('Nothing here asks for a part of its rows');
  }

  handleCopyInResponse(connection: pg.Connection): void {
    (connection as unknown as Wire).sendCopyFail('Nothing here copies');
  }

  handleCopyData(): void {
    return undefined;
  }

  handleReadyForQuery(): void {
    this.#settle(null);
  }

  /** What was done before the failure was done, as far as its transaction goes. */
  handleError(error: Error): void {
    const failed = this.#asked[this.#done.length]?.name;
    if (failed !== undefined) this.#prepared.delete(failed);
    this.#settle(error);
  }

  #settle(error: Error | null): void {
    if (this.#settled) return;
    this.#settled = true;
    for (const [index, { resolve, reject }] of this.#asked.entries()) {
      const answer = this.#done[index];
      if (answer !== undefined) resolve(answer);
      else reject(error ?? new Error('The server left a statement unanswered'));
    }
    this.callback(error);
  }
}
