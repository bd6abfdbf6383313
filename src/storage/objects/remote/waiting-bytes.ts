import { StoreUnavailable } from '../object-store.ts';

/** Bytes that the store has not confirmed yet are kept in memory, of all writers together. */
export const MAX_WAITING_BYTES = 256 * 1024 * 1024;

interface Room {
  readonly made: Promise<void>;
  readonly make: () => void;
}

/** An upload of a client, who can repeat it. */
export interface YieldingUpload {
  /** In memory. */
  readonly keptBytes: number;
  /** Frees them; the upload fails. */
  giveUp(error: StoreUnavailable): void;
}

/**
 * Counts the bytes that the store has not confirmed. With too many of them, who writes waits for those that are being sent; when
 * none is being sent, uploads of clients give way to recordings: nobody can send a live stream again.
 */
export class WaitingBytes {
  readonly #maxBytes: number;
  /** Those that are not finished. */
  readonly #uploads = new Set<YieldingUpload>();
  #sizeBytes = 0;
  /** How many writers are sending theirs. */
  #sending = 0;
  #room: Room | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Counts what is kept from now on.
   *
   * @param upload absent for a recording
   * @returns with more bytes than there may be: a promise that is resolved when there is room again, or nothing is sent any more
   * @throws StoreUnavailable when there would be too many and none is being sent, so that waiting would make no room
   */
  take(sizeBytes: number, upload?: YieldingUpload): Promise<void> | undefined {
    if (this.#sending === 0) this.#checkRoom(sizeBytes, upload === undefined);
    if (upload) this.#uploads.add(upload);
    this.#sizeBytes += sizeBytes;
    if (this.#sizeBytes <= this.#maxBytes) return undefined;
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

  /** To be called when an upload has ended, however. */
  remove(upload: YieldingUpload): void {
    this.#uploads.delete(upload);
  }

  #checkRoom(sizeBytes: number, isRecording: boolean): void {
    while (this.#sizeBytes + sizeBytes > this.#maxBytes) {
      const error = new StoreUnavailable(
        `${this.#sizeBytes} bytes of unfinished objects are kept for the object store, and no more may`,
      );
      const largest = isRecording ? largestOf(this.#uploads) : undefined;
      if (!largest) throw error;
      largest.giveUp(error);
    }
  }

  #makeRoom(): void {
    this.#room?.make();
    this.#room = undefined;
  }
}

function largestOf(uploads: Iterable<YieldingUpload>): YieldingUpload | undefined {
  let largest: YieldingUpload | undefined;
  for (const upload of uploads) if (upload.keptBytes > (largest?.keptBytes ?? 0)) largest = upload;
  return largest;
}

function newRoom(): Room {
  let make = () => {};
  const made = new Promise<void>((resolve) => {
    make = resolve;
  });
  return { made, make };
}
