import { binaryListOf } from './binary-list.js';
import { JsonText } from './json-text.js';
import type { Statement } from './queryable.js';

/** A value as it goes over the wire. */
export type Parameter = string | Buffer | null;

/** What a statement is asked with, as it goes over the wire. */
export function parametersOf(
  { listTypes = [] }: Pick<Statement, 'listTypes'>,
  values: readonly unknown[],
): Parameter[] {
  return values.map((value, index) => {
    const type = listTypes[index];
    const list = type !== undefined && Array.isArray(value) ? binaryListOf(type, value) : undefined;
    return list ?? parameterOf(value);
  });
}

/** A value as PostgreSQL reads it in text; what has no form of its own there is JSON. */
function parameterOf(value: unknown): Parameter {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || value instanceof Buffer) return value;
  if (value instanceof Date) return textOf(value);
  if (value instanceof JsonText) return value.text;
  return Array.isArray(value) ? listOf(value) : JSON.stringify(value);
}

function listOf(values: readonly unknown[]): string {
  let text = '';
  for (const value of values) text += text === '' ? elementOf(value) : `,${elementOf(value)}`;
  return `{${text}}`;
}

const NEEDS_ESCAPE = /["\\]/;

function elementOf(value: unknown): string {
  if (typeof value === 'string') {
    return `"${NEEDS_ESCAPE.test(value) ? value.replaceAll(/["\\]/g, '\\$&') : value}"`;
  }
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return listOf(value);
  if (value instanceof Date) return `"${textOf(value)}"`;
  // JSON holds no control characters, so that all a string of it needs is what an element needs.
  return JSON.stringify(value instanceof JsonText ? value.text : JSON.stringify(value));
}

let latest = { milliseconds: NaN, text: '' };

/** The rows of a batch are mostly of one moment. */
function textOf(moment: Date): string {
  const milliseconds = moment.getTime();
  if (milliseconds !== latest.milliseconds) latest = { milliseconds, text: moment.toISOString() };
  return latest.text;
}
