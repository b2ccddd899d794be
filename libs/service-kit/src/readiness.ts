import type { PrivateAnswer } from './http-server.js';

/** Throws, or rejects, with what is still missing. */
export type ReadinessCheck = () => void | Promise<void>;

export interface ReadinessReport {
  readonly ready: boolean;
  /** One sentence for each thing that is missing; empty when ready. */
  readonly waitingFor: readonly string[];
}

const CHECK_LIMIT_MS = 2_000;

/**
 * Whether this process can do its work right now, asked anew each time. Every check has a time
 * limit: a probe that hangs tells an orchestrator less than one that says what it hangs on.
 */
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  private unavailable: string | undefined = 'is starting';
  private readonly checkLimitMs: number;

  constructor(options: { checkLimitMs?: number } = {}) {
    this.checkLimitMs = options.checkLimitMs ?? CHECK_LIMIT_MS;
  }

  require(what: string, check: ReadinessCheck): void {
    this.checks.set(what, check);
  }

  /** Everything was brought up: from here on only the checks decide. */
  started(): void {
    this.unavailable = undefined;
  }

  /** Not ready any more, whatever the checks say: a balancer stops sending. */
  draining(): void {
    this.unavailable = 'is shutting down';
  }

  async report(): Promise<ReadinessReport> {
    const missing = await Promise.all(
      [...this.checks].map(async ([what, check]) => {
        const fault = await faultOf(check, this.checkLimitMs);
        return fault === undefined ? [] : [`${what}: ${fault}`];
      }),
    );
    const waitingFor = [
      ...(this.unavailable === undefined ? [] : [`this process ${this.unavailable}`]),
      ...missing.flat(),
    ];
    return { ready: waitingFor.length === 0, waitingFor };
  }

  /** `/readyz`: 200 or 503, saying what it waits for. */
  async answer(): Promise<PrivateAnswer> {
    const report = await this.report();
    return {
      status: report.ready ? 200 : 503,
      contentType: 'application/json',
      body: `${JSON.stringify(report)}\n`,
    };
  }
}

async function faultOf(check: ReadinessCheck, limitMs: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([check(), limit]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
