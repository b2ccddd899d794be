import pg from 'pg';

const INT8_OID = 20;
const INT8_ARRAY_OID = 1016;

type Parser = (text: string) => unknown;

/** pg declares an enum of some types and `any`; the server knows more types than the enum. */
const builtInParserOf: (oid: number, format: 'text' | 'binary') => Parser = pg.types.getTypeParser;

/** bigint as a number; a value that a number cannot hold exactly is a fault, never rounded. */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`bigint ${text} is beyond what a number holds exactly`);
  }
  return value;
}

function parseInt8Array(text: string): unknown {
  return numbersOf(builtInParserOf(INT8_ARRAY_OID, 'text')(text));
}

function numbersOf(texts: unknown): unknown {
  if (Array.isArray(texts)) return texts.map(numbersOf);
  return typeof texts === 'string' ? parseInt8(texts) : texts;
}

const PARSERS = new Map<number, Parser>([
  [INT8_OID, parseInt8],
  [INT8_ARRAY_OID, parseInt8Array],
]);

/** Parsers for our own pools alone: pg's global table belongs to everybody in the process. */
export const typeParsers = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): Parser {
    const own = format === 'binary' ? undefined : PARSERS.get(oid);
    return own ?? builtInParserOf(oid, format ?? 'text');
  },
};
