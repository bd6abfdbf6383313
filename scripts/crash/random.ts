import { createCipheriv, createHash } from 'node:crypto';
import { seededRandom } from '../../src/control-plane/faults/random.ts';

/** Choices that are the same for the same seed. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** From 0 to `limit`, which is left out. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** @throws RangeError when the list is empty */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to choose from');
    return item;
  }

  bytes(length: number): Buffer {
    const key = createHash('md5').update(String(this.#next())).digest();
    return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
  }

  /** A generator of its own, so that what one worker does has no effect on the choices of another. */
  split(): Random {
    return new Random(this.below(2 ** 31));
  }
}
