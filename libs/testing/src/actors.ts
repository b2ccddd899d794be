import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Contract } from '@encore/contracts';
import type { Actor } from '@encore/messaging';
import { ActorSigner } from '@encore/service-kit';

const KEY_ID = 'test';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer = new ActorSigner({ kid: KEY_ID, key: privateKey });

/** Vouches for whoever a test wants to be, to services that were given this environment. */
export const testActors = {
  environment: { ACTOR_VERIFICATION_KEYS: keySetOf(publicKey) },
  /** Of a gateway these services believe. */
  gatewayEnvironment: { TOKEN_SIGNING_KEYS: keySetOf(privateKey) },

  sign: (actor: Actor): string => signer.sign(actor),

  /** The assertion of the one whose word a contract asks for. */
  signFor: (contract: Contract, payload: unknown): string =>
    signer.sign(rightOne(contract, payload)),
} as const;

function keySetOf(key: KeyObject): string {
  return JSON.stringify({ keys: [{ ...key.export({ format: 'jwk' }), kid: KEY_ID }] });
}

function rightOne({ actor }: Contract, payload: unknown): Actor {
  const roles = actor === 'organiser' || actor === 'operator' ? [actor] : [];
  const isOwned =
    typeof payload === 'object' &&
    payload !== null &&
    'userId' in payload &&
    typeof payload.userId === 'number';
  return { userId: isOwned ? Number(payload.userId) : null, roles };
}
