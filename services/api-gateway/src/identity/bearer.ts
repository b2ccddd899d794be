import { unauthorized } from './tokens.js';

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i;

/** The token of an `Authorization: Bearer …` header; undefined when there is no such header. */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined || header === '') return undefined;
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw unauthorized('TOKEN_INVALID');
  return token;
}
