// @ts-check
import { createPrivateKey, sign } from 'node:crypto';

const LIFE_SECONDS = 86_400;

/**
 * Signs users' tokens with the gateway's own key, as it would itself: asking it for hundreds of
 * thousands would take longer than what is to be measured.
 * @param {{ keys: object[] }} signingKeys
 * @returns {(userId: number) => string}
 */
export function tokenOffice({ keys }) {
  const [jwk] = /** @type {(import('node:crypto').JsonWebKey & { kid: string })[]} */ (keys);
  if (jwk === undefined) throw new Error('There is no signing key');
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const header = encoded({ alg: 'EdDSA', typ: 'at+jwt', kid: jwk.kid });
  const now = Math.floor(Date.now() / 1_000);
  const common = { roles: [], iss: 'encore', aud: 'encore-api', iat: now, exp: now + LIFE_SECONDS };
  return (userId) => {
    const signed = `${header}.${encoded({ ...common, sub: String(userId) })}`;
    return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
  };
}

/** @param {object} value */
function encoded(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
