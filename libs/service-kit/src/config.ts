import { z } from 'zod';
import { actorKeys } from './actor-assertions.js';

/** sysexits.h EX_CONFIG: a supervisor can tell "will never work like this" from "died". */
const EXIT_CONFIG = 78;

const port = z.coerce.number().int().min(0).max(65_535);
const milliseconds = z.coerce.number().int().min(1).max(3_600_000);

function urlOf(...protocols: string[]) {
  return z.string().refine(
    (value) => {
      return URL.canParse(value) && protocols.includes(new URL(value).protocol);
    },
    `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  );
}

/** What every process is told, with or without a database. Described in docs/CONFIGURATION.md. */
export const processConfig = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('production'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  /** What answers to `Ping` and log lines call this build. */
  SERVICE_VERSION: z.string().default('development'),
  AMQP_URL: urlOf('amqp:', 'amqps:'),
  /** Put before every queue and exchange name, so that several systems can share a broker. */
  AMQP_PREFIX: z
    .string()
    .regex(/^[a-z0-9.-]{0,60}$/, 'may hold lower-case letters, digits, dots and dashes')
    .default(''),
  /** Of an idle process too: an orchestrator asks it. 0 picks a free port. */
  HEALTH_HOST: z.string().default('127.0.0.1'),
  HEALTH_PORT: port.default(0),
  /** Private: metrics name queues, routes and people's habits. */
  METRICS_HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: port.default(0),
  /** From SIGTERM to exit: work that is not finished by then is left to the broker to redeliver. */
  SHUTDOWN_GRACE_MS: milliseconds.default(8_000),
};

/** What every process with a database is told besides. */
export const databaseConfig = {
  DATABASE_URL: urlOf('postgres:', 'postgresql:'),
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(200).default(10),
  DATABASE_STATEMENT_TIMEOUT_MS: milliseconds.default(10_000),
  DATABASE_LOCK_TIMEOUT_MS: milliseconds.default(5_000),
  DATABASE_CONNECT_TIMEOUT_MS: milliseconds.default(3_000),
};

/** What every service that answers people is told besides. */
const actorConfig = {
  /** Public keys (a JWK set) of the gateways whose word on who asks is believed. */
  ACTOR_VERIFICATION_KEYS: actorKeys,
};

/** The configuration of a service that owns a database: spread it into the service's own schema. */
export const commonConfig = { ...processConfig, ...databaseConfig, ...actorConfig };

export type ProcessConfig = Readonly<z.output<z.ZodObject<typeof processConfig>>>;
export type CommonConfig = Readonly<z.output<z.ZodObject<typeof commonConfig>>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment cannot start this process; the message lists every fault, and no value. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

/** An empty variable counts as absent: `X=` in an env file means "use the default". */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  environment: Environment,
): Readonly<z.output<Schema>> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const faults = parsed.error.issues.map((issue) => {
    const name = issue.path.join('.') || 'environment';
    // A check of ours says why the variable is needed; the schema's own words are about types.
    const ours = issue.code === 'custom';
    const absent = !ours && issue.path.length > 0 && given[String(issue.path[0])] === undefined;
    return `  ${name}: ${absent ? 'is missing' : issue.message}`;
  });
  throw new ConfigurationError(`The configuration cannot be used:\n${faults.join('\n')}`);
}

/**
 * Environment to frozen, typed configuration; otherwise lists every fault on stderr and exits 78.
 */
export function loadConfig<Schema extends z.ZodType>(
  schema: Schema,
  environment: Environment = process.env,
): Readonly<z.output<Schema>> {
  try {
    return parseConfig(schema, environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
}
