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
    expect(() => parseConfig(gatewayConfig, production)).toThrow('AUTH_MODE');
    const told = { ...production, ALLOW_OPEN_AUTH_IN_PRODUCTION: 'true' };
    expect(parseConfig(gatewayConfig, told)).toMatchObject({ AUTH_MODE: 'open' });
  });

  it('takes production for granted', () => {
    expect(() => parseConfig(gatewayConfig, { AMQP_URL: enough.AMQP_URL })).toThrow('AUTH_MODE');
  });

  it('says that oidc is not built yet', () => {
    expect(() => parseConfig(gatewayConfig, { ...enough, AUTH_MODE: 'oidc' })).toThrow('oidc');
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
  const own = Object.entries(
    parseConfig(gatewayConfig, { ...enough, TOKEN_SIGNING_KEYS: 'none' }),
  ).filter(([name]) => !(name in processConfig));

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
