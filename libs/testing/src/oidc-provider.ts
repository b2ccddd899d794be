import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  base64url,
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';

export interface SignedToken {
  readonly claims?: JWTPayload;
  /** Of the header; the key's own when absent, none at all when null. */
  readonly kid?: string | null;
  readonly typ?: string;
  readonly issuer?: string;
  readonly audience?: string;
  /** Negative for a token whose time is over. */
  readonly seconds?: number;
  /** Signed by a key the provider does not know. */
  readonly byStranger?: boolean;
}

interface ProviderKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

const ALGORITHM = 'RS256';
const AUDIENCE = 'encore-api';

/**
 * A tiny OpenID Connect provider: its configuration, its keys, and tokens signed with them. Keys
 * change and the provider goes away when the test says so.
 */
export class OidcProvider {
  #server: Server | undefined;
  #keys: ProviderKey[] = [];
  #made = 0;
  #port = 0;
  /** How often somebody asked for the keys. */
  keyRequests = 0;

  static async open(): Promise<OidcProvider> {
    const provider = new OidcProvider();
    provider.#keys = [await provider.#newKey()];
    await provider.comeBack();
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get jwksUrl(): string {
    return `${this.issuer}/keys`;
  }

  /** What a gateway needs to believe it. */
  get environment(): Record<string, string> {
    return {
      AUTH_MODE: 'oidc',
      OIDC_ISSUER: this.issuer,
      OIDC_AUDIENCE: AUDIENCE,
      OIDC_JWKS_URL: this.jwksUrl,
    };
  }

  /** The token of a user as the provider gives it. */
  tokenOf(userId: number, roles: readonly string[] = []): Promise<string> {
    return this.sign({ claims: { encore_user_id: userId, roles: [...roles] } });
  }

  async sign(wanted: SignedToken = {}): Promise<string> {
    const key = wanted.byStranger === true ? await this.#newKey() : this.#newest();
    const kid = wanted.kid === undefined ? this.#newest().kid : wanted.kid;
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ sub: 'somebody', ...wanted.claims })
      .setProtectedHeader({
        alg: ALGORITHM,
        typ: wanted.typ ?? 'at+jwt',
        ...(kid === null ? {} : { kid }),
      })
      .setIssuer(wanted.issuer ?? this.issuer)
      .setAudience(wanted.audience ?? AUDIENCE)
      .setIssuedAt(now - 3_600)
      .setExpirationTime(now + (wanted.seconds ?? 600))
      .sign(key.privateKey);
  }

  /** A token that carries the right claims and nobody's signature. */
  unsigned(claims: JWTPayload): string {
    return `${this.#encoded({ alg: 'none', typ: 'at+jwt' })}.${this.#claims(claims)}.`;
  }

  /** A token signed with the public key as if it were a secret shared by both sides. */
  async signedWithPublicKey(claims: JWTPayload): Promise<string> {
    const { kid, publicJwk } = this.#newest();
    const head = this.#encoded({ alg: 'HS256', typ: 'at+jwt', kid });
    const text = `${head}.${this.#claims(claims)}`;
    const secret = new TextEncoder().encode(JSON.stringify(publicJwk));
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', secret, hmac, false, ['sign']);
    const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text));
    return `${text}.${base64url.encode(new Uint8Array(signature))}`;
  }

  /** A new key signs from now on; the old ones are withdrawn, unless they are kept for a while. */
  async rotate({ keepOld = false } = {}): Promise<void> {
    const key = await this.#newKey();
    this.#keys = keepOld ? [key, ...this.#keys] : [key];
  }

  async goAway(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** At the same address as before. */
  async comeBack(): Promise<void> {
    const server = createServer(this.#answer);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  #answer: RequestListener = (request, response) => {
    const said = this.#pageOf(request.url ?? '/');
    response.writeHead(said === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(said ?? {}));
  };

  #pageOf(path: string): object | undefined {
    if (path === '/.well-known/openid-configuration') {
      return {
        issuer: this.issuer,
        jwks_uri: this.jwksUrl,
        id_token_signing_alg_values_supported: [ALGORITHM],
      };
    }
    if (path !== '/keys') return undefined;
    this.keyRequests += 1;
    return { keys: this.#keys.map(({ publicJwk }) => publicJwk) };
  }

  #newest(): ProviderKey {
    const [newest] = this.#keys;
    if (newest === undefined) throw new Error('a provider without keys');
    return newest;
  }

  async #newKey(): Promise<ProviderKey> {
    this.#made += 1;
    const kid = `key-${this.#made}`;
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' };
    return { kid, privateKey, publicJwk };
  }

  #claims(claims: JWTPayload): string {
    const exp = Math.floor(Date.now() / 1_000) + 600;
    return this.#encoded({ sub: 'x', iss: this.issuer, aud: AUDIENCE, exp, ...claims });
  }

  #encoded(value: object): string {
    return base64url.encode(JSON.stringify(value));
  }
}
