export interface EntryBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

interface SizedEntry<Entry> {
  readonly entry: Entry;
  readonly sizeBytes: number;
}

/** The latest entries, as many as both bounds permit: a bound on their number alone does not bound their memory. */
export class RecentEntries<Entry> {
  readonly #bounds: EntryBounds;
  /** Undefined before `#first`. */
  #slots: (SizedEntry<Entry> | undefined)[] = [];
  #first = 0;
  #sizeBytes = 0;

  constructor(bounds: EntryBounds) {
    this.#bounds = bounds;
  }

  get length(): number {
    return this.#slots.length - this.#first;
  }

  /** Of all entries together. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Adds the latest one. Returns those that had to go, oldest first. */
  add(entry: Entry, sizeBytes: number): readonly Entry[] {
    this.#slots.push({ entry, sizeBytes });
    this.#sizeBytes += sizeBytes;
    const gone: Entry[] = [];
    while (this.length > this.#bounds.maxEntries || this.#sizeBytes > this.#bounds.maxBytes) {
      const oldest = this.shift();
      if (oldest !== undefined) gone.push(oldest);
    }
    return gone;
  }

  /** Takes the oldest one out. */
  shift(): Entry | undefined {
    const oldest = this.#slots[this.#first];
    if (!oldest) return undefined;
    this.#slots[this.#first] = undefined;
    this.#first += 1;
    this.#sizeBytes -= oldest.sizeBytes;
    if (this.#first * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#first);
      this.#first = 0;
    }
    return oldest.entry;
  }

  /** The latest `count` ones, oldest first. */
  latest(count = this.length): readonly Entry[] {
    const from = Math.max(this.#first, this.#slots.length - count);
    return this.#slots.slice(from).flatMap((slot) => (slot ? [slot.entry] : []));
  }

  clear(): void {
    this.#slots = [];
    this.#first = 0;
    this.#sizeBytes = 0;
  }
}
