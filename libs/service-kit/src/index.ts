export {
  commonConfig,
  ConfigurationError,
  databaseConfig,
  loadConfig,
  parseConfig,
  processConfig,
  type CommonConfig,
  type Environment,
  type ProcessConfig,
} from './config.js';
export { createLogger, LOGGER, logAbout, NestLogger, type Logger, type LogSubject } from './logging.js';
export {
  Metrics,
  type OutboxReading,
  type QueueReading,
  type SagaReading,
} from './metrics.js';
export { Readiness, type ReadinessCheck, type ReadinessReport } from './readiness.js';
export { bringUp, createRuntime, exitWithProcess, type Runtime } from './runtime.js';
export { PeriodicWork, Ticker, type TickerOptions } from './ticker.js';
export { waitFor, type WaitOptions } from './wait-for.js';
