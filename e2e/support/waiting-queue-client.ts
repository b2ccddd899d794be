import { must } from './buying.js';
import { send, type Sent } from './send.js';

export interface QueueToken {
  readonly userId: number;
  readonly token: string;
  readonly tokenCreated: string;
  readonly tokenExpiry: string;
  readonly tokenStatus: string;
}
export interface QueuePosition extends QueueToken {
  readonly position: number;
}
export interface Seat {
  readonly seatId: number;
  readonly seatNumber: number;
  readonly reserveYn: string;
}
interface Asking {
  readonly userId?: number | string;
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client written against `waiting-queue`, which knows nothing of the others or of `/v1`. */
export class WaitingQueueClient {
  private lastUserId = 0;
  private lastSeatNumber = 0;

  constructor(private readonly gateway: string) {}

  /** A user nobody has been yet. */
  someone(): number {
    this.lastUserId += 1;
    return this.lastUserId;
  }

  /** Numbers of seats nobody was pointed to yet. */
  freshSeats(count: number): number[] {
    return Array.from({ length: count }, () => (this.lastSeatNumber += 1));
  }

  /** A request as the document shows it: `user-id` and `Token` are headers. */
  ask<Body = Record<string, unknown>>(
    method: string,
    path: string,
    asking: Asking = {},
  ): Promise<Sent<Body>> {
    const { userId, token, body, headers = {} } = asking;
    return send<Body>(`${this.gateway}${path}`, method, {
      headers: {
        ...(userId === undefined ? {} : { 'user-id': String(userId) }),
        ...(token === undefined ? {} : { token }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { text: JSON.stringify(body) }),
    });
  }

  issue(userId: number | string): Promise<Sent<QueueToken>> {
    return this.ask('POST', '/api/waiting-queue/', { userId });
  }

  async tokenOf(userId: number): Promise<string> {
    return must(await this.issue(userId), 200).body.token;
  }

  async position(userId: number): Promise<QueuePosition> {
    const path = '/api/waiting-queue/position';
    return must(await this.ask<QueuePosition>('GET', path, { userId }), 200).body;
  }

  async seatsOf(token: string, scheduleId: number): Promise<Seat[]> {
    const path = `/api/concerts/1/schedules/${scheduleId}/seats`;
    return must(await this.ask<{ seats: Seat[] }>('GET', path, { token }), 200).body.seats;
  }

  reserve(token: string | undefined, body: unknown, schedule = '1/schedules/1') {
    const path = `/api/concerts/${schedule}/seats/reservation`;
    return this.ask('POST', path, { token, body });
  }

  pay(token: string | undefined, body: unknown, schedule = '1/schedules/1') {
    const path = `/api/concerts/${schedule}/seats/reservation/payment`;
    return this.ask('POST', path, { token, body });
  }

  charge(userId: number, amount: unknown): Promise<Sent> {
    return this.ask('PATCH', '/api/balances/balance/charge', { userId, body: amount });
  }

  async balanceOf(userId: number): Promise<number> {
    const answer = await this.ask<{ amount: number }>('GET', '/api/balances/balance/', { userId });
    return must(answer, 200).body.amount;
  }

  /** Somebody new with that much money, who holds so many seats of the first day of concert 1. */
  async holder(
    moneyKrw: number,
    count = 1,
  ): Promise<{ userId: number; token: string; seats: number[] }> {
    const userId = this.someone();
    const token = await this.tokenOf(userId);
    if (moneyKrw > 0) must(await this.charge(userId, moneyKrw), 200);
    const seats = this.freshSeats(count);
    must(await this.reserve(token, { userId, seats }), 200);
    return { userId, token, seats };
  }
}
