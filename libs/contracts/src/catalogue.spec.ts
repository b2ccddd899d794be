import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { CONTRACTS, contractOf } from './catalogue.js';
import { SERVICES, wireNameOf } from './define.js';

/** The verbs we use, so that one deed does not get two names. A new verb is a decision: add it. */
const VERBS =
  'Add|Bind|Cancel|Change|Charge|Compensate|Confirm|Create|Credit|Debit|Discard|Expire|Extend|' +
  'Hold|Issue|Join|Leave|Mark|Open|Pin|Request|Resolve|Resume|Retry|Return|Set|Unpin';

const byWireName = CONTRACTS.map((contract) => [contract.wireName, contract] as const);
const answered = byWireName.filter(([, contract]) => contract.kind !== 'event');

/** The parts of a JSON schema that our payloads use. */
interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

function arbitraryString(schema: Schema): fc.Arbitrary<string> {
  if (schema.format === 'date-time') {
    const range = { min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true };
    return fc.date(range).map((date) => date.toISOString());
  }
  if (schema.format === 'uuid') return fc.uuid();
  if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
  return fc.string({ minLength: schema.minLength ?? 0, maxLength: schema.maxLength ?? 40 });
}

/** Anything a sender may put into a payload of this shape. */
function arbitraryOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(arbitraryOf));
  const min = schema.minimum ?? Number.MIN_SAFE_INTEGER;
  const max = schema.maximum ?? Number.MAX_SAFE_INTEGER;
  switch (schema.type) {
    case 'integer':
      return fc.integer({ min, max });
    case 'number':
      return fc.double({ min, max, noNaN: true }).map((number) => number + 0);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return arbitraryString(schema);
    case 'array': {
      const minLength = schema.minItems ?? 0;
      const maxLength = Math.max(minLength, Math.min(schema.maxItems ?? 3, 3));
      return fc.uniqueArray(arbitraryOf(schema.items ?? {}), { minLength, maxLength });
    }
    case 'object': {
      const properties = Object.entries(schema.properties ?? {});
      const fields = properties.map(([name, one]) => [name, arbitraryOf(one)] as const);
      return fc.record(Object.fromEntries(fields), { requiredKeys: schema.required ?? [] });
    }
    default:
      throw new Error(`no payload has used a field like ${JSON.stringify(schema)} before`);
  }
}

/** Valid payloads: what the shape allows, less what a rule across fields forbids. */
function payloadsOf(payload: z.ZodType): fc.Arbitrary<object> {
  const shape = z.toJSONSchema(payload, { io: 'input' }) as Schema;
  return arbitraryOf(shape).filter((value): value is object => payload.safeParse(value).success);
}

describe('the catalogue', () => {
  it('names every message once', () => {
    const names = byWireName.map(([wireName]) => wireName);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each(byWireName)('finds %s by the name it derives', (wireName, contract) => {
    expect(wireName).toBe(wireNameOf(contract.service, contract.name, contract.version));
    expect(contractOf(wireName)).toBe(contract);
  });

  it('has messages of every service and of every kind', () => {
    expect(new Set(CONTRACTS.map(({ service }) => service))).toEqual(new Set(SERVICES));
    expect(new Set(CONTRACTS.map(({ kind }) => kind)).size).toBe(4);
  });

  it('knows nothing of a name nobody declared', () => {
    expect(contractOf('wallet.debit-wallet-v99')).toBeUndefined();
  });
});

describe('a name', () => {
  const patterns = {
    command: new RegExp(`^(${VERBS})([A-Z][a-z]+)+$`),
    request: new RegExp(`^(${VERBS})([A-Z][a-z]+)+$`),
    query: /^(((Read|List)([A-Z][a-z]+)+)|Ping)$/,
    event: /^([A-Z][a-z]+)+ed$/,
  };

  it.each(byWireName)('of %s says what kind of message it is', (_, contract) => {
    expect(contract.name).toMatch(patterns[contract.kind]);
  });

  it.each(byWireName)('of %s comes with a sentence', (_, contract) => {
    expect(contract.summary).toMatch(/^[A-Z`].*[.?]$/);
  });
});

/** Whose word each message needs that a person can have a hand in: a new one is a decision. */
const WHOSE_WORD = {
  owner: [
    'queue.join-waiting-room',
    'queue.leave-waiting-room',
    'queue.read-entry',
    'queue.read-pass-of',
    // The secret in it proves the guest, not the user it is to belong to.
    'queue.bind-pass',
    'reservation.hold-seats',
    'reservation.extend-hold',
    'reservation.cancel-reservation',
    'reservation.read-reservation',
    'reservation.list-reservations',
    'wallet.read-wallet',
    'wallet.list-wallet-entries',
    'wallet.charge-wallet',
    'payment.request-payment',
    'payment.read-payment',
    'payment.read-requested-payment',
    'payment.list-payments',
    'payment.read-payments-page',
    'payment.request-refund',
    'payment.read-refund',
    'payment.read-requested-refund',
    'payment.list-refunds',
  ],
  'owner-or-guest': ['queue.issue-pass'],
  organiser: [
    'queue.set-room-policy',
    'queue.read-room',
    'queue.list-rooms',
    'concert.create-concert',
    'concert.change-concert',
    'concert.add-schedule',
    'concert.change-schedule',
    'concert.set-seat-prices',
    'payment.read-sales-report',
  ],
  operator: ['wallet.open-accounts', 'payment.list-sagas', 'payment.read-saga'],
  // Each tells everybody about their own requests only.
  identified: SERVICES.map((service) => `${service}.read-stored-answer`),
  // Nothing at the gateway leads to these.
  service: ['reservation.pin-under-lease', 'payment.list-stored-payments'],
  anyone: [
    // Its secret is the proof.
    'queue.read-pass',
    // What is on sale is public; whose turn it is, is the gate's matter.
    'concert.list-concerts',
    'concert.read-concert',
    'concert.list-schedules',
    'concert.read-schedule',
    'concert.read-seat-map',
    'concert.read-seat',
    // Says only that there is one.
    'wallet.read-user',
    ...SERVICES.map((service) => `${service}.ping`),
  ],
};

describe('the word a message needs', () => {
  const asked = CONTRACTS.filter(({ kind }) => kind === 'request' || kind === 'query');

  it.each(Object.entries(WHOSE_WORD))('is that of %s for exactly these', (actor, names) => {
    const declared = asked.filter((contract) => contract.actor === actor);
    expect(declared.map(({ wireName }) => wireName).sort()).toEqual([...names].sort());
  });

  it('was decided for every request and query', () => {
    expect(Object.values(WHOSE_WORD).flat()).toHaveLength(asked.length);
  });

  it('is a service’s own for commands and events', () => {
    const others = CONTRACTS.filter((contract) => !asked.includes(contract));
    expect(new Set(others.map(({ actor }) => actor))).toEqual(new Set(['service']));
  });
});

describe('a refusal', () => {
  const owners = SERVICES.map((service) => service.toUpperCase());

  it.each(answered)('of %s is named <OWNER>_<REASON>, each once', (_, contract) => {
    for (const refusal of contract.refusals) {
      expect(refusal).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
      expect(owners).toContain(refusal.split('_')[0]);
    }
  });

  it('of another service is one that service declares', () => {
    const own = (service: string, refusal: string) =>
      refusal.startsWith(`${service.toUpperCase()}_`);
    const declared = new Set(
      CONTRACTS.flatMap(({ service, refusals }) => refusals.filter((one) => own(service, one))),
    );
    const passedOn = CONTRACTS.flatMap(({ service, refusals }) =>
      refusals.filter((one) => !own(service, one)),
    );
    expect(passedOn.filter((refusal) => !declared.has(refusal))).toEqual([]);
  });
});

describe('a payload', () => {
  it.each(byWireName)('of %s arrives as it was sent', (_, { payload }) => {
    fc.assert(
      fc.property(payloadsOf(payload), (value) => {
        const sent: unknown = payload.parse(value);
        const arrived: unknown = payload.parse(JSON.parse(JSON.stringify(sent)));
        expect(arrived).toEqual(sent);
      }),
      { numRuns: 50 },
    );
  });

  it.each(byWireName)('of %s may carry a field of a later version', (_, { payload }) => {
    fc.assert(
      fc.property(payloadsOf(payload), (value) => {
        const arrived: unknown = payload.parse({ ...value, addedLater: true });
        expect(arrived).toEqual(payload.parse(value));
      }),
      { numRuns: 10 },
    );
  });

  it.each(byWireName)('of %s is never something other than an object', (_, { payload }) => {
    for (const wrong of [null, 1, 'text', []]) {
      expect(payload.safeParse(wrong).success).toBe(false);
    }
  });
});
