import { StoreUnavailable } from '../object-store.ts';

/** Bytes that the store has not confirmed yet are kept in memory, of all writers together. */
export const MAX_WAITING_BYTES = 256 * 1024 * 1024;

interface Room {
  readonly made: Promise<void>;
  readonly make: () => void;
}

/** An object whose bytes are not all confirmed. */
export interface WaitingObject {
  /** In memory. */
  readonly keptBytes: number;
  /** A client writes it, who can repeat it; nobody can send a live stream again. */
  readonly isUpload: boolean;
  /** Frees its bytes; it fails. */
  giveUp(error: StoreUnavailable): void;
}

/**
 * Counts the bytes that the store has not confirmed. With too many of them, who writes waits for those that are being sent. Where
 * the others alone are too many that would make no room: then uploads give way to recordings.
 */
export class WaitingBytes {
  readonly #maxBytes: number;
  readonly #uploads = new Set<WaitingObject>();
  /** How often each is being sent. */
  readonly #sending = new Map<WaitingObject, number>();
  #sizeBytes = 0;
  #room: Room | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Counts what the object keeps from now on.
   *
   * @returns with more bytes than there may be: a promise that is resolved when there is room again, or there will be none
   * @throws StoreUnavailable when waiting would make no room
   */
  take(sizeBytes: number, object: WaitingObject): Promise<void> | undefined {
    const isTooMuch = this.#sizeBytes + sizeBytes > this.#maxBytes;
    if (isTooMuch) this.#makePlace(sizeBytes, object);
    if (object.isUpload) this.#uploads.add(object);
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
  async whileSending<Result>(object: WaitingObject, act: () => Promise<Result>): Promise<Result> {
    this.#sending.set(object, (this.#sending.get(object) ?? 0) + 1);
    try {
      return await act();
    } finally {
      const times = (this.#sending.get(object) ?? 1) - 1;
      if (times > 0) this.#sending.set(object, times);
      else this.#sending.delete(object);
      if (this.#unsentBytes() >= this.#maxBytes) this.#makeRoom();
    }
  }

  /** To be called when an object has ended, however. */
  remove(object: WaitingObject): void {
    this.#uploads.delete(object);
  }

  #unsentBytes(): number {
    let unsentBytes = this.#sizeBytes;
    for (const { keptBytes } of this.#sending.keys()) unsentBytes -= keptBytes;
    return unsentBytes;
  }

  #makePlace(sizeBytes: number, { isUpload }: WaitingObject): void {
    for (;;) {
      const unsentBytes = this.#unsentBytes();
      if (unsentBytes + sizeBytes <= this.#maxBytes) return;
      const error = new StoreUnavailable(
        `${unsentBytes} bytes of unfinished objects are kept for the object store, and no more may`,
        { what: 'its object store takes bytes too slowly', isBusy: true },
      );
      const largest = isUpload ? undefined : this.#largestUnsentUpload();
      if (!largest) throw error;
      largest.giveUp(error);
    }
  }

  #largestUnsentUpload(): WaitingObject | undefined {
    let largest: WaitingObject | undefined;
    for (const upload of this.#uploads) {
      if (!this.#sending.has(upload) && upload.keptBytes > (largest?.keptBytes ?? 0)) largest = upload;
    }
    return largest;
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
