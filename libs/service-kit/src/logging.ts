import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

/** Injects the process's logger. */
export const LOGGER = Symbol('encore.logger');

/** Ids that tie a line to what it is about; each is left out when it isn't known. */
export interface LogSubject {
  readonly requestId?: string;
  readonly messageId?: string;
  readonly correlationId?: string;
  readonly sagaId?: string;
}

const SECRET_PATHS = [
  'authorization',
  'password',
  'token',
  'DATABASE_URL',
  'AMQP_URL',
  '*.authorization',
  '*.password',
  '*.token',
  'headers.cookie',
];

/**
 * JSON lines on stdout for machines, coloured text when a person's terminal is attached. Written
 * synchronously: a process that dies must not take its last words with it.
 */
export function createLogger(options: { name: string; level: string }): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    redact: { paths: SECRET_PATHS, censor: '[hidden]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (process.stdout.isTTY) {
    return pino(settings, pretty({ colorize: true, ignore: 'pid,hostname', sync: true }));
  }
  return pino(settings, pino.destination({ fd: 1, sync: true }));
}

/** A logger whose lines all carry the ids of one request, message or saga. */
export function logAbout(logger: Logger, subject: LogSubject): Logger {
  return logger.child({ ...subject });
}

/**
 * Gives Nest's own messages to pino. Nest's chatter while it wires modules is for debugging only.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  /** Nest appends the context's name, and for errors the stack before it. */
  private write(
    level: 'trace' | 'debug' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    const context = rest.at(-1);
    const stack = rest.length > 1 ? rest[0] : undefined;
    const about = { context, ...(stack === undefined ? {} : { stack }) };
    if (message instanceof Error) this.logger[level]({ ...about, err: message }, message.message);
    else this.logger[level](about, String(message));
  }
}
