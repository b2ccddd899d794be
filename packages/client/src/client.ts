import { EncoreProblem } from './errors.js';
import { pathOf, pathOfLocation, type Query } from './requests.js';
import { DEFAULT_RETRIES, NO_RETRIES, type RetryPolicy } from './retrying.js';
import type {
  Entry,
  InputOf,
  Method,
  OutputOf,
  PathOf,
  Payment,
  QueryOf,
  Refund,
} from './shapes.js';
import { REAL_SURROUNDINGS, type Surroundings } from './surroundings.js';
import { Transport, type Answer, type TokenSource } from './transport.js';
import { untilActive, untilSettled } from './waiting.js';

export interface EncoreClientOptions {
  /** Where the gateway is, such as `https://tickets.example`; may have a path. */
  readonly baseUrl: string;
  /** Sent with every call. A function is asked for each try, so that it can renew the token. */
  readonly token?: TokenSource;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** What differs from the ordinary policy; `false` for one try only. */
  readonly retries?: Partial<RetryPolicy> | false;
  /** The longest one try may take, in milliseconds; 30,000 if absent. */
  readonly timeoutMs?: number;
}

/** Every call takes these. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Every change takes these. */
export interface ChangeOptions extends CallOptions {
  /**
   * Names the intent. Give one, and keep it, when the same change may be asked for again by
   * another call, say after a reload of the page. Otherwise each call has a key of its own, the
   * same for all its tries.
   */
  readonly idempotencyKey?: string | undefined;
}

/** For what may take its time; in milliseconds. */
export interface WaitOptions {
  readonly waitMaxMs?: number | undefined;
}

export interface QueueingOptions extends CallOptions, WaitOptions {
  /** Sees every answer, to show the place and the estimate. */
  readonly onEntry?: ((entry: Entry) => void) | undefined;
}

type OptionsOf<M extends Method> = M extends 'GET' ? CallOptions : ChangeOptions;
type Input<M extends Method, P extends PathOf<M>> = InputOf<M, P> & OptionsOf<M>;
/** An input nothing of which is required may be left out. */
type InputArguments<Wanted> = object extends Wanted ? [input?: Wanted] : [input: Wanted];
type Body<P extends PathOf<'POST'>> =
  InputOf<'POST', P> extends { body: infer Found } ? Found : never;

/** The input of any call, once its types have been checked. */
interface LooseInput extends ChangeOptions {
  readonly path?: Record<string, string | number>;
  readonly query?: Query;
  readonly body?: unknown;
}

const TIMEOUT_MS = 30_000;
const QUEUEING_MAX_MS = 3_600_000;
const SETTLING_MAX_MS = 120_000;
/** The status of the problem that ends what was accepted: a refusal, found out late. */
const REFUSED_LATE_STATUS = 409;

/** A client of one gateway, for one person or nobody in particular. Keeps nothing between calls. */
export function createEncoreClient(options: EncoreClientOptions): EncoreClient {
  return new EncoreClient(options, REAL_SURROUNDINGS);
}

export class EncoreClient {
  readonly #options: EncoreClientOptions;
  readonly #surroundings: Surroundings;
  readonly #transport: Transport;
  readonly #baseUrl: string;

  /** @internal Use `createEncoreClient`. */
  constructor(options: EncoreClientOptions, surroundings: Surroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#baseUrl = new URL(options.baseUrl).href.replace(/\/+$/, '');
    this.#transport = new Transport(
      {
        baseUrl: this.#baseUrl,
        token: options.token,
        fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
        retries:
          options.retries === false ? NO_RETRIES : { ...DEFAULT_RETRIES, ...options.retries },
        timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      },
      surroundings,
    );
  }

  /** The same client for somebody. */
  withToken(token: TokenSource): EncoreClient {
    return new EncoreClient({ ...this.#options, token }, this.#surroundings);
  }

  /** Any call of `/v1`, with its status and headers: what the methods below are made of. */
  async send<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    ...[input]: InputArguments<Input<M, P>>
  ): Promise<Answer<OutputOf<M, P>>> {
    const loose = (input ?? {}) as LooseInput;
    const answer = await this.#transport.exchange({
      method,
      path: pathOf(path, loose.path, loose.query),
      body: loose.body,
      idempotencyKey: loose.idempotencyKey,
      signal: loose.signal,
    });
    return answer as Answer<OutputOf<M, P>>;
  }

  readonly users = {
    /** A new user with an empty wallet. */
    create: (options?: ChangeOptions) => this.#body(this.send('POST', '/v1/users', options)),
  };

  readonly tokens = {
    /** A token of the gateway itself, where it gives any: an identity provider has its own. */
    issue: (body: Body<'/v1/tokens'>, options?: ChangeOptions) =>
      this.#body(this.send('POST', '/v1/tokens', { body, ...options })),
  };

  readonly waitingRooms = {
    /** Takes a place; asking again returns the same one. */
    join: (room: string, options?: ChangeOptions) =>
      this.#body(
        this.send('POST', '/v1/waiting-rooms/{room}/entries', { path: { room }, ...options }),
      ),
    /** The own place; asking keeps it alive. */
    entry: (room: string, options?: CallOptions) =>
      this.#body(
        this.send('GET', '/v1/waiting-rooms/{room}/entries/me', { path: { room }, ...options }),
      ),
    leave: (room: string, options?: ChangeOptions) =>
      this.#body(
        this.send('DELETE', '/v1/waiting-rooms/{room}/entries/me', { path: { room }, ...options }),
      ),
    /**
     * Takes a place, or finds the one there is, and resolves when it is one's turn. Asks as often
     * as the gateway wants to be asked. Rejects with an EncoreEntryEndedError when the place is
     * lost, and with an EncoreUnfinishedError after `waitMaxMs`, an hour if absent; the place is
     * kept for the grace time then, and asking again goes on waiting.
     */
    waitUntilActive: async (room: string, options: QueueingOptions = {}): Promise<Entry> => {
      const { signal, onEntry, waitMaxMs = QUEUEING_MAX_MS } = options;
      const first = await this.waitingRooms.join(room, { signal });
      const ask = () => this.waitingRooms.entry(room, { signal });
      return untilActive(first, ask, { signal, onEntry, waitMaxMs }, this.#surroundings);
    },
  };

  readonly concerts = {
    list: (query?: QueryOf<'/v1/concerts'>, options?: CallOptions) =>
      this.#body(this.send('GET', '/v1/concerts', { ...queried(query), ...options })),
    read: (concertId: number, options?: CallOptions) =>
      this.#body(this.send('GET', '/v1/concerts/{concertId}', { path: { concertId }, ...options })),
    schedules: (
      concertId: number,
      query?: QueryOf<'/v1/concerts/{concertId}/schedules'>,
      options?: CallOptions,
    ) =>
      this.#body(
        this.send('GET', '/v1/concerts/{concertId}/schedules', {
          path: { concertId },
          ...queried(query),
          ...options,
        }),
      ),
  };

  readonly schedules = {
    read: (scheduleId: number, options?: CallOptions) =>
      this.#body(
        this.send('GET', '/v1/schedules/{scheduleId}', { path: { scheduleId }, ...options }),
      ),
    /** Every seat with price and status; needs an active entry. */
    seats: (scheduleId: number, options?: CallOptions) =>
      this.#body(
        this.send('GET', '/v1/schedules/{scheduleId}/seats', { path: { scheduleId }, ...options }),
      ),
  };

  readonly reservations = {
    /** Holds seats of one schedule, all or none; needs an active entry. */
    hold: (body: Body<'/v1/reservations'>, options?: ChangeOptions) =>
      this.#body(this.send('POST', '/v1/reservations', { body, ...options })),
    list: (query?: QueryOf<'/v1/reservations'>, options?: CallOptions) =>
      this.#body(this.send('GET', '/v1/reservations', { ...queried(query), ...options })),
    read: (reservationId: number, options?: CallOptions) =>
      this.#body(
        this.send('GET', '/v1/reservations/{reservationId}', {
          path: { reservationId },
          ...options,
        }),
      ),
    /** Releases a hold, or cancels what is paid so that it can be refunded. */
    cancel: (reservationId: number, options?: ChangeOptions) =>
      this.#body(
        this.send('DELETE', '/v1/reservations/{reservationId}', {
          path: { reservationId },
          ...options,
        }),
      ),
    /** Gives a hold its full time again, once. */
    extend: (reservationId: number, options?: ChangeOptions) =>
      this.#body(
        this.send('POST', '/v1/reservations/{reservationId}/extension', {
          path: { reservationId },
          ...options,
        }),
      ),
  };

  readonly wallet = {
    read: (options?: CallOptions) => this.#body(this.send('GET', '/v1/wallet', options)),
    charge: (amountKrw: number, options?: ChangeOptions) =>
      this.#body(this.send('POST', '/v1/wallet/charges', { body: { amountKrw }, ...options })),
    entries: (query?: QueryOf<'/v1/wallet/entries'>, options?: CallOptions) =>
      this.#body(this.send('GET', '/v1/wallet/entries', { ...queried(query), ...options })),
  };

  readonly payments = {
    /**
     * Pays a hold and resolves when it is paid; rejects with the refusal that failed it, also when
     * that showed only later. After `waitMaxMs`, two minutes if absent, rejects with an
     * EncoreUnfinishedError that holds the payment still under way.
     */
    pay: async (
      body: Body<'/v1/payments'>,
      { waitMaxMs, ...options }: ChangeOptions & WaitOptions = {},
    ): Promise<Payment> => {
      const answer = await this.send('POST', '/v1/payments', { body, ...options });
      return this.#settled<Payment>(answer, { signal: options.signal, waitMaxMs });
    },
    list: (query?: QueryOf<'/v1/payments'>, options?: CallOptions) =>
      this.#body(this.send('GET', '/v1/payments', { ...queried(query), ...options })),
    /** One payment with the steps it took. */
    read: (paymentId: number, options?: CallOptions) =>
      this.#body(this.send('GET', '/v1/payments/{paymentId}', { path: { paymentId }, ...options })),
  };

  readonly refunds = {
    /** Gives the money of a reservation, or of some of its seats, back; ends as `pay` does. */
    request: async (
      body: Body<'/v1/refunds'>,
      { waitMaxMs, ...options }: ChangeOptions & WaitOptions = {},
    ): Promise<Refund> => {
      const answer = await this.send('POST', '/v1/refunds', { body, ...options });
      return this.#settled<Refund>(answer, { signal: options.signal, waitMaxMs });
    },
    list: (query?: QueryOf<'/v1/refunds'>, options?: CallOptions) =>
      this.#body(this.send('GET', '/v1/refunds', { ...queried(query), ...options })),
    read: (refundId: number, options?: CallOptions) =>
      this.#body(this.send('GET', '/v1/refunds/{refundId}', { path: { refundId }, ...options })),
  };

  async #body<Found>(answer: Promise<Answer<Found>>): Promise<Found> {
    return (await answer).body;
  }

  /** The end of something that was answered at once or accepted. */
  async #settled<Ending extends Payment | Refund>(
    answer: Answer<Ending>,
    { signal, waitMaxMs = SETTLING_MAX_MS }: CallOptions & WaitOptions,
  ): Promise<Ending> {
    let requestId = answer.headers.get('request-id') ?? '';
    const ask = async (location: string) => {
      const path = pathOfLocation(location, this.#baseUrl);
      const asked = await this.#transport.exchange({ method: 'GET', path, signal });
      requestId = asked.headers.get('request-id') ?? requestId;
      return asked as Answer<Ending>;
    };
    const patience = { signal, waitMaxMs };
    const ending = await untilSettled(answer, ask, patience, this.#surroundings);
    if (ending.state !== 'FAILED') return ending;
    const code = ending.failure ?? 'OUTCOME_UNKNOWN';
    throw new EncoreProblem({
      type: `urn:encore:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      title: 'It was accepted and refused later.',
      status: REFUSED_LATE_STATUS,
      code,
      requestId,
      details: { ...ending },
    });
  }
}

function queried<Found>(query: Found | undefined): { query?: Found } {
  return query === undefined ? {} : { query };
}
