import { randomUUID } from 'node:crypto';
import {
  createEncoreClient,
  EncoreProblem,
  type Answer,
  type EncoreClient,
  type Entry,
  type Payment,
  type Refund,
  type Reservation,
  type Seat,
  type Wallet,
} from '@encore/client';
import { describedFetch } from './description.js';

/** What came back over HTTP; `body` is the parsed JSON, a problem document when `status` ≥ 400. */
export interface Response<Body> {
  status: number;
  headers: Headers;
  body: Body & { code?: string; detail?: string; requestId?: string };
}

interface CallOptions {
  body?: unknown;
  idempotencyKey?: string;
  headers?: Record<string, string>;
}

/** Longer than any deadline of the gateway: a call that outlives it hangs, and the test says so. */
const HANGING_AFTER_MS = 30_000;

/** One request exactly as it is given: for what no client would send, and for single answers. */
export async function call<Body>(
  gateway: string,
  method: string,
  path: string,
  options: CallOptions & { token?: string } = {},
): Promise<Response<Body>> {
  const response = await describedFetch(`${gateway}${path}`, {
    method,
    headers: {
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.idempotencyKey === undefined
        ? {}
        : { 'idempotency-key': options.idempotencyKey }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    signal: AbortSignal.timeout(HANGING_AFTER_MS),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Response<Body>['body'],
  };
}

/** A client that tries once: tests look at every answer, also where one would try again. */
function clientOf(gateway: string): EncoreClient {
  return createEncoreClient({
    baseUrl: gateway,
    fetch: describedFetch,
    retries: false,
    timeoutMs: HANGING_AFTER_MS,
  });
}

/** A problem is an answer like any other to a test. */
async function answered<Body>(answer: Promise<Answer<Body>>): Promise<Response<Body>> {
  try {
    return (await answer) as Response<Body>;
  } catch (error) {
    if (!(error instanceof EncoreProblem)) throw error;
    const { status, headers, problem } = error;
    return { status, headers, body: problem as unknown as Response<Body>['body'] };
  }
}

/** Somebody who buys over the public API, one call per thing a person does. */
export class Person {
  private constructor(
    private readonly gateway: string,
    readonly userId: number,
    readonly token: string,
    private readonly client: EncoreClient,
  ) {}

  static async as(
    gateway: string,
    userId: number,
    roles: ('organiser' | 'operator')[] = [],
  ): Promise<Person> {
    const client = clientOf(gateway);
    const { token } = await client.tokens.issue({ userId, roles });
    return new Person(gateway, userId, token, client.withToken(token));
  }

  call<Body>(method: string, path: string, options: CallOptions = {}): Promise<Response<Body>> {
    return call<Body>(this.gateway, method, path, { ...options, token: this.token });
  }

  join(room = 'default'): Promise<Response<Entry>> {
    return answered(
      this.client.send('POST', '/v1/waiting-rooms/{room}/entries', { path: { room } }),
    );
  }

  entry(room = 'default'): Promise<Response<Entry>> {
    return answered(
      this.client.send('GET', '/v1/waiting-rooms/{room}/entries/me', { path: { room } }),
    );
  }

  seats(scheduleId: number): Promise<Response<{ seats: Seat[] }>> {
    return answered(
      this.client.send('GET', '/v1/schedules/{scheduleId}/seats', { path: { scheduleId } }),
    );
  }

  wallet(): Promise<Response<Wallet>> {
    return answered(this.client.send('GET', '/v1/wallet'));
  }

  charge(amountKrw: number, idempotencyKey = randomUUID()): Promise<Response<Wallet>> {
    return answered(
      this.client.send('POST', '/v1/wallet/charges', { body: { amountKrw }, idempotencyKey }),
    );
  }

  hold(
    scheduleId: number,
    seatNumbers: number[],
    idempotencyKey = randomUUID(),
  ): Promise<Response<Reservation>> {
    const body = { scheduleId, seatNumbers };
    return answered(this.client.send('POST', '/v1/reservations', { body, idempotencyKey }));
  }

  reservation(reservationId: number): Promise<Response<Reservation>> {
    return answered(
      this.client.send('GET', '/v1/reservations/{reservationId}', { path: { reservationId } }),
    );
  }

  /** Without a key unless there is one: paying twice happens once even then. */
  pay(reservationId: number, options: CallOptions = {}): Promise<Response<Payment>> {
    return this.call('POST', '/v1/payments', { body: { reservationId }, ...options });
  }

  /** Without a key: cancelling twice happens once even then. */
  cancel(reservationId: number): Promise<Response<Reservation>> {
    return this.call('DELETE', `/v1/reservations/${reservationId}`);
  }

  refund(reservationId: number, seatNumbers?: number[]): Promise<Response<Refund>> {
    const body = seatNumbers === undefined ? { reservationId } : { reservationId, seatNumbers };
    return answered(
      this.client.send('POST', '/v1/refunds', { body, idempotencyKey: randomUUID() }),
    );
  }
}

/** Somebody with a hold, the money for it and an active entry: all that is left is to pay. */
export interface Buyer {
  readonly person: Person;
  readonly reservationId: number;
}
