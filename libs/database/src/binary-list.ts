import { JsonText } from './json-text.js';

/** Writes one element; false when it has no such form. */
type WriteElement = (value: unknown) => boolean;

interface ElementType {
  /** As in the server's `pg_type`. */
  readonly oid: number;
  readonly write: WriteElement;
}

/** Text has a form of its own here, too, but neither side would gain by it. */
const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['bigint', { oid: 20, write: writeBigint }],
  ['int', { oid: 23, write: writeInteger }],
  ['integer', { oid: 23, write: writeInteger }],
  ['timestamptz', { oid: 1184, write: writeMoment }],
  ['uuid', { oid: 2950, write: writeUuid }],
  ['jsonb', { oid: 3802, write: writeJson }],
]);

const NULL_LENGTH = -1;
const HAS_NULL_AT = 4;
const UINT32_VALUES = 2 ** 32;
const INTEGER_MAX = 2 ** 31 - 1;
/** The server counts microseconds from the beginning of 2000. */
const SERVER_EPOCH_MS = Date.UTC(2000, 0, 1);
const JSONB_VERSION = 1;
const UTF8_BYTES_MAX = 3;
const UUID_LENGTH = 36;
const UUID_DASHES_AT = [8, 13, 18, 23];
/** Where the two digits of each byte begin. */
const UUID_BYTES_AT = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const DASH = 0x2d;

const PAGE_BYTES = 64 * 1_024;
/** A larger one is not kept: it was for an exception. */
const PAGE_BYTES_MAX = 1_024 * 1_024;
/** Where lists are written before their length is known. */
let page = Buffer.allocUnsafe(PAGE_BYTES);
let end = 0;

/**
 * A list in the server's own binary form of an array, which it takes in without parsing, and which
 * is written without escaping. Undefined when an element has no such form, or is none of the
 * type's: as text the server says what is wrong with it.
 * @param type as a statement casts its parameter, `bigint` for `$1::bigint[]`
 */
export function binaryListOf(type: string, values: readonly unknown[]): Buffer | undefined {
  const elementType = ELEMENT_TYPES.get(type);
  if (elementType === undefined) return undefined;
  end = 0;
  writeInt32(values.length === 0 ? 0 : 1);
  writeInt32(0);
  writeInt32(elementType.oid);
  if (values.length > 0) {
    writeInt32(values.length);
    // Subscripts begin at one.
    writeInt32(1);
  }
  for (const value of values) {
    if (value === null || value === undefined) {
      page.writeInt32BE(1, HAS_NULL_AT);
      writeInt32(NULL_LENGTH);
      continue;
    }
    const lengthAt = end;
    writeInt32(0);
    if (!elementType.write(value)) return undefined;
    page.writeInt32BE(end - lengthAt - 4, lengthAt);
  }
  const list = Buffer.from(page.subarray(0, end));
  if (page.length > PAGE_BYTES_MAX) page = Buffer.allocUnsafe(PAGE_BYTES);
  return list;
}

function ensureRoom(bytes: number): void {
  if (end + bytes <= page.length) return;
  const larger = Buffer.allocUnsafe(2 * (end + bytes));
  page.copy(larger, 0, 0, end);
  page = larger;
}

function writeInt32(value: number): void {
  ensureRoom(4);
  end = page.writeInt32BE(value, end);
}

function writeInt64(value: number): boolean {
  if (!Number.isSafeInteger(value)) return false;
  const high = Math.floor(value / UINT32_VALUES);
  ensureRoom(8);
  end = page.writeInt32BE(high, end);
  end = page.writeUInt32BE(value - high * UINT32_VALUES, end);
  return true;
}

function writeBigint(value: unknown): boolean {
  return typeof value === 'number' && writeInt64(value);
}

function writeInteger(value: unknown): boolean {
  if (!Number.isInteger(value) || Math.abs(Number(value)) > INTEGER_MAX) return false;
  writeInt32(Number(value));
  return true;
}

function writeMoment(value: unknown): boolean {
  return value instanceof Date && writeInt64((value.getTime() - SERVER_EPOCH_MS) * 1_000);
}

function writeJson(value: unknown): boolean {
  if (typeof value === 'string') return false;
  const text = value instanceof JsonText ? value.text : JSON.stringify(value);
  ensureRoom(1 + UTF8_BYTES_MAX * text.length);
  end = page.writeUInt8(JSONB_VERSION, end);
  end += page.write(text, end);
  return true;
}

const NO_DIGIT = -1;
const DIGITS = Int8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? NO_DIGIT : digit;
});

function writeUuid(value: unknown): boolean {
  if (typeof value !== 'string' || value.length !== UUID_LENGTH) return false;
  if (UUID_DASHES_AT.some((at) => value.charCodeAt(at) !== DASH)) return false;
  ensureRoom(UUID_BYTES_AT.length);
  for (const at of UUID_BYTES_AT) {
    const high = DIGITS[value.charCodeAt(at)] ?? NO_DIGIT;
    const low = DIGITS[value.charCodeAt(at + 1)] ?? NO_DIGIT;
    if (high === NO_DIGIT || low === NO_DIGIT) return false;
    page[end] = high * 16 + low;
    end += 1;
  }
  return true;
}
