import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { addressKey } from './client-address.js';
import { laneOf } from './lanes.js';
import { ProblemError } from './problem.js';
import { RateLimiter, type Client } from './rate-limiter.js';

/** What balancers and orchestrators ask again and again, all from one address. */
const UNCOUNTED = new Set(['/healthz', '/readyz']);

/** Tells every client where it stands, and those beyond their limit to come back later. */
@Injectable()
export class RateLimits {
  constructor(private readonly limiter: RateLimiter) {}

  /**
   * By address, whoever calls: before a body is read or a signature is checked, so that neither
   * guessing tokens nor changing them gets anybody further.
   */
  countAddress(request: Request, response: Response): void {
    const address = addressKey(request.ip);
    if (!UNCOUNTED.has(request.path)) this.count({ address }, request, response);
  }

  /** By identity, once it is proved. */
  countUser(userId: number, request: Request, response: Response): void {
    this.count({ userId }, request, response);
  }

  private count(client: Client, request: Request, response: Response): void {
    // Both times a request is counted, it is of the same lane.
    request.context.lane ??= laneOf(request.path);
    const verdict = this.limiter.take(request.context.lane, client);
    const { policy, state } = this.limiter.headersOf(verdict);
    extend(response, 'RateLimit-Policy', policy);
    extend(response, 'RateLimit', state);
    if (verdict.allowed) return;
    throw new ProblemError('RATE_LIMITED', {
      detail: `At most ${verdict.limit} requests in the time; it begins anew in a moment.`,
      headers: { 'retry-after': String(verdict.resetSeconds) },
    });
  }
}

/** Both fields are lists: one member per policy the request counts towards. */
function extend(response: Response, name: string, member: string): void {
  const before = response.getHeader(name);
  response.setHeader(name, typeof before === 'string' ? `${before}, ${member}` : member);
}
