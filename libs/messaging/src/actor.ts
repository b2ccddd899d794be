import type { ActorRole, Contract } from '@encore/contracts';
import { ForbiddenActorError } from './errors.js';

/** Who a request or query is from, as proved to this service itself. */
export interface Actor {
  /** Null for one who is no user, such as a script of an operator. */
  readonly userId: number | null;
  readonly roles: readonly ActorRole[];
}

/** What a message came in: an envelope, perhaps with a word for everything in it. */
export interface Carrier {
  readonly content: Buffer;
  readonly voucher: string | undefined;
}

/** Checks what proves who a message is from. Asked for nearly every request: it must be quick. */
export interface ActorVerifier {
  /**
   * Undefined for what proves nothing, or nothing any more. An assertion is as good as signed in a
   * carrier that is vouched for by somebody who might have signed it.
   */
  verify(assertion: string, carrier?: Carrier): Actor | undefined;
}

/** Signs whole envelopes, for services that would have to check all of their assertions. */
export interface EnvelopeVoucher {
  vouch(content: Buffer): string;
}

/** Of a process that was told nobody's keys: nothing proves anything to it. */
export const believingNobody: ActorVerifier = Object.freeze({ verify: () => undefined });

/**
 * Whose word a message is, when it is the word its contract asks for; otherwise throws. What is for
 * anyone is not looked at any closer.
 */
export function admitActor(
  contract: Contract,
  payload: unknown,
  assertion: string | undefined,
  verifier: ActorVerifier,
  carrier: Carrier,
): Actor | undefined {
  const rule = contract.actor;
  if (rule === 'service' || rule === 'anyone') return undefined;
  const owner = ownerOf(payload);
  if (rule === 'owner-or-guest' && owner === null) return undefined;
  const forbid = (reason: string) => new ForbiddenActorError(contract.service, reason);
  if (assertion === undefined) throw forbid(`${contract.name} does not say who it is from`);
  const actor = verifier.verify(assertion, carrier);
  if (actor === undefined) throw forbid(`${contract.name} does not prove who it is from`);
  if (rule === 'identified') return actor;
  const isAllowed =
    rule === 'owner' || rule === 'owner-or-guest'
      ? typeof owner === 'number' && owner === actor.userId
      : actor.roles.includes(rule);
  if (!isAllowed) throw forbid(`${contract.name} is not for the one it is from: ${rule}`);
  return actor;
}

function ownerOf(payload: unknown): unknown {
  return typeof payload === 'object' && payload !== null && 'userId' in payload
    ? payload.userId
    : undefined;
}
