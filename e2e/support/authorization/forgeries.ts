import { OidcProvider, OwnTokens, type SignedToken } from '@encore/testing';

export type Mode = 'open' | 'oidc';

/** Whoever signs the tokens the gateway believes. */
export type Signer = OidcProvider | OwnTokens;

export interface Forgery {
  readonly name: string;
  readonly token: string;
}

const ROLES = ['organiser', 'operator'];

export function signerFor(mode: Mode): Promise<Signer> {
  return mode === 'oidc' ? OidcProvider.open() : OwnTokens.make();
}

/** Tokens that claim to be the user, with every role, and are none that the gateway may believe. */
export async function forgeriesOf(signer: Signer, userId: number): Promise<Forgery[]> {
  const claims = { sub: String(userId), encore_user_id: userId, roles: ROLES };
  const bad: readonly (readonly [string, SignedToken])[] = [
    ['expired', { seconds: -60 }],
    ['of the wrong type', { typ: 'dpop+jwt' }],
    ['for another audience', { audience: 'somebody-else' }],
    ['of another issuer', { issuer: 'https://elsewhere.example' }],
    ['with an unknown key id', { kid: 'unknown' }],
    ['without a key id', { kid: null }],
    ['signed by a stranger', { byStranger: true }],
    ['signed by a stranger with a key id of its own', { byStranger: true, kid: 'mine' }],
  ];
  const signed = bad.map(async ([name, wanted]) => ({
    name: `a token ${name}`,
    token: await signer.sign({ claims, ...wanted }),
  }));
  const good = await signer.sign({ claims });
  const [head = '', payload = '', signature = ''] = good.split('.');
  return [
    { name: 'garbage', token: 'garbage' },
    { name: 'a token with alg none', token: signer.unsigned(claims) },
    {
      name: 'a token with the public key as its HMAC secret',
      token: await signer.signedWithPublicKey(claims),
    },
    { name: 'a token without its signature', token: `${head}.${payload}.` },
    {
      name: 'a token with the payload of another',
      token: `${head}.${payload.slice(0, -4)}AAAA.${signature}`,
    },
    ...(await Promise.all(signed)),
  ];
}
