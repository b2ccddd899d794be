import { LRUCache } from 'lru-cache';

export interface RateLimitOptions {
  readonly windowSeconds: number;
  readonly userRequests: number;
  readonly addressRequests: number;
  readonly maxKeys: number;
}

export interface RateLimitVerdict {
  readonly allowed: boolean;
  /** Of the policy: named, because users and addresses have different ones. */
  readonly policy: 'user' | 'address';
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

interface Window {
  count: number;
  readonly endsAtMs: number;
}

/**
 * Counts requests in fixed windows, per user or, without identity, per address. In memory: with
 * several gateways each allows the full limit. It protects the gateway; it is not a quota. Keys
 * beyond the limit push out those unseen for longest.
 */
export class RateLimiter {
  private readonly windows: LRUCache<string, Window>;

  constructor(private readonly options: RateLimitOptions) {
    this.windows = new LRUCache({ max: options.maxKeys });
  }

  takeFor(client: { userId?: number; address: string }, nowMs = Date.now()): RateLimitVerdict {
    return client.userId === undefined
      ? this.take(`address:${client.address}`, 'address', this.options.addressRequests, nowMs)
      : this.take(`user:${client.userId}`, 'user', this.options.userRequests, nowMs);
  }

  private take(
    key: string,
    policy: RateLimitVerdict['policy'],
    limit: number,
    nowMs: number,
  ): RateLimitVerdict {
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
      resetSeconds: Math.ceil((window.endsAtMs - nowMs) / 1_000),
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
