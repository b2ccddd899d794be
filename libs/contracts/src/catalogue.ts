import * as concert from './concert.js';
import type { AnyContract } from './define.js';
import * as payment from './payment.js';
import * as queue from './queue.js';
import * as reservation from './reservation.js';
import { PINGS, STORED_ANSWERS } from './service.js';
import * as wallet from './wallet.js';

function isContract(value: unknown): value is AnyContract {
  return typeof value === 'object' && value !== null && 'wireName' in value;
}

/** Every message there is, in the order a purchase meets the services. */
export const CONTRACTS: readonly AnyContract[] = [queue, concert, reservation, wallet, payment]
  .flatMap((declarations) => Object.values<unknown>(declarations))
  .concat(Object.values(PINGS), Object.values(STORED_ANSWERS))
  .filter(isContract);

const byWireName = new Map(CONTRACTS.map((contract) => [contract.wireName, contract]));

/** The contract of a message on the wire; undefined when this version knows none by that name. */
export function contractOf(wireName: string): AnyContract | undefined {
  return byWireName.get(wireName);
}
