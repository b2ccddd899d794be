import { must } from './buying.js';
import { send, type Sent } from './send.js';
import { SEAT_PRICE_KRW, SEATS_PER_SCHEDULE } from './whole-system.js';

type Fields = Record<string, unknown>;

interface Asking {
  /** What stands in `Authorization`. */
  readonly jwt?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Somebody at the seats with a token and a hold. */
export interface Holder {
  readonly userId: string;
  readonly jwt: string;
  readonly reservationId: string;
  readonly concertDetailId: number;
  readonly seatNumber: number;
}

/** A client written against `booking` or its draft, which knows nothing of `/v1`. */
export class BookingClient {
  private lastUserId = 0;
  private lastSeat = 0;

  constructor(
    private readonly gateway: string,
    /** Where the document gives out tokens. */
    private readonly tokenPath: '/auth/token' | '/token',
  ) {}

  /** A user nobody has been yet; the document writes ids as text. */
  someone(): string {
    this.lastUserId += 1;
    return String(this.lastUserId);
  }

  /** A seat nobody has asked for yet, seat by seat over the schedules. */
  nextSeat(): { concertDetailId: number; seatNumber: number } {
    const place = this.lastSeat;
    this.lastSeat += 1;
    return {
      concertDetailId: 1 + Math.floor(place / SEATS_PER_SCHEDULE),
      seatNumber: 1 + (place % SEATS_PER_SCHEDULE),
    };
  }

  ask<Body = Fields>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    { jwt, body, headers = {} }: Asking = {},
  ): Promise<Sent<Body>> {
    return send<Body>(`${this.gateway}${path}`, method, {
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(jwt === undefined ? {} : { authorization: `Bearer ${jwt}` }),
        ...headers,
      },
      text: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  async jwtOf(userId: string): Promise<string> {
    const answer = await this.ask<{ token: string }>('POST', this.tokenPath, { body: { userId } });
    return must(answer, 200).body.token;
  }

  charge(userId: string, jwt: string, amount: number): Promise<Sent> {
    return this.ask('POST', '/balance', { jwt, body: { userId, amount } });
  }

  async balance(jwt: string): Promise<number> {
    const answer = await this.ask<{ balance: number }>('GET', '/balance', { jwt });
    return must(answer, 200).body.balance;
  }

  /** Somebody new with a token and that much money. */
  async somebody(moneyKrw = 0): Promise<{ userId: string; jwt: string }> {
    const userId = this.someone();
    const jwt = await this.jwtOf(userId);
    if (moneyKrw > 0) must(await this.charge(userId, jwt, moneyKrw), 200);
    return { userId, jwt };
  }

  /** Somebody new with a hold and the money to pay for it. */
  async holder(moneyKrw = SEAT_PRICE_KRW): Promise<Holder> {
    const { userId, jwt } = await this.somebody(moneyKrw);
    const seat = this.nextSeat();
    const answer = await this.ask<{ reservationId: string }>('POST', '/reservations', {
      jwt,
      body: { ...seat, token: jwt },
    });
    const { reservationId } = must(answer, 200).body;
    return { userId, jwt, reservationId, ...seat };
  }

  pay(holder: Holder, amount = SEAT_PRICE_KRW): Promise<Sent> {
    const { userId, jwt, reservationId } = holder;
    return this.ask('POST', '/payment', { jwt, body: { reservationId, userId, amount } });
  }

  async buyer(): Promise<Holder> {
    const holder = await this.holder();
    must(await this.pay(holder), 200);
    return holder;
  }
}
