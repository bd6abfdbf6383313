import { turnOfTheLoop } from '../../base/turn-of-the-loop.ts';
import type { NamedBytes } from '../metadata/records.ts';

/** What rows name, in batches. */
export type NamedLocations = AsyncIterable<readonly NamedBytes[]>;

const FIRST_SLOTS = 1024;

/**
 * A set of locations in eight bytes per slot, because a data folder may hold a million of them. It keeps hashes, so that it may
 * say that it has a location which was never added; it never denies one that was. For the same reason, locations that a file
 * system may take for one and the same (`A` and `a`, `é` in one character or in two) are one here.
 */
export class LocationSet {
  /** Open addressing; 0 is a free slot. */
  #slots = new Float64Array(FIRST_SLOTS);
  #count = 0;

  add(location: string): void {
    if (this.#count * 2 >= this.#slots.length) this.#grow();
    this.#put(hashOf(location));
  }

  has(location: string): boolean {
    const hash = hashOf(location);
    return this.#slots[this.#slotOf(hash)] === hash;
  }

  #put(hash: number): void {
    const slot = this.#slotOf(hash);
    if (this.#slots[slot] === 0) this.#count += 1;
    this.#slots[slot] = hash;
  }

  /** The slot with this hash, or the free one where it belongs. The number of slots is a power of two. */
  #slotOf(hash: number): number {
    const last = this.#slots.length - 1;
    let slot = hash % this.#slots.length;
    while (this.#slots[slot] !== 0 && this.#slots[slot] !== hash) slot = slot === last ? 0 : slot + 1;
    return slot;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Float64Array(before.length * 2);
    for (const hash of before) {
      if (hash !== 0) this.#slots[this.#slotOf(hash)] = hash;
    }
  }
}

/** All of them, or those that were read when the signal aborted. */
export async function collectLocations(named: NamedLocations, signal?: AbortSignal): Promise<LocationSet> {
  const known = new LocationSet();
  for await (const batch of named) {
    for (const { location } of batch) known.add(location);
    await turnOfTheLoop();
    if (signal?.aborted) break;
  }
  return known;
}

/** Two multiplicative hashes of 32 bits, joined to a positive safe integer. */
function hashOf(location: string): number {
  const text = location.normalize('NFD').toUpperCase();
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return (high >>> 11) * 2 ** 32 + (low >>> 0) + 1;
}
