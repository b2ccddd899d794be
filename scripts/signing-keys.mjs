// @ts-check
// Prints a new signing key as two lines of an env file: all of it for the gateway, and the public
// half for the services.
import { freshSecrets, publicKeysOf } from './secrets.mjs';

const { tokenSigningKeys } = freshSecrets();
console.log(`TOKEN_SIGNING_KEYS='${JSON.stringify(tokenSigningKeys)}'`);
console.log(`ACTOR_VERIFICATION_KEYS='${JSON.stringify(publicKeysOf(tokenSigningKeys))}'`);
