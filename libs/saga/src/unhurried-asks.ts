import type { OutgoingCommand } from '@encore/messaging';

/** So many leave at once, whatever time it is. */
const WAITING_MAX = 1_000;

/**
 * Commands that nobody waits for, sent at a pace: the first at once, those after it together when
 * `paceMs` have passed since. A process that dies sends none of those that still wait; their sagas
 * ask again.
 */
export class UnhurriedAsks {
  readonly #send: (commands: readonly OutgoingCommand[]) => Promise<void>;
  readonly #paceMs: number;
  /** By command id: what is wanted twice is sent once. */
  #waiting = new Map<string, OutgoingCommand>();
  #sentLast = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #sending = Promise.resolve();

  /** `send` deals with its own failures. */
  constructor(send: (commands: readonly OutgoingCommand[]) => Promise<void>, paceMs: number) {
    this.#send = send;
    this.#paceMs = paceMs;
  }

  add(commands: readonly OutgoingCommand[]): void {
    for (const command of commands) this.#waiting.set(command.id, command);
    const pauseMs = this.#sentLast + this.#paceMs - performance.now();
    if (pauseMs <= 0 || this.#waiting.size >= WAITING_MAX) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), pauseMs);
  }

  /** Sends what waits; resolves when everything sent so far has left. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const commands = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#sentLast = performance.now();
    const before = this.#sending;
    const sent = commands.length === 0 ? undefined : this.#send(commands);
    this.#sending = Promise.all([before, sent]).then(() => undefined);
    await this.#sending;
  }
}
