import type { EnvelopeVoucher } from './actor.js';
import type { PackedEnvelope } from './envelope.js';
import { RecentIds } from './recent-ids.js';

/** The AMQP header that carries it. */
export const VOUCHER_HEADER = 'encore-voucher';
/** So many assertions each service is taken to know still. */
const REMEMBERED_OF_A_SERVICE = 10_000;
/** One new assertion is checked as quickly as a voucher. */
const NEW_ASSERTIONS_MIN = 2;

/**
 * Vouches for envelopes that bring a service several assertions it has not seen yet: one signature
 * to make and to check instead of many to check.
 */
export class Vouching {
  readonly #voucher: EnvelopeVoucher | undefined;
  readonly #seenBy = new Map<string, RecentIds>();

  constructor(voucher: EnvelopeVoucher | undefined) {
    this.#voucher = voucher;
  }

  /** The headers the envelope travels with; none when a voucher would be of no use. */
  headersFor(
    service: string,
    { content, messages }: PackedEnvelope,
  ): Readonly<Record<string, string>> {
    if (this.#voucher === undefined) return {};
    const seen = this.#seenBy.get(service) ?? new RecentIds(REMEMBERED_OF_A_SERVICE);
    this.#seenBy.set(service, seen);
    const unseen = new Set<string>();
    for (const { headers } of messages) {
      if (headers.actor !== undefined && !seen.has(headers.actor)) unseen.add(headers.actor);
    }
    for (const assertion of unseen) seen.add(assertion);
    if (unseen.size < NEW_ASSERTIONS_MIN) return {};
    return { [VOUCHER_HEADER]: this.#voucher.vouch(content) };
  }
}
