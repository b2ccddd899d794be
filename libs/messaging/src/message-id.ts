import { hash } from 'node:crypto';

/**
 * The same id for the same parts, always and everywhere: a uuid of version 8 made of their SHA-256.
 * Whoever repeats a message after a crash so repeats its id.
 */
export function messageIdOf(...parts: string[]): string {
  // As JSON, so that ("a", "bc") and ("ab", "c") differ.
  const hex = hash('sha256', JSON.stringify(parts));
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const groups = [
    ...[hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`],
    ...[variant + hex.slice(17, 20), hex.slice(20, 32)],
  ];
  return groups.join('-');
}
