import { QueueInspector, ServiceClient } from '@encore/messaging';
import type { ActorSigner, Runtime } from '@encore/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { Bookings } from './application/bookings.js';
import { Catalogue, SeatMaps } from './application/catalogue.js';
import { CoveredHolds } from './application/covered-holds.js';
import { FirstFree } from './application/first-free.js';
import { HeldPayments } from './application/held-payments.js';
import { Identities } from './application/identities.js';
import { Operations } from './application/operations.js';
import { Passes } from './application/passes.js';
import { Organising } from './application/organising.js';
import { Payments } from './application/payments.js';
import { WaitingRooms } from './application/waiting-rooms.js';
import { Wallets } from './application/wallets.js';
import { Services } from './clients/services.js';
import type { GatewayConfig } from './config.js';
import { ActiveEntries } from './gate/active-entries.js';
import { Gate } from './gate/gate.js';
import { ReservedSchedules } from './gate/reserved-schedules.js';
import { ScheduleRooms } from './gate/schedule-rooms.js';
import { CONTROLLERS } from './http/controllers.js';
import { LocalTime } from './http/dialects/local-time.js';
import { DocsController, OPENAPI_DOCUMENT } from './http/docs.controller.js';
import { endpointsOf } from './http/endpoint.js';
import { GuestBindingPipe } from './http/guest-binding.pipe.js';
import { HealthController } from './http/health.controller.js';
import { IdentityGuard } from './http/identity.guard.js';
import { openApiDocument } from './http/openapi.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RateLimiter } from './http/rate-limiter.js';
import { RateLimits } from './http/rate-limits.js';
import { ReadinessCache } from './http/readiness-cache.js';
import { RouteTable } from './http/route-table.js';
import { Credentials, type IdentityVerifier } from './identity/credentials.js';
import { Tokens } from './identity/tokens.js';

/** What the gateway stands on: made before Nest, ended after it. */
export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly runtime: Pick<Runtime, 'logger' | 'readiness'>;
  readonly client: Pick<ServiceClient, 'ask'>;
  readonly inspector: Pick<QueueInspector, 'inspect' | 'peekParked'>;
  readonly tokens: Tokens;
  /** Tells the services who calls. */
  readonly actors: ActorSigner;
  /** In `oidc` mode; in `open` mode our own tokens say who somebody is. */
  readonly provider: IdentityVerifier | undefined;
  /** Whether the services' announcements are heard just now. */
  readonly isListening: () => boolean;
}

/** The one list of the gateway's parts. */
@Module({})
export class GatewayModule {
  static register(parts: GatewayParts): DynamicModule {
    const { config, runtime, tokens, inspector } = parts;
    const endpoints = endpointsOf(CONTROLLERS);
    const routes = new RouteTable(endpoints);
    const services = servicesOf(parts);
    const entries = new ActiveEntries(config.GATE_MAX_ENTRIES);
    const reserved = new ReservedSchedules(services, config.GATE_MAX_ENTRIES);
    const rooms = new ScheduleRooms(services, {
      maxSchedules: config.SCHEDULE_CACHE_MAX_SCHEDULES,
      keepMs: config.SCHEDULE_CACHE_MS,
    });
    const seatMaps = new SeatMaps(services, {
      maxSchedules: config.SEAT_MAP_CACHE_MAX_SCHEDULES,
      keepMs: config.SEAT_MAP_CACHE_MS,
    });
    const limits = limitsOf(config);
    const readiness = new ReadinessCache(runtime.readiness, config.READINESS_CACHE_MS);
    return {
      module: GatewayModule,
      controllers: [HealthController, DocsController, ...CONTROLLERS],
      providers: [
        { provide: Services, useValue: services },
        { provide: ActiveEntries, useValue: entries },
        { provide: ScheduleRooms, useValue: rooms },
        { provide: ReservedSchedules, useValue: reserved },
        { provide: SeatMaps, useValue: seatMaps },
        { provide: Gate, useValue: new Gate(services, entries, parts.isListening) },
        { provide: Tokens, useValue: tokens },
        { provide: QueueInspector, useValue: inspector },
        { provide: RateLimits, useValue: limits },
        { provide: ReadinessCache, useValue: readiness },
        {
          provide: OPENAPI_DOCUMENT,
          useValue: openApiDocument(endpoints, config.SERVICE_VERSION),
        },
        { provide: LocalTime, useValue: new LocalTime(config.LOCAL_TIME_ZONE) },
        { provide: APP_GUARD, useValue: guardOf(parts, services, limits) },
        { provide: APP_PIPE, useClass: GuestBindingPipe },
        { provide: APP_FILTER, useValue: new ProblemFilter(routes, runtime.logger) },
        ...[Bookings, Catalogue, Identities, Operations, Organising, Passes, Payments],
        ...[CoveredHolds, FirstFree, HeldPayments, WaitingRooms, Wallets],
      ],
    };
  }
}

function servicesOf({ client, config, runtime, actors }: GatewayParts): Services {
  return new Services(
    client,
    {
      queryDeadlineMs: config.QUERY_DEADLINE_MS,
      requestDeadlineMs: config.REQUEST_DEADLINE_MS,
      waitingDeadlineMs: config.PAYMENT_WAIT_MS,
      breakerWindowMs: config.BREAKER_WINDOW_MS,
      breakerVolumeCalls: config.BREAKER_VOLUME_CALLS,
      breakerErrorPercent: config.BREAKER_ERROR_PERCENT,
      breakerResetMs: config.BREAKER_RESET_MS,
      bulkheadCalls: config.BULKHEAD_CALLS,
      bulkheadWaitingCalls: config.BULKHEAD_WAITING_CALLS,
    },
    runtime.logger,
    actors,
  );
}

function guardOf(
  { config, tokens, provider }: GatewayParts,
  services: Services,
  limits: RateLimits,
): IdentityGuard {
  return new IdentityGuard(
    config.AUTH_MODE,
    provider ?? tokens,
    new Credentials(services, tokens, provider),
    limits,
  );
}

function limitsOf(config: GatewayConfig): RateLimits {
  const limiter = new RateLimiter({
    windowSeconds: config.RATE_LIMIT_WINDOW_SECONDS,
    lanes: {
      selling: {
        userRequests: config.RATE_LIMIT_SELLING_USER_REQUESTS,
        addressRequests: config.RATE_LIMIT_SELLING_ADDRESS_REQUESTS,
      },
      other: {
        userRequests: config.RATE_LIMIT_OTHER_USER_REQUESTS,
        addressRequests: config.RATE_LIMIT_OTHER_ADDRESS_REQUESTS,
      },
    },
    maxKeys: config.RATE_LIMIT_MAX_KEYS,
  });
  return new RateLimits(limiter);
}
