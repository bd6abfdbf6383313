import type { ObjectStore } from './object-store.ts';

/**
 * Deletions that wait while bytes are copied: what a row named when the copy began stays until it is complete. A process that
 * is killed meanwhile leaves bytes that no row names, which the next start moves away.
 */
export class HeldDeletions {
  readonly #inner: ObjectStore;
  /** Undefined while nothing is copied. */
  #held: string[] | undefined;

  constructor(inner: ObjectStore) {
    this.#inner = inner;
  }

  /** The store, with deletions that can be held back. */
  get store(): ObjectStore {
    const inner = this.#inner;
    return {
      create: (hint) => inner.create(hint),
      open: (location) => inner.open(location),
      delete: async (location) => {
        if (this.#held) this.#held.push(location);
        else await inner.delete(location);
      },
      close: () => inner.close(),
    };
  }

  /** Holds deletions back until `act` has settled. One at a time. */
  async during<Result>(act: () => Promise<Result>): Promise<Result> {
    const held: string[] = [];
    this.#held = held;
    try {
      return await act();
    } finally {
      this.#held = undefined;
      for (const location of held) await this.#inner.delete(location);
    }
  }
}
