import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import { bearerToken } from '../identity/bearer.js';
import { Tokens, unauthorized, type Identity } from '../identity/tokens.js';
import { ENDPOINT, type Access, type Endpoint } from './endpoint.js';
import { ProblemError } from './problem.js';
import { RateLimiter } from './rate-limiter.js';

/** Finds out who calls, counts the call, and lets through whom the endpoint is for. */
@Injectable()
export class IdentityGuard implements CanActivate {
  constructor(
    private readonly tokens: Tokens,
    private readonly limiter: RateLimiter,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const endpoint = Reflect.getMetadata(ENDPOINT, context.getHandler()) as Endpoint | undefined;
    // Only the gateway's own pages (health, documentation) are not endpoints.
    if (endpoint === undefined) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const identity = await this.identify(request, http.getResponse<Response>());
    if (identity !== undefined) request.context.identity = identity;
    admit(endpoint.access, identity);
    return true;
  }

  /** A bad token counts against the address: guessing tokens is limited too. */
  private async identify(request: Request, response: Response): Promise<Identity | undefined> {
    const address = request.ip ?? 'unknown';
    let identity: Identity | undefined;
    try {
      const token = bearerToken(request.headers.authorization);
      if (token !== undefined) identity = await this.tokens.verify(token);
    } catch (error) {
      this.count({ address }, response);
      throw error;
    }
    const client = identity === undefined ? { address } : { address, userId: identity.userId };
    this.count(client, response);
    return identity;
  }

  private count(client: { userId?: number; address: string }, response: Response): void {
    const verdict = this.limiter.takeFor(client);
    const headers = this.limiter.headersOf(verdict);
    response.setHeader('RateLimit-Policy', headers.policy);
    response.setHeader('RateLimit', headers.state);
    if (verdict.allowed) return;
    throw new ProblemError('RATE_LIMITED', {
      detail: `At most ${verdict.limit} requests in the time; it begins anew in a moment.`,
      headers: { 'retry-after': String(verdict.resetSeconds) },
    });
  }
}

function admit(access: Access, identity: Identity | undefined): void {
  if (access === 'anyone') return;
  if (identity === undefined) throw unauthorized('AUTHENTICATION_REQUIRED');
  if (access === 'identified' || identity.roles.includes(access)) return;
  throw new ProblemError('ROLE_REQUIRED', { detail: `This is for the role ${access}.` });
}
