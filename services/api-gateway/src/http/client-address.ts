import { isIPv6 } from 'node:net';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** The part of an IPv6 address that a network gives out; the rest is anybody's own choice. */
const NETWORK_GROUPS = 4;

/**
 * Whom an address is counted as: an IPv4 address as itself, an IPv6 address as its /64, because
 * whoever has one of those has all of them.
 */
export function addressKey(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return address;
  const [head = '', tail] = bare.split('::');
  const first = groupsOf(head);
  if (tail !== undefined) {
    const last = groupsOf(tail);
    while (first.length + last.length < 8) first.push('0');
    first.push(...last);
  }
  const network = first.slice(0, NETWORK_GROUPS);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
