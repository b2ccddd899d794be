import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { z } from 'zod';
import {
  commonConfig,
  ConfigurationError,
  loadConfig,
  parseConfig,
  processConfig,
} from './config.js';

const schema = z.object({ ...commonConfig, HOLD_SECONDS: z.coerce.number().int().default(300) });
const KEYS = {
  keys: [
    {
      kty: 'OKP',
      crv: 'Ed25519',
      kid: 'one',
      // The example of RFC 8037.
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    },
  ],
};
const others = {
  AMQP_URL: 'amqp://user:secret@broker:5672',
  DATABASE_URL: 'postgres://user:secret@db:5432/wallet',
};
const complete = { ...others, ACTOR_VERIFICATION_KEYS: JSON.stringify(KEYS) };

describe('the configuration of a service', () => {
  it('needs nothing but its database, its broker and who vouches for people', () => {
    const config = parseConfig(schema, complete);
    expect([...config.ACTOR_VERIFICATION_KEYS.keys()]).toEqual(['one']);
    expect(config).toMatchObject({
      ...others,
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      DATABASE_POOL_MAX: 10,
      HEALTH_HOST: '127.0.0.1',
      METRICS_HOST: '127.0.0.1',
      SHUTDOWN_GRACE_MS: 8_000,
      HOLD_SECONDS: 300,
    });
  });

  it('lists every fault at once, and no value of any', () => {
    const environment = {
      AMQP_URL: 'http://user:secret@broker',
      DATABASE_POOL_MAX: 'many',
      HEALTH_PORT: '70000',
      LOG_LEVEL: 'loud',
    };
    const read = () => parseConfig(schema, environment);
    expect(read).toThrow(ConfigurationError);
    for (const name of ['AMQP_URL', 'DATABASE_POOL_MAX', 'HEALTH_PORT', 'LOG_LEVEL']) {
      expect(read).toThrow(new RegExp(`^ {2}${name}: `, 'm'));
    }
    expect(read).toThrow(/DATABASE_URL: is missing/);
    expect(read).not.toThrow(/secret/);
  });

  it.each([
    ['no JSON', '{', /is not JSON/],
    ['no keys', '{"keys":[]}', /ACTOR_VERIFICATION_KEYS/],
    ['a key of another kind', JSON.stringify({ keys: [{ kty: 'oct', k: 'AA' }] }), /OKP/],
    ['a broken key', JSON.stringify({ keys: [{ ...KEYS.keys[0], x: 'AA' }] }), /cannot be used/],
    [
      'a private key, which is none of a service’s business',
      JSON.stringify({ keys: [{ ...KEYS.keys[0], d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZ' }] }),
      /is a private key: services get the public ones only/,
    ],
  ])('refuses verification keys that are %s', (_what, ACTOR_VERIFICATION_KEYS, fault) => {
    const read = () => parseConfig(schema, { ...others, ACTOR_VERIFICATION_KEYS });
    expect(read).toThrow(fault);
    expect(read).not.toThrow(/nWGxne/);
  });

  it('takes an empty variable for an absent one', () => {
    const config = parseConfig(schema, { ...complete, LOG_LEVEL: '', HOLD_SECONDS: '' });
    expect(config).toMatchObject({ LOG_LEVEL: 'info', HOLD_SECONDS: 300 });
    expect(() => parseConfig(schema, { ...complete, AMQP_URL: '' })).toThrow(
      /AMQP_URL: is missing/,
    );
  });

  it('cannot be changed after it was read', () => {
    expect(Object.isFrozen(parseConfig(schema, complete))).toBe(true);
  });

  it('ignores what else is in the environment', () => {
    expect(parseConfig(schema, { ...complete, PATH: '/bin' })).not.toHaveProperty('PATH');
  });

  it('is smaller for a process without a database', () => {
    const config = parseConfig(z.object(processConfig), { AMQP_URL: complete.AMQP_URL });
    expect(config).not.toHaveProperty('DATABASE_POOL_MAX');
  });
});

describe('a process whose configuration cannot be used', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('lists the faults on stderr and exits with 78', () => {
    const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const exit = jest.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    });
    expect(() => loadConfig(schema, { LOG_LEVEL: 'loud' })).toThrow('exit 78');
    expect(exit).toHaveBeenCalledTimes(1);
    const said = String(written.mock.calls[0]?.[0]);
    for (const name of ['LOG_LEVEL', 'AMQP_URL', 'DATABASE_URL']) expect(said).toContain(name);
  });
});
