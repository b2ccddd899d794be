// Writes docs/messages.md from the contracts, or with --check says whether it is current.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';

/** @typedef {Record<string, any>} Schema A JSON schema as zod writes it. */
/** @typedef {{ name: string, type: string }} Field */

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'docs/messages.md');

const KINDS = [
  ['command', 'Commands', 'Durable and confirmed, answered into the sender’s replies queue.'],
  ['request', 'Requests', 'Change something while a client waits; repeated under the same id.'],
  ['query', 'Queries', 'Read only.'],
  ['event', 'Events', 'Durable facts; nobody answers.'],
];

/** @param {number | undefined} from @param {number | undefined} to @param {string} [unit] */
function range(from, to, unit = '') {
  const low = from === undefined || from <= Number.MIN_SAFE_INTEGER ? undefined : from;
  const high = to === undefined || to >= Number.MAX_SAFE_INTEGER ? undefined : to;
  if (low === undefined && high === undefined) return '';
  if (high === undefined) return ` ≥ ${low}${unit}`;
  if (low === undefined) return ` ≤ ${high}${unit}`;
  return ` ${low} to ${high}${unit}`;
}

/** @param {Schema} schema @returns {string} */
function typeOf(schema) {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((/** @type {string} */ one) => `\`${one}\``).join(', ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  switch (schema.type) {
    case 'integer':
    case 'number':
      return `${schema.type}${range(schema.minimum, schema.maximum)}`;
    case 'string':
      if (schema.format === 'date-time') return 'time, ISO-8601 with zone';
      if (schema.format) return schema.format;
      if (schema.pattern) return `string \`${schema.pattern}\``;
      return `string${range(schema.minLength, schema.maxLength, ' characters')}`;
    case 'array': {
      const count = range(schema.minItems, schema.maxItems);
      return `list${count === '' ? '' : ` of${count}`}: ${typeOf(schema.items)}`;
    }
    case 'object': {
      const names = Object.entries(schema.properties ?? {});
      const inside = names.map(([name, one]) => `${name}: ${typeOf(one)}`).join('; ');
      return names.length > 0 && schema.inline ? `{ ${inside} }` : 'object';
    }
    default:
      return schema.type ?? 'anything';
  }
}

/** Objects below a union cannot be told apart by a path: they are written out in their row. */
/** @param {Schema} schema */
function inlined(schema) {
  for (const one of schema.anyOf ?? []) {
    if (one.type === 'object') one.inline = true;
  }
  return schema;
}

/** @param {Schema} schema @param {string} prefix @returns {Field[]} */
function fieldsOf(schema, prefix = '') {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const one = inlined(property);
    const optional = required.has(name) ? '' : ', optional';
    const fallback =
      one.default === undefined ? optional : `, otherwise \`${JSON.stringify(one.default)}\``;
    const path = `${prefix}${name}`;
    const below =
      one.type === 'array' ? fieldsOf(one.items, `${path}[].`) : fieldsOf(one, `${path}.`);
    return [{ name: path, type: `${typeOf(one)}${fallback}` }, ...below];
  });
}

/** @param {string} title @param {Field[]} fields */
function table(title, fields) {
  if (fields.length === 0) return `${title}: nothing.\n`;
  const rows = fields.map(({ name, type }) => `| \`${name}\` | ${type.replaceAll('|', '\\|')} |`);
  return [`| ${title} | |`, '|---|---|', ...rows, ''].join('\n');
}

/** Whose word a request or query needs. */
const WORDS = {
  owner: 'Only from the user `userId` names.',
  'owner-or-guest': 'Only from the user `userId` names; from anybody when that is null.',
  organiser: 'Only from an organiser.',
  operator: 'Only from an operator.',
  identified: 'Only from somebody whose identity is verified.',
  anyone: 'From anybody.',
  service: 'Only between services: nothing the gateway offers leads to it.',
};

/** @param {any} contract */
function section(contract) {
  const isAsked = contract.kind === 'request' || contract.kind === 'query';
  const word = WORDS[/** @type {keyof typeof WORDS} */ (contract.actor)];
  const payload = z.toJSONSchema(contract.payload, { io: 'input', unrepresentable: 'any' });
  const lines = [
    `#### ${contract.name}`,
    `\`${contract.wireName}\`, version ${contract.version}. ${contract.summary}`,
    ...(isAsked ? [word] : []),
    table('payload', fieldsOf(payload)),
  ];
  if (contract.kind !== 'event') {
    const reply = z.toJSONSchema(contract.reply, { io: 'output', unrepresentable: 'any' });
    const refusals = [...new Set(contract.refusals)].map((code) => `\`${code}\``);
    lines.push(table('reply', fieldsOf(reply)));
    lines.push(`Refusals: ${refusals.length === 0 ? 'none' : refusals.join(', ')}.`);
  }
  return lines.map((line) => line.trimEnd()).join('\n\n');
}

/** @param {readonly any[]} contracts @param {readonly string[]} services */
function render(contracts, services) {
  const parts = [
    '# Messages',
    'Every message there is, by the service that handles it (for events: that announces it). ' +
      'Written from `libs/contracts` by `node scripts/messages-doc.mjs`; do not edit.',
    'A receiver ignores fields it does not know. A field is never removed and its meaning never ' +
      'changes; a breaking change is a new message with `-v2` on its wire name.',
    'Requests and queries carry the signed identity of the person they are from. Each says below ' +
      'whose word it needs; the service refuses everybody else before its handler hears of it. ' +
      'Commands and events are a service’s own word.',
    'Integers are safe in a JSON number. Amounts are whole Korean won.',
  ];
  for (const service of services) {
    parts.push(`## ${service}`);
    for (const [kind, title, explanation] of KINDS) {
      const ofKind = contracts.filter((one) => one.service === service && one.kind === kind);
      if (ofKind.length === 0) continue;
      parts.push(`### ${title} of ${service}`, `${explanation}`, ...ofKind.map(section));
    }
  }
  return `${parts.join('\n\n')}\n`;
}

const built = pathToFileURL(join(root, 'libs/contracts/dist/index.js')).href;
const { CONTRACTS, SERVICES } = await import(built);
const text = render(CONTRACTS, SERVICES);

if (process.argv.includes('--check')) {
  let present = '';
  try {
    present = readFileSync(target, 'utf8');
  } catch (error) {
    console.error(`docs/messages.md cannot be read: ${error}`);
  }
  if (present !== text) {
    console.error('docs/messages.md is not what the contracts say: node scripts/messages-doc.mjs');
    process.exitCode = 1;
  }
} else {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}
