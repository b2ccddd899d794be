import { LRUCache } from 'lru-cache';
import type { Lane } from './lanes.js';

export interface LaneLimits {
  readonly userRequests: number;
  readonly addressRequests: number;
}

export interface RateLimitOptions {
  readonly windowSeconds: number;
  readonly lanes: Readonly<Record<Lane, LaneLimits>>;
  readonly maxKeys: number;
}

export type Client = { readonly userId: number } | { readonly address: string };

export interface RateLimitVerdict {
  readonly allowed: boolean;
  /** Named, because each lane has one for users and one for addresses. */
  readonly policy: `${Lane}-${'user' | 'address'}`;
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

interface Window {
  count: number;
  readonly endsAtMs: number;
}

/**
 * Counts requests in fixed windows, per lane and client. In memory: with several gateways each
 * allows the full limit. It protects the gateway; it is not a quota. Clients beyond the limit push
 * out those unseen for longest.
 */
export class RateLimiter {
  private readonly windows: LRUCache<string, Window>;

  constructor(private readonly options: RateLimitOptions) {
    this.windows = new LRUCache({ max: options.maxKeys });
  }

  take(lane: Lane, client: Client, nowMs = Date.now()): RateLimitVerdict {
    const { userRequests, addressRequests } = this.options.lanes[lane];
    return 'userId' in client
      ? this.count(`${lane}-user`, client.userId, userRequests, nowMs)
      : this.count(`${lane}-address`, client.address, addressRequests, nowMs);
  }

  private count(
    policy: RateLimitVerdict['policy'],
    who: number | string,
    limit: number,
    nowMs: number,
  ): RateLimitVerdict {
    const key = `${policy} ${who}`;
    let window = this.windows.get(key);
    if (window === undefined || window.endsAtMs <= nowMs) {
      window = { count: 0, endsAtMs: nowMs + this.options.windowSeconds * 1_000 };
      this.windows.set(key, window);
    }
    window.count += 1;
    return {
      allowed: window.count <= limit,
      policy,
      limit,
      remaining: Math.max(0, limit - window.count),
      resetSeconds: Math.max(1, Math.ceil((window.endsAtMs - nowMs) / 1_000)),
    };
  }

  /** The two header fields of the IETF's RateLimit draft. */
  headersOf(verdict: RateLimitVerdict): { policy: string; state: string } {
    const { policy, limit, remaining, resetSeconds } = verdict;
    return {
      policy: `"${policy}";q=${limit};w=${this.options.windowSeconds}`,
      state: `"${policy}";r=${remaining};t=${resetSeconds}`,
    };
  }
}
