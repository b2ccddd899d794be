import { randomUUID } from 'node:crypto';
import type {
  EntryView,
  PaymentView,
  RefundView,
  ReservationView,
  SeatView,
  WalletView,
} from '@encore/contracts';

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

export async function call<Body>(
  gateway: string,
  method: string,
  path: string,
  options: CallOptions & { token?: string } = {},
): Promise<Response<Body>> {
  const response = await fetch(`${gateway}${path}`, {
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

/** Somebody who buys over the public API, one call per thing a person does. */
export class Person {
  private constructor(
    private readonly gateway: string,
    readonly userId: number,
    readonly token: string,
  ) {}

  static async as(gateway: string, userId: number, roles?: string[]): Promise<Person> {
    const answer = await call<{ token: string }>(gateway, 'POST', '/v1/tokens', {
      body: roles === undefined ? { userId } : { userId, roles },
    });
    if (answer.status >= 300) throw new Error(`no token for ${userId}: ${answer.status}`);
    return new Person(gateway, userId, answer.body.token);
  }

  call<Body>(method: string, path: string, options: CallOptions = {}): Promise<Response<Body>> {
    return call<Body>(this.gateway, method, path, { ...options, token: this.token });
  }

  join(room = 'default'): Promise<Response<EntryView>> {
    return this.call('POST', `/v1/waiting-rooms/${room}/entries`, {});
  }

  entry(room = 'default'): Promise<Response<EntryView>> {
    return this.call('GET', `/v1/waiting-rooms/${room}/entries/me`);
  }

  seats(scheduleId: number): Promise<Response<{ seats: SeatView[] }>> {
    return this.call('GET', `/v1/schedules/${scheduleId}/seats`);
  }

  wallet(): Promise<Response<WalletView>> {
    return this.call('GET', '/v1/wallet');
  }

  charge(amountKrw: number, idempotencyKey = randomUUID()): Promise<Response<WalletView>> {
    return this.call('POST', '/v1/wallet/charges', { body: { amountKrw }, idempotencyKey });
  }

  hold(
    scheduleId: number,
    seatNumbers: number[],
    idempotencyKey = randomUUID(),
  ): Promise<Response<ReservationView>> {
    return this.call('POST', '/v1/reservations', {
      body: { scheduleId, seatNumbers },
      idempotencyKey,
    });
  }

  reservation(reservationId: number): Promise<Response<ReservationView>> {
    return this.call('GET', `/v1/reservations/${reservationId}`);
  }

  pay(reservationId: number, options: CallOptions = {}): Promise<Response<PaymentView>> {
    return this.call('POST', '/v1/payments', { body: { reservationId }, ...options });
  }

  cancel(reservationId: number): Promise<Response<ReservationView>> {
    return this.call('DELETE', `/v1/reservations/${reservationId}`);
  }

  refund(reservationId: number, seatNumbers?: number[]): Promise<Response<RefundView>> {
    return this.call('POST', '/v1/refunds', {
      body: seatNumbers === undefined ? { reservationId } : { reservationId, seatNumbers },
      idempotencyKey: randomUUID(),
    });
  }
}

/** Somebody with a hold, the money for it and an active entry: all that is left is to pay. */
export interface Buyer {
  readonly person: Person;
  readonly reservationId: number;
}
