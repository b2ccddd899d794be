import { must } from './buying.js';
import { send, type Sent } from './send.js';

export interface Place {
  readonly queuePosition: number;
  readonly estimatedWaitTime: number;
}
export interface IssuedToken extends Place {
  readonly token: string;
}
export interface Hold {
  readonly concertDate: string;
  readonly seatNumber: number;
  readonly status: string;
  readonly expireAt: string;
}
interface Asking {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client written against `user-token`, which knows nothing of the others or of `/v1`. */
export class UserTokenClient {
  private lastUserId = 0;
  private lastSeatNumber = 0;

  constructor(private readonly gateway: string) {}

  /** A user nobody has been yet. */
  someone(): number {
    this.lastUserId += 1;
    return this.lastUserId;
  }

  /** A number of a seat nobody was pointed to yet. */
  freshSeat(): number {
    this.lastSeatNumber += 1;
    return this.lastSeatNumber;
  }

  /** A request as the document shows it, also a GET with a body. */
  ask<Body>(
    method: string,
    path: string,
    { token, body, headers = {} }: Asking = {},
  ): Promise<Sent<Body>> {
    return send<Body>(`${this.gateway}${path}`, method, {
      headers: {
        ...(token === undefined ? {} : { token }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { text: JSON.stringify(body) }),
    });
  }

  async tokenOf(userId?: number): Promise<string> {
    const asking = userId === undefined ? {} : { body: { userId } };
    return must(await this.ask<IssuedToken>('POST', '/user/token', asking), 200).body.token;
  }

  status(token: string): Promise<Sent<Place>> {
    return this.ask('GET', '/user/token/status', { body: { token } });
  }

  reserve(token: string | undefined, body: unknown): Promise<Sent<Hold>> {
    return this.ask('POST', '/concert/reserve', { token, body });
  }

  charge(token: string, userId: number, amount: unknown): Promise<Sent<unknown>> {
    return this.ask('POST', '/payment/charge', { token, body: { userId, amount } });
  }

  async balanceOf(token: string, userId: number): Promise<number> {
    const answer = await this.ask<{ balance: number }>('GET', '/payment/balance', {
      token,
      body: { userId },
    });
    return must(answer, 200).body.balance;
  }

  pay(token: string | undefined, userId: number): Promise<Sent<unknown>> {
    return this.ask('POST', '/payment', { token, body: { userId } });
  }

  /** Somebody new with that much money and holds of `seats` seats of concert 1. */
  async holder(moneyKrw: number, seats = 1): Promise<{ userId: number; token: string }> {
    const userId = this.someone();
    const token = await this.tokenOf(userId);
    if (moneyKrw > 0) must(await this.charge(token, userId, moneyKrw), 200);
    for (let held = 0; held < seats; held += 1) {
      const body = { userId, concertId: 1, seatNumber: this.freshSeat() };
      must(await this.reserve(token, body), 200);
    }
    return { userId, token };
  }
}
