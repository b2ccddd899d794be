import type { Room } from './room.js';

export interface Position {
  /** People in front plus one. */
  readonly position: number;
  readonly isExact: boolean;
}

/**
 * The places nearest the head, ascending, of everybody who still waits. Complete when it holds
 * fewer than the limit it was read with: then nobody waits behind it.
 */
export interface Head {
  readonly places: readonly number[];
  readonly isComplete: boolean;
}

/** How many of the ascending places lie in front of `place`. */
function countBelow(places: readonly number[], place: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? Infinity) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Counted within the head; further back estimated from the place, assuming that those who gave up
 * did so evenly along the line. The estimate never falls below what was counted and grows with
 * place.
 */
export function positionOf(place: number, head: Head, room: Room): Position {
  const last = head.places.at(-1);
  if (last === undefined || head.isComplete || place <= last) {
    return { position: countBelow(head.places, place) + 1, isExact: true };
  }
  const counted = head.places.length;
  const placesBehind = Math.max(1, room.lastPlace - last);
  const waitingBehind = Math.max(1, room.waiting - counted);
  const behind = place - last;
  const estimated = Math.ceil((behind * waitingBehind) / placesBehind);
  return { position: counted + Math.max(1, Math.min(behind, estimated)), isExact: false };
}
