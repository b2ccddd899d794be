// @ts-check
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateDirectory } from './paths.mjs';

/**
 * @typedef {object} Secrets
 * @property {string} administrator password of our own PostgreSQL's and RabbitMQ's administrators
 * @property {string} roles password of the databases' roles; each role's own is derived from it
 * @property {{ keys: object[] }} tokenSigningKeys a JWK set, as the gateway takes it
 */

/**
 * The secrets of the local system: made once, readable only by their owner, never printed.
 * @param {string} directory
 * @returns {Secrets}
 */
export function localSecrets(directory) {
  const file = join(privateDirectory(directory), 'secrets.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const secrets = freshSecrets();
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}

/** @returns {Secrets} */
export function freshSecrets() {
  return {
    administrator: randomBytes(24).toString('hex'),
    roles: randomBytes(24).toString('hex'),
    tokenSigningKeys: { keys: [signingKey()] },
  };
}

/**
 * What services check the gateway's word with: the same keys without their private halves.
 * @param {{ keys: object[] }} signingKeys
 * @returns {{ keys: object[] }}
 */
export function publicKeysOf({ keys }) {
  return { keys: keys.map((key) => ({ ...key, d: undefined })) };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('ed25519');
  const kid = `local-${randomBytes(6).toString('hex')}`;
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' };
}
