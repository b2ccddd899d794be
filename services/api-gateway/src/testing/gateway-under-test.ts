import type { ParkedMessage, QueueStatus } from '@encore/messaging';
import { createRuntime, parseConfig, type Runtime } from '@encore/service-kit';
import type { INestApplication } from '@nestjs/common';
import { gatewayConfig } from '../config.js';
import { openProvider, openTokens, serveHttp } from '../gateway.js';
import type { Role, Tokens } from '../identity/tokens.js';
import { ScriptedServices } from './scripted-services.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Asking {
  readonly token?: string;
  readonly key?: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The gateway on a free port with its real middleware, and scripted services behind it. */
export interface GatewayUnderTest {
  readonly url: string;
  readonly port: number;
  readonly services: ScriptedServices;
  readonly queues: QueueStatus[];
  readonly parked: ParkedMessage[];
  readonly tokens: Tokens;
  readonly application: INestApplication;
  readonly runtime: Runtime;
  tokenOf(userId: number, ...roles: Role[]): Promise<string>;
  /** A person nobody remembers anything about, with an active entry as soon as anybody asks. */
  somebody(...roles: Role[]): Promise<{ userId: number; token: string }>;
  call(method: string, path: string, asking?: Asking): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export async function openGatewayUnderTest(
  environment: Readonly<Record<string, string>> = {},
): Promise<GatewayUnderTest> {
  const config = parseConfig(gatewayConfig, {
    NODE_ENV: 'test',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'fatal',
    AMQP_URL: 'amqp://nobody.invalid',
    HTTP_PORT: '0',
    READINESS_CACHE_MS: '1',
    ...environment,
  });
  const runtime = await createRuntime({ name: 'api-gateway', config });
  const { tokens, actors } = await openTokens(runtime, config);
  const services = new ScriptedServices();
  const queues: QueueStatus[] = [];
  const parked: ParkedMessage[] = [];
  const inspector = {
    inspect: async () => queues,
    peekParked: async (service: string, limit: number) =>
      parked.filter((message) => message.service === service).slice(0, limit),
  };
  const isListening = () => true;
  const provider = openProvider(config);
  const parts = {
    config,
    runtime,
    client: services,
    inspector,
    tokens,
    actors,
    provider,
    isListening,
  };
  const { application, port } = await serveHttp(parts);
  runtime.started();
  const url = `http://127.0.0.1:${port}`;
  const tokenOf = async (userId: number, ...roles: Role[]) =>
    (await tokens.issue({ userId, roles })).token;
  let lastUserId = 100;
  return {
    ...{ url, port, services, queues, parked, tokens, application, runtime },
    tokenOf,
    async somebody(...roles) {
      lastUserId += 1;
      return { userId: lastUserId, token: await tokenOf(lastUserId, ...roles) };
    },
    call: (method, path, asking) => call(`${url}${path}`, method, asking),
    close: () => runtime.stop(),
  };
}

/** Reads the answer as JSON when it says it is some; otherwise the body is empty. */
export async function call(url: string, method: string, asking: Asking = {}): Promise<HttpAnswer> {
  const { token, key, json, headers } = asking;
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const body = isJson && text !== '' ? (JSON.parse(text) as HttpAnswer['body']) : {};
  return { status: response.status, headers: response.headers, body };
}
