import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import { bearerToken } from '../identity/bearer.js';
import {
  assertedUserOf,
  Credentials,
  isOver,
  presentedToken,
  type Caller,
  type IdentityVerifier,
} from '../identity/credentials.js';
import { unauthorized, type Identity } from '../identity/tokens.js';
import { ENDPOINT, type Access, type Endpoint } from './endpoint.js';
import { ProblemError } from './problem.js';
import { RateLimits } from './rate-limits.js';

export type AuthMode = 'open' | 'oidc';

/** Finds out who calls, counts the call, and lets through whom the endpoint is for. */
@Injectable()
export class IdentityGuard implements CanActivate {
  constructor(
    private readonly mode: AuthMode,
    private readonly verifier: IdentityVerifier,
    private readonly credentials: Credentials,
    private readonly limits: RateLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const endpoint = Reflect.getMetadata(ENDPOINT, context.getHandler()) as Endpoint | undefined;
    // Only the gateway's own pages (health, documentation) are not endpoints.
    if (endpoint === undefined) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const caller = await this.callerOf(endpoint, request);
    const userId = caller?.identity.userId;
    // Only who has proved it: counting those merely named would let anybody use up their requests.
    if (userId !== undefined) {
      this.limits.countUser(userId, request, http.getResponse<Response>());
    }
    if (endpoint.dialects !== undefined) await this.actAs(endpoint, request, caller);
    else if (caller !== undefined) request.context.identity = caller.identity;
    this.admit(endpoint, request.context.identity);
    return true;
  }

  private async callerOf(endpoint: Endpoint, request: Request): Promise<Caller | undefined> {
    if (endpoint.dialects !== undefined) return this.callerOfDialect(endpoint, request);
    const token = bearerToken(request.headers.authorization);
    return token === undefined ? undefined : { identity: await this.verifier.verify(token) };
  }

  private async callerOfDialect(endpoint: Endpoint, request: Request): Promise<Caller | undefined> {
    const { headers, context } = request;
    const presented = {
      authorization: presentedToken(headers.authorization),
      tokenHeader: presentedToken(headers['token']),
      field: endpoint.tokenField === true ? tokenFieldOf(request) : undefined,
    };
    const { allowsEnded = false, givesToken = false } = endpoint;
    try {
      return await this.credentials.callerOf(presented, { origin: context, allowsEnded });
    } catch (error) {
      if (this.mode === 'open' && givesToken && isOver(error)) return undefined;
      throw error;
    }
  }

  /**
   * The token says who acts. What the request itself says must not differ; it names the actor only
   * where the document asks for no token and nobody has to prove anything.
   */
  private async actAs(
    endpoint: Endpoint,
    request: Request,
    caller: Caller | undefined,
  ): Promise<void> {
    const { context } = request;
    const asserted = assertedUserOf([
      request.params['userId'],
      request.query['userId'],
      fieldOf(request.body, 'userId'),
      request.headers['user-id'],
    ]);
    if (caller === undefined) {
      const isBelieved = this.mode === 'open' && endpoint.access === 'anyone';
      if (isBelieved && asserted !== undefined) context.identity = { userId: asserted, roles: [] };
      return;
    }
    const { identity, guestUuid, entry } = caller;
    context.identity = identity;
    if (entry !== undefined) context.entry = entry;
    if (guestUuid !== undefined) context.guestUuid = guestUuid;
    const userId = this.mode === 'open' && guestUuid !== undefined ? asserted : identity.userId;
    if (asserted !== undefined && asserted !== userId) {
      // The documents know users who do not exist. A provider's people learn nothing about others.
      if (this.mode === 'open') await this.credentials.requireUser(asserted, context);
      throw new ProblemError('NOT_YOURSELF');
    }
    if (guestUuid !== undefined && userId !== undefined) {
      context.binding = { tokenUuid: guestUuid, userId };
    }
  }

  private admit(endpoint: Endpoint, identity: Identity | undefined): void {
    if (this.mode === 'oidc' && endpoint.openModeOnly === true) {
      throw new ProblemError('OPEN_MODE_ONLY');
    }
    const access = accessOf(endpoint, this.mode);
    if (access === 'anyone') return;
    if (identity === undefined) throw unauthorized('AUTHENTICATION_REQUIRED');
    if (access === 'identified' || identity.roles.includes(access)) return;
    throw new ProblemError('ROLE_REQUIRED', { detail: `This is for the role ${access}.` });
  }
}

/** Where a provider vouches for people, a published document's route is for nobody else. */
export function accessOf(endpoint: Endpoint, mode: AuthMode): Access {
  if (mode === 'open') return endpoint.access;
  if (endpoint.accessInOidcMode !== undefined) return endpoint.accessInOidcMode;
  const isForAnyone = endpoint.access === 'anyone' && endpoint.dialects !== undefined;
  return isForAnyone ? 'identified' : endpoint.access;
}

function tokenFieldOf(request: Request): string | undefined {
  const given = [request.query['token'], fieldOf(request.body, 'token')];
  const [first, ...others] = [...new Set(given.filter((token) => token !== undefined))];
  if (others.length > 0) throw new ProblemError('TOKENS_DIFFER');
  if (first === undefined || typeof first === 'string') return presentedToken(first);
  // A tokenId is a number, and clients send it as one.
  if (typeof first === 'number') return presentedToken(String(first));
  throw unauthorized('TOKEN_INVALID');
}

function fieldOf(body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined;
  return (body as Readonly<Record<string, unknown>>)[name];
}
