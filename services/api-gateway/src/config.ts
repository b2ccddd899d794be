import { loadConfig, processConfig, type Environment } from '@encore/service-kit';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const count = z.coerce.number().int().min(1).max(10_000_000);
const milliseconds = z.coerce.number().int().min(1).max(600_000);
const seconds = z.coerce.number().int().min(1).max(86_400);

const publicPort = {
  HTTP_HOST: z.string().default('127.0.0.1'),
  /** The port clients use; 0 picks a free one. */
  HTTP_PORT: port.default(3_000),
  HTTP_MAX_CONNECTIONS: count.default(20_000),
  /** Counted only without proxies in front; an IPv6 network of 64 bits counts as one address. */
  HTTP_MAX_CONNECTIONS_PER_ADDRESS: count.default(10_000),
  HTTP_BODY_LIMIT_BYTES: count.default(16_384),
  /** Request line and headers together; more than this is a 431 before any of our code runs. */
  HTTP_HEADERS_LIMIT_BYTES: count.default(16_384),
  HTTP_URL_LIMIT_CHARS: count.default(2_048),
  /** How deep arrays and objects of a body may nest. */
  HTTP_BODY_DEPTH_LIMIT: z.coerce.number().int().min(1).max(100).default(8),
  HTTP_HEADERS_TIMEOUT_MS: milliseconds.default(10_000),
  HTTP_REQUEST_TIMEOUT_MS: milliseconds.default(30_000),
  /** How long an answer waits for a client that does not read it. */
  HTTP_RESPONSE_TIMEOUT_MS: milliseconds.default(30_000),
  /** Longer than a usual balancer's idle time, so that it is the balancer that hangs up. */
  HTTP_KEEP_ALIVE_TIMEOUT_MS: milliseconds.default(65_000),
  /** Between "not ready" and "stop accepting": time for a balancer to notice. */
  HTTP_DRAIN_DELAY_MS: z.coerce.number().int().min(0).max(600_000).default(0),
  /** Reverse proxies in front whose X-Forwarded-For is believed. */
  HTTP_TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(10).default(0),
};

const identity = {
  /**
   * `open`: the gateway gives a token to whoever asks, for local runs. `oidc`: a provider vouches
   * for everybody.
   */
  AUTH_MODE: z.enum(['open', 'oidc']).default('open'),
  ALLOW_OPEN_AUTH_IN_PRODUCTION: z.stringbool().default(false),
  /** A JWK set of private Ed25519 keys as JSON: the first signs, all verify. */
  TOKEN_SIGNING_KEYS: z.string().optional(),
  TOKEN_ISSUER: z.string().min(1).default('encore'),
  TOKEN_AUDIENCE: z.string().min(1).default('encore-api'),
  TOKEN_SECONDS: seconds.default(3_600),
  /** Verified tokens remembered, so that a busy client's signature is not checked every time. */
  TOKEN_CACHE_MAX_TOKENS: count.default(20_000),
};

/** Signatures of a key pair: with a shared secret, whoever checks could also sign. */
const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
] as const;
const algorithms = z
  .string()
  .default('RS256,ES256,EdDSA')
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(z.array(z.enum([...ASYMMETRIC, 'ES512', 'EdDSA', 'Ed25519'])).min(1));

const oidc = {
  /** `iss` of the tokens, to the letter. */
  OIDC_ISSUER: z.string().min(1).optional(),
  /** What `aud` of the tokens must contain. */
  OIDC_AUDIENCE: z.string().min(1).optional(),
  /** Where the provider publishes its keys. */
  OIDC_JWKS_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** The claim that holds the user's number; a numeric `sub` is taken when it is absent. */
  OIDC_USER_CLAIM: z.string().min(1).default('encore_user_id'),
  /** The claim that lists `organiser` and `operator`. */
  OIDC_ROLES_CLAIM: z.string().min(1).default('roles'),
  OIDC_ALGORITHMS: algorithms,
  OIDC_TIMEOUT_MS: milliseconds.default(3_000),
  /** An unknown key id makes the gateway ask for the keys again, at most this often. */
  OIDC_COOLDOWN_MS: milliseconds.default(10_000),
  OIDC_KEYS_MAX_AGE_MS: z.coerce.number().int().min(1_000).max(86_400_000).default(600_000),
  /** How long a verified token needs no second check. */
  OIDC_REMEMBER_MS: milliseconds.default(30_000),
};

const services = {
  /** How long a read may take before the client is told to come back. */
  QUERY_DEADLINE_MS: milliseconds.default(3_000),
  /** How long a change may take before its outcome counts as unknown. */
  REQUEST_DEADLINE_MS: milliseconds.default(5_000),
  /**
   * How long a caller waits for a payment or refund before 202. Keep it below SHUTDOWN_GRACE_MS.
   */
  PAYMENT_WAIT_MS: milliseconds.default(5_000),
  BREAKER_WINDOW_MS: milliseconds.default(10_000),
  /** Calls in the window below which the breaker never opens. */
  BREAKER_VOLUME_CALLS: count.default(20),
  BREAKER_ERROR_PERCENT: z.coerce.number().int().min(1).max(100).default(50),
  BREAKER_RESET_MS: milliseconds.default(2_000),
  /** Calls under way to one service at once; more are refused with 503. */
  BULKHEAD_CALLS: count.default(2_000),
  /**
   * Payments and refunds that wait for their end at once; more are refused with 503. Enough to keep
   * the services busy, few enough that those who are served do not wait for seconds.
   */
  BULKHEAD_WAITING_CALLS: count.default(512),
  /**
   * So many of those for whom there is no room are refused in a second. The others wait for it,
   * three seconds at most: whoever is refused at once asks again at once.
   */
  BULKHEAD_REFUSALS_PER_SECOND: count.default(2_500),
};

const caches = {
  /** Active entries, ended ones, and reservations, remembered by the gate: of each so many. */
  GATE_MAX_ENTRIES: count.default(200_000),
  SCHEDULE_CACHE_MAX_SCHEDULES: count.default(10_000),
  SCHEDULE_CACHE_MS: milliseconds.default(5_000),
  SEAT_MAP_CACHE_MAX_SCHEDULES: count.default(200),
  /** How old a seat map may be; the read model behind it lags by about as much. */
  SEAT_MAP_CACHE_MS: milliseconds.default(250),
  READINESS_CACHE_MS: milliseconds.default(1_000),
};

const dialects = {
  /** Whose wall clock the published documents mean by a time without zone. */
  LOCAL_TIME_ZONE: z
    .string()
    .default('Asia/Seoul')
    .refine(isTimeZone, 'must be the name of a time zone, such as Asia/Seoul'),
};

const rateLimits = {
  RATE_LIMIT_WINDOW_SECONDS: seconds.default(60),
  /** Requests of one identity in a window that lead to a seat: waiting room to payment. */
  RATE_LIMIT_SELLING_USER_REQUESTS: count.default(30_000),
  /** Likewise of one address, whoever calls from there. */
  RATE_LIMIT_SELLING_ADDRESS_REQUESTS: count.default(600_000),
  /** Everything else. */
  RATE_LIMIT_OTHER_USER_REQUESTS: count.default(30_000),
  RATE_LIMIT_OTHER_ADDRESS_REQUESTS: count.default(600_000),
  RATE_LIMIT_MAX_KEYS: count.default(200_000),
};

type Settings = z.output<typeof settings>;
const settings = z.object({
  ...processConfig,
  ...publicPort,
  ...identity,
  ...oidc,
  ...dialects,
  ...services,
  ...caches,
  ...rateLimits,
});

/** The environment of the gateway; each variable is described in the README. */
export const gatewayConfig = settings
  .refine((given) => given.HTTP_HEADERS_TIMEOUT_MS <= given.HTTP_REQUEST_TIMEOUT_MS, {
    path: ['HTTP_HEADERS_TIMEOUT_MS'],
    message: 'must not be above HTTP_REQUEST_TIMEOUT_MS, which includes it',
  })
  .superRefine((given, context) => {
    if (given.AUTH_MODE !== 'oidc') return;
    for (const name of ['OIDC_ISSUER', 'OIDC_AUDIENCE', 'OIDC_JWKS_URL'] as const) {
      if (given[name] !== undefined) continue;
      context.addIssue({ code: 'custom', path: [name], message: 'is needed with AUTH_MODE=oidc' });
    }
  })
  .refine((given) => !isOpenInProduction(given) || given.ALLOW_OPEN_AUTH_IN_PRODUCTION, {
    path: ['AUTH_MODE'],
    message:
      '`open` gives anybody a token for any user: in production it needs ' +
      'ALLOW_OPEN_AUTH_IN_PRODUCTION=true',
    when: () => true,
  })
  .refine((given) => given.NODE_ENV !== 'production' || given.TOKEN_SIGNING_KEYS !== undefined, {
    path: ['TOKEN_SIGNING_KEYS'],
    message: 'is needed in production: two gateways must believe the same tokens',
    when: () => true,
  });

export type GatewayConfig = Readonly<Settings>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function isOpenInProduction(given: Settings): boolean {
  return given.AUTH_MODE === 'open' && given.NODE_ENV === 'production';
}

export function loadGatewayConfig(environment: Environment = process.env): GatewayConfig {
  return loadConfig(gatewayConfig, environment);
}
