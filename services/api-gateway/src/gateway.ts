import { KeyObject } from 'node:crypto';
import {
  EntryAdmitted,
  EntryEnded,
  PaymentCompleted,
  PINGS,
  SchedulePublished,
  SERVICES,
} from '@encore/contracts';
import { Messaging, type EnvelopeVoucher, type ServiceClient } from '@encore/messaging';
import { ActorSigner, NestLogger, type Runtime } from '@encore/service-kit';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express, { type Express, type Request } from 'express';
import { Services } from './clients/services.js';
import type { GatewayConfig } from './config.js';
import { ActiveEntries } from './gate/active-entries.js';
import { ScheduleRooms } from './gate/schedule-rooms.js';
import { GatewayModule, type GatewayParts } from './gateway.module.js';
import { CONTROLLERS } from './http/controllers.js';
import { endpointsOf } from './http/endpoint.js';
import { messagesOf } from './http/express-messages.js';
import { JsonAdapter } from './http/json-adapter.js';
import { LoadShedder } from './http/load-shedder.js';
import { docsAssets, entrance } from './http/middleware.js';
import { PublicServer } from './http/public-server.js';
import { RateLimits } from './http/rate-limits.js';
import { ReadinessCache } from './http/readiness-cache.js';
import { RefusalPace } from './http/refusal-pace.js';
import { RouteTable } from './http/route-table.js';
import { OidcVerifier } from './identity/oidc.js';
import { ephemeralTokenKeys, readTokenKeys, type TokenKeys } from './identity/token-keys.js';
import { Tokens } from './identity/tokens.js';

export interface OpenGateway {
  readonly application: INestApplication;
  readonly messaging: Messaging;
  readonly tokens: Tokens;
  readonly port: number;
}

const READY_TRY_MS = 2_000;
const PING_TIMEOUT_MS = 1_000;
/** What closing connections and ports needs after the requests have drained. */
const CLOSING_RESERVE_MS = 1_500;

/**
 * Brings the gateway up. Its port answers from the beginning, so that whoever asks hears what it
 * waits for; until the broker is there, calls get a 503.
 */
export async function openGateway(runtime: Runtime, config: GatewayConfig): Promise<OpenGateway> {
  const { tokens, actors } = await openTokens(runtime, config);
  const messaging = openMessaging(runtime, config, actors);
  const { client, inspector } = messaging;
  const isListening = () => messaging.broadcasts.listening;
  const provider = openProvider(config);
  const parts = { config, runtime, client, inspector, tokens, actors, provider, isListening };
  const { application, port } = await serveHttp(parts);
  listenToBroadcasts(messaging, application);
  requireEveryService(runtime, client);
  inspector.start();
  await runtime.waitFor('the broker', () => messaging.ready(READY_TRY_MS));
  return { application, messaging, tokens, port };
}

/** Everything of the gateway that needs no broker: the application and the port it is served on. */
export async function serveHttp(
  parts: GatewayParts & { readonly runtime: Runtime },
): Promise<Pick<OpenGateway, 'application' | 'port'>> {
  const { config, runtime } = parts;
  const http = express();
  const application = await NestFactory.create(
    GatewayModule.register(parts),
    new JsonAdapter(http),
    { bodyParser: false, logger: new NestLogger(runtime.logger), abortOnError: false },
  );
  setUpExpress(http, config, runtime, application.get(RateLimits));
  await application.init();
  runtime.onStop('application', () => application.close());
  runtime.onStop('breakers', () => application.get(Services).close());
  const shedder = new LoadShedder(
    endpointsOf(CONTROLLERS),
    config.BULKHEAD_WAITING_CALLS,
    new RefusalPace(config.BULKHEAD_REFUSALS_PER_SECOND),
    runtime.metrics,
  );
  const port = await openPort(runtime, config, http, {
    readiness: application.get(ReadinessCache),
    shedder,
  });
  return { application, port };
}

/** What the gateway signs: tokens for people, and who they are for the services. */
export async function openTokens(
  runtime: Runtime,
  config: GatewayConfig,
): Promise<Pick<GatewayParts, 'tokens' | 'actors'>> {
  if (config.AUTH_MODE === 'open') {
    runtime.logger.warn({ authMode: config.AUTH_MODE }, OPEN_MODE_WARNING);
  }
  const keys = await openKeys(runtime, config);
  const { kid, key } = keys.signing;
  const tokens = new Tokens(keys, {
    issuer: config.TOKEN_ISSUER,
    audience: config.TOKEN_AUDIENCE,
    seconds: config.TOKEN_SECONDS,
    cacheMaxTokens: config.TOKEN_CACHE_MAX_TOKENS,
  });
  return { tokens, actors: new ActorSigner({ kid, key: KeyObject.from(key) }) };
}

const NO_KEYS_WARNING =
  'TOKEN_SIGNING_KEYS is missing: tokens die with this process, and services believe it nothing';

const OPEN_MODE_WARNING =
  'AUTH_MODE=open: whoever asks gets a token for any user and any role. Never use this in public.';

/** Who vouches for people, unless the gateway itself does. */
export function openProvider(config: GatewayConfig): OidcVerifier | undefined {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URL: jwksUrl } = config;
  if (config.AUTH_MODE === 'open') return undefined;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) {
    throw new TypeError('the configuration let oidc mode pass without its provider');
  }
  return new OidcVerifier({
    ...{ issuer, audience, jwksUrl },
    userClaim: config.OIDC_USER_CLAIM,
    rolesClaim: config.OIDC_ROLES_CLAIM,
    algorithms: config.OIDC_ALGORITHMS,
    timeoutMs: config.OIDC_TIMEOUT_MS,
    cooldownMs: config.OIDC_COOLDOWN_MS,
    keysMaxAgeMs: config.OIDC_KEYS_MAX_AGE_MS,
    rememberMs: config.OIDC_REMEMBER_MS,
    cacheMaxTokens: config.TOKEN_CACHE_MAX_TOKENS,
  });
}

async function openKeys(runtime: Runtime, config: GatewayConfig): Promise<TokenKeys> {
  if (config.TOKEN_SIGNING_KEYS !== undefined) return readTokenKeys(config.TOKEN_SIGNING_KEYS);
  runtime.logger.warn({}, NO_KEYS_WARNING);
  return ephemeralTokenKeys();
}

function openMessaging(
  runtime: Runtime,
  config: GatewayConfig,
  voucher: EnvelopeVoucher,
): Messaging {
  const messaging = Messaging.open({
    url: config.AMQP_URL,
    prefix: config.AMQP_PREFIX,
    service: 'api-gateway',
    logger: runtime.logger,
    observer: runtime.metrics,
    voucher,
  });
  runtime.onStop('broker connections', () => messaging.close());
  runtime.readiness.require('broker', () => {
    const missing = messaging.waitingFor();
    if (missing.length > 0) throw new Error(missing.join(', '));
  });
  return messaging;
}

/** Before Nest routes: the order of Express is the order of these lines. */
function setUpExpress(
  http: Express,
  config: GatewayConfig,
  runtime: Runtime,
  limits: RateLimits,
): void {
  http.disable('x-powered-by');
  // Answers that may be kept name their own tag; hashing every other one would be for nothing.
  http.disable('etag');
  // Only where an answer has a tag is it known whether a client has it: elsewhere there is no 304.
  Object.defineProperty(http.request, 'fresh', { value: false });
  const routes = new RouteTable(endpointsOf(CONTROLLERS).filter((one) => one.bareNumber === true));
  http.set('query parser', 'simple');
  http.set('trust proxy', config.HTTP_TRUSTED_PROXY_HOPS);
  const options = {
    bodyLimitBytes: config.HTTP_BODY_LIMIT_BYTES,
    bodyDepthLimit: config.HTTP_BODY_DEPTH_LIMIT,
    urlLimitChars: config.HTTP_URL_LIMIT_CHARS,
    isBareNumber: ({ method, path }: Request) => routes.at(method, path)?.bareNumber === true,
  };
  http.use(entrance(options, runtime.metrics, limits));
  http.use('/docs/assets', docsAssets());
}

/** What the services announce keeps the gate's memory right. */
function listenToBroadcasts(messaging: Messaging, application: INestApplication): void {
  const entries = application.get(ActiveEntries);
  const rooms = application.get(ScheduleRooms);
  messaging.broadcasts
    .on(EntryAdmitted, ({ payload }) => {
      const { roomId, userId, entryId, activeUntil } = payload;
      entries.admitted(roomId, userId, { entryId, activeUntilMs: Date.parse(activeUntil) });
    })
    .on(EntryEnded, ({ payload }) => {
      entries.endedAs(payload.roomId, payload.userId, payload.entryId, payload.state);
    })
    .on(PaymentCompleted, ({ payload }) => {
      entries.usedUp(payload.roomId, payload.userId, payload);
    })
    .on(SchedulePublished, ({ payload }) => {
      rooms.learn({ ...payload, roomId: payload.waitingRoomId });
    })
    .onReset(() => {
      entries.forgetActive();
      rooms.forget();
    })
    .start();
}

/** Ready means that every service can be asked: each is, with a ping. */
function requireEveryService(runtime: Runtime, client: ServiceClient): void {
  for (const service of SERVICES) {
    runtime.readiness.require(service, async () => {
      await client.ask(PINGS[service], {}, { timeoutMs: PING_TIMEOUT_MS, correlationId: 'readyz' });
    });
  }
}

async function openPort(
  runtime: Runtime,
  config: GatewayConfig,
  http: Express,
  { readiness, shedder }: { readiness: ReadinessCache; shedder: LoadShedder },
): Promise<number> {
  const server = new PublicServer(
    {
      host: config.HTTP_HOST,
      port: config.HTTP_PORT,
      maxConnections: config.HTTP_MAX_CONNECTIONS,
      // Behind proxies all connections are theirs: counting them would shut everybody out.
      maxConnectionsPerAddress:
        config.HTTP_TRUSTED_PROXY_HOPS === 0 ? config.HTTP_MAX_CONNECTIONS_PER_ADDRESS : Infinity,
      headersLimitBytes: config.HTTP_HEADERS_LIMIT_BYTES,
      headersTimeoutMs: config.HTTP_HEADERS_TIMEOUT_MS,
      requestTimeoutMs: config.HTTP_REQUEST_TIMEOUT_MS,
      responseTimeoutMs: config.HTTP_RESPONSE_TIMEOUT_MS,
      keepAliveTimeoutMs: config.HTTP_KEEP_ALIVE_TIMEOUT_MS,
      messages: messagesOf(http),
    },
    http,
    runtime.logger,
    shedder,
  );
  const port = await server.listen();
  runtime.logger.info({ url: `http://${config.HTTP_HOST}:${port}` }, 'the API is served');
  // The last step to be added is the first of the end: readiness has just failed, balancers notice.
  runtime.onStop('public port', async () => {
    readiness.forget();
    await pause(config.HTTP_DRAIN_DELAY_MS);
    const reserve = config.HTTP_DRAIN_DELAY_MS + CLOSING_RESERVE_MS;
    await server.drain(Math.max(config.SHUTDOWN_GRACE_MS - reserve, 500));
  });
  return port;
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
