import type { Cast } from './cells.js';

/** What only an error that tells too much says. */
const INSIDES =
  /node_modules|\bat .+:\d+:\d+|\.(?:[cm]?js|ts):\d+|"stack"|\bselect .+ from\b|postgres(?:ql)?:\/\/|amqps?:\/\//i;

/** What an answer tells that is nobody's business; undefined when it tells nothing. */
export function leakIn(text: string, { owner, ownToken }: Cast): string | undefined {
  if (INSIDES.test(text)) return 'the insides of the system';
  const { tokenId, tokenUuid, identity } = owner;
  const secrets = [String(tokenId), tokenUuid, identity, ownToken];
  if (secrets.some((secret) => text.includes(secret))) return 'a secret of the owner';
  return namesOf(JSON.parse(text === '' ? '{}' : text)).find(({ name, value }) => {
    if (name === 'userId') return value === String(owner.userId);
    if (name === 'paymentId') return value === String(owner.paid.paymentId);
    if (name === 'refundId') return value === String(owner.refundId);
    const own = [owner.held, owner.paid].map(({ reservationId }) => String(reservationId));
    return name === 'reservationId' && own.includes(value);
  })?.name;
}

/** Every field of an answer that is a text or a number, however deep. */
function namesOf(value: unknown): { name: string; value: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]: [string, unknown]) =>
    typeof item === 'string' || typeof item === 'number'
      ? [{ name, value: String(item) }]
      : namesOf(item),
  );
}
