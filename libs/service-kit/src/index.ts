export { ActorAssertions, actorKeys, ActorSigner, type ActorKeys } from './actor-assertions.js';
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
export {
  createLogger,
  LOGGER,
  logAbout,
  NestLogger,
  type Logger,
  type LogSubject,
} from './logging.js';
export { Metrics, type QueueReading, type SagaReading } from './metrics.js';
export { Readiness, type ReadinessCheck, type ReadinessReport } from './readiness.js';
export { bringUp, createRuntime, exitWithProcess, type Runtime } from './runtime.js';
export { ServiceKit, type ServiceParts } from './service-kit.module.js';
export {
  migrateService,
  openService,
  startService,
  type OpenService,
  type ServiceOptions,
} from './start-service.js';
export { PeriodicWork, Ticker, type TickerOptions } from './ticker.js';
export { waitFor, type WaitOptions } from './wait-for.js';
