import { expect } from '@jest/globals';
import type { BookingClient } from './booking-client.js';
import type { Sent } from './send.js';

/** `"PK"` */
export const pk: unknown = expect.stringMatching(/^[1-9]\d*$/);
/** `"JWT"` */
export const jwtText: unknown = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/);
/** `"5m"` */
export const duration: unknown = expect.stringMatching(/^\d+[smh]$/);

const requestId: unknown = expect.any(String);
const FORGED = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"1"}')}.`.replaceAll('=', '');

/** An error as the documents show them. */
export function error(status: number, text: string) {
  return { status, body: { error: text, requestId } };
}

/** Whoever sends no good token hears "Unauthorized request". */
export async function needsToken(
  client: BookingClient,
  ask: (jwt?: string) => Promise<Sent>,
): Promise<void> {
  const damaged = `${await client.jwtOf(client.someone())}x`;
  for (const bad of [undefined, 'garbage', FORGED, damaged]) {
    expect(await ask(bad)).toMatchObject(error(401, 'Unauthorized request'));
  }
}
