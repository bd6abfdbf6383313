import { StoreUnavailable } from '../object-store.ts';

/** Bytes that the store has not confirmed yet are kept in memory, of all writers together. */
export const MAX_WAITING_BYTES = 256 * 1024 * 1024;

interface Room {
  readonly made: Promise<void>;
  readonly make: () => void;
}

/** Counts the bytes that the store has not confirmed. With too many of them, who writes waits for those that are being sent. */
export class WaitingBytes {
  readonly #maxBytes: number;
  #sizeBytes = 0;
  /** How many writers are sending theirs. */
  #sending = 0;
  #room: Room | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Counts what is kept from now on.
   * @returns with more bytes than there may be: a promise that is resolved when there is room again, or nothing is sent any more
   * @throws StoreUnavailable when there would be too many and none is being sent, so that waiting would make no room
   */
  take(sizeBytes: number): Promise<void> | undefined {
    const isTooMuch = this.#sizeBytes + sizeBytes > this.#maxBytes;
    if (isTooMuch && this.#sending === 0) {
      throw new StoreUnavailable(
        `${this.#sizeBytes} bytes of unfinished objects are kept for the object store, and no more may`,
      );
    }
    this.#sizeBytes += sizeBytes;
    if (!isTooMuch) return undefined;
    this.#room ??= newRoom();
    return this.#room.made;
  }

  give(sizeBytes: number): void {
    this.#sizeBytes -= sizeBytes;
    if (this.#sizeBytes < this.#maxBytes) this.#makeRoom();
  }

  /** What `act` sends makes room for others, sooner or later: it has to end, if only with an error. */
  async whileSending<Result>(act: () => Promise<Result>): Promise<Result> {
    this.#sending += 1;
    try {
      return await act();
    } finally {
      this.#sending -= 1;
      if (this.#sending === 0) this.#makeRoom();
    }
  }

  #makeRoom(): void {
    this.#room?.make();
    this.#room = undefined;
  }
}

function newRoom(): Room {
  let make = () => {};
  const made = new Promise<void>((resolve) => {
    make = resolve;
  });
  return { made, make };
}
