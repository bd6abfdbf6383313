import type { ObjectStore } from './object-store.ts';

/**
 * Deletions that wait while bytes are copied: what a row named when the copy began stays until it is complete. A process that
 * is killed meanwhile leaves bytes that no row names, which the next start moves away.
 */
export class HeldDeletions {
  readonly #inner: ObjectStore;
  #holders = 0;
  #held: string[] = [];

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
        if (this.#holders > 0) this.#held.push(location);
        else await inner.delete(location);
      },
      close: () => inner.close(),
    };
  }

  /** Holds deletions back until the returned function is called, once; of several holders, until the last one lets go. */
  hold(): () => Promise<void> {
    this.#holders += 1;
    return async () => {
      this.#holders -= 1;
      if (this.#holders > 0) return;
      const held = this.#held;
      this.#held = [];
      for (const location of held) await this.#inner.delete(location);
    };
  }

  /** Holds deletions back until `act` has settled. */
  async during<Result>(act: () => Promise<Result>): Promise<Result> {
    const release = this.hold();
    try {
      return await act();
    } finally {
      await release();
    }
  }
}
