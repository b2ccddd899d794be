import { createHash } from 'node:crypto';

const UUID_BYTES = 16;

/**
 * The same id for the same parts, always and everywhere: a uuid of version 8 made of their SHA-256.
 * Whoever repeats a message after a crash so repeats its id.
 */
export function messageIdOf(...parts: string[]): string {
  // As JSON, so that ("a", "bc") and ("ab", "c") differ.
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, UUID_BYTES);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `${groups.join('-')}-${hex.slice(20)}`;
}
