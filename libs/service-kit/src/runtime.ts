import { setTimeout as delay } from 'node:timers/promises';
import { createLogger, type Logger } from './logging.js';
import type { ProcessConfig } from './config.js';
import { PrivateServer } from './http-server.js';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';
import { PeriodicWork } from './ticker.js';
import { waitFor } from './wait-for.js';

const PERIODIC_WORK_WAIT_MS = 2_000;

/**
 * What every process has around its application: logs, metrics, health, periodic work and an
 * orderly end. A service gets it from `startService`; the gateway, which serves HTTP and owns no
 * database, builds its own start on it.
 */
export interface Runtime {
  readonly name: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly periodicWork: PeriodicWork;
  /** Aborted when the process is asked to end: waits give up then. */
  readonly stopping: AbortSignal;
  /** Waits, with backoff, until the attempt succeeds; it logs what it waits for. */
  waitFor<T>(what: string, attempt: () => Promise<T>): Promise<T>;
  /** Adds a step to the orderly end; steps run in the reverse order of their adding. */
  onStop(what: string, step: () => Promise<void> | void): void;
  /** Everything is up: `/readyz` follows the checks from now on, and periodic work begins. */
  started(): void;
  /** The orderly end; the same promise however often it is called. Does not exit the process. */
  stop(): Promise<void>;
}

/**
 * Opens the health and metrics ports at once: a process that waits must be able to say for what.
 */
export async function createRuntime(options: {
  name: string;
  config: ProcessConfig;
  logger?: Logger;
}): Promise<Runtime> {
  const { name, config } = options;
  const logger = options.logger ?? createLogger({ name, level: config.LOG_LEVEL });
  const metrics = new Metrics(logger);
  const readiness = new Readiness();
  const periodicWork = new PeriodicWork(logger, metrics);
  const stopping = new AbortController();
  const steps: { what: string; step: () => Promise<void> | void }[] = [];
  let end: Promise<void> | undefined;

  const health = new PrivateServer({
    '/healthz': () => ({ status: 200, contentType: 'application/json', body: '{"alive":true}\n' }),
    '/readyz': () => readiness.answer(),
  });
  const scrape = new PrivateServer({ '/metrics': () => metrics.answer() });
  const healthPort = await health.listen(config.HEALTH_HOST, config.HEALTH_PORT);
  const metricsPort = await scrape.listen(config.METRICS_HOST, config.METRICS_PORT);
  steps.push({ what: 'health port', step: () => health.close() });
  steps.push({ what: 'metrics port', step: () => scrape.close() });
  logger.info({ healthPort, metricsPort }, `${name} is starting`);

  async function runSteps(): Promise<void> {
    readiness.draining();
    stopping.abort(new Error(`${name} is shutting down`));
    await stopWithin(periodicWork, PERIODIC_WORK_WAIT_MS, logger);
    for (const { what, step } of steps.reverse()) {
      try {
        await step();
        logger.debug({ what }, `stopped: ${what}`);
      } catch (error) {
        logger.error({ err: error, what }, `could not stop cleanly: ${what}`);
      }
    }
  }

  return {
    name,
    logger,
    metrics,
    readiness,
    periodicWork,
    stopping: stopping.signal,
    waitFor: (what, attempt) => waitFor(what, attempt, { logger, signal: stopping.signal }),
    onStop: (what, step) => void steps.push({ what, step }),
    started: () => {
      if (stopping.signal.aborted) return;
      readiness.started();
      periodicWork.start();
      logger.info(`${name} is ready`);
    },
    stop: () => (end ??= runSteps()),
  };
}

/** A sweep that waits for a broker or a lock must not use up the time to drain. */
async function stopWithin(work: PeriodicWork, milliseconds: number, logger: Logger): Promise<void> {
  const patience = new AbortController();
  const { signal } = patience;
  const tooLong = delay(milliseconds, false, { signal }).catch(() => false);
  const inTime = await Promise.race([work.stop().then(() => true), tooLong]);
  patience.abort();
  if (!inTime) logger.warn('periodic work is still running: shutting down without waiting');
}

/**
 * Ties the runtime to the life of the process: SIGTERM and SIGINT end it in order and exit 0 within
 * the grace time (1 when that was too short); an uncaught error is logged and ends it at once,
 * because nobody knows any more what state it is in and everything durable is safe with broker and
 * database.
 */
export function exitWithProcess(runtime: Runtime, config: ProcessConfig): void {
  const graceful = (signal: NodeJS.Signals) => {
    runtime.logger.info({ signal }, `${runtime.name} is shutting down`);
    const limit = setTimeout(() => {
      runtime.logger.error({ graceMs: config.SHUTDOWN_GRACE_MS }, 'the grace time was too short');
      process.exit(1);
    }, config.SHUTDOWN_GRACE_MS);
    limit.unref();
    void runtime.stop().then(() => {
      runtime.logger.info(`${runtime.name} has stopped`);
      process.exit(0);
    });
  };
  process.once('SIGTERM', graceful);
  process.once('SIGINT', graceful);
  const fatal = (error: unknown) => {
    runtime.logger.fatal({ err: error }, `${runtime.name} met an error nobody handles`);
    process.exit(1);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
}

/**
 * Runs the bring-up of a process; a failure is logged and exits 1, a shutdown that arrives while it
 * still waits is no failure.
 */
export async function bringUp<T>(runtime: Runtime, work: () => Promise<T>): Promise<T | undefined> {
  try {
    const result = await work();
    runtime.started();
    return result;
  } catch (error) {
    if (runtime.stopping.aborted) return undefined;
    runtime.logger.fatal({ err: error }, `${runtime.name} could not start`);
    process.exit(1);
  }
}
