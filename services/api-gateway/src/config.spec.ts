import { readFileSync } from 'node:fs';
import { parseConfig, processConfig } from '@encore/service-kit';
import { describe, expect, it } from '@jest/globals';
import { gatewayConfig } from './config.js';

const enough = { NODE_ENV: 'development', AMQP_URL: 'amqp://localhost' };

describe('the configuration', () => {
  it('needs nothing but a broker in development', () => {
    expect(parseConfig(gatewayConfig, enough)).toMatchObject({ AUTH_MODE: 'open' });
  });

  it('refuses to give tokens to everybody in production unless told twice', () => {
    const production = { ...enough, NODE_ENV: 'production', TOKEN_SIGNING_KEYS: '{}' };
    expect(() => parseConfig(gatewayConfig, production)).toThrow(
      /AUTH_MODE: .*needs ALLOW_OPEN_AUTH_IN_PRODUCTION=true/,
    );
    const told = { ...production, ALLOW_OPEN_AUTH_IN_PRODUCTION: 'true' };
    expect(parseConfig(gatewayConfig, told)).toMatchObject({ AUTH_MODE: 'open' });
  });

  it('takes production for granted', () => {
    expect(() => parseConfig(gatewayConfig, { AMQP_URL: enough.AMQP_URL })).toThrow('AUTH_MODE');
  });

  it('needs to know the provider when one vouches for people', () => {
    const provider = {
      OIDC_ISSUER: 'https://id.example',
      OIDC_AUDIENCE: 'encore-api',
      OIDC_JWKS_URL: 'https://id.example/keys',
    };
    const oidc = { ...enough, AUTH_MODE: 'oidc' };
    const production = { ...oidc, ...provider, NODE_ENV: 'production', TOKEN_SIGNING_KEYS: '{}' };
    expect(parseConfig(gatewayConfig, production)).toMatchObject({ AUTH_MODE: 'oidc' });
    for (const name of Object.keys(provider)) {
      expect(() => parseConfig(gatewayConfig, oidc)).toThrow(name);
    }
  });

  it('believes no signature that whoever checks it could have made', () => {
    for (const algorithm of ['HS256', 'none', 'RS256,HS256']) {
      const wrong = { ...enough, OIDC_ALGORITHMS: algorithm };
      expect(() => parseConfig(gatewayConfig, wrong)).toThrow('OIDC_ALGORITHMS');
    }
  });

  it('knows which clock the published documents go by', () => {
    expect(parseConfig(gatewayConfig, enough).LOCAL_TIME_ZONE).toBe('Asia/Seoul');
    const wrong = { ...enough, LOCAL_TIME_ZONE: 'Asia/Nowhere' };
    expect(() => parseConfig(gatewayConfig, wrong)).toThrow('LOCAL_TIME_ZONE');
  });

  it('lists every fault at once', () => {
    const wrong = { NODE_ENV: 'production', HTTP_PORT: 'x', HTTP_BODY_LIMIT_BYTES: '-1' };
    const faults = ['AMQP_URL', 'HTTP_PORT', 'HTTP_BODY_LIMIT_BYTES', 'AUTH_MODE'];
    for (const fault of [...faults, 'TOKEN_SIGNING_KEYS']) {
      expect(() => parseConfig(gatewayConfig, wrong)).toThrow(fault);
    }
  });
});

describe('the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const withoutDefault = ['TOKEN_SIGNING_KEYS', 'OIDC_ISSUER', 'OIDC_AUDIENCE', 'OIDC_JWKS_URL'];
  const own = Object.entries({
    ...parseConfig(gatewayConfig, enough),
    ...Object.fromEntries(withoutDefault.map((name) => [name, 'none'])),
  }).filter(([name]) => !(name in processConfig));

  it.each(own)('names %s with its default', (name, value) => {
    expect(readme).toContain(`| \`${name}\``);
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';
    expect(row.split('|')[2]?.replaceAll('`', '').trim()).toBe(String(value));
  });

  it('names nothing else', () => {
    const rows = [...readme.matchAll(/^\| `([A-Z][A-Z_]+)`/gm)];
    const names = rows.map(([, name]) => name).filter((name) => !name?.startsWith('ENTRY_'));
    expect(names.sort()).toEqual(own.map(([name]) => name).sort());
  });
});
