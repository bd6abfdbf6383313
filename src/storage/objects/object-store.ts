import type { ByteRange } from './byte-range.ts';

/**
 * Where the bytes of objects are. What an object is called, how long it is and which type it has stands in the metadata
 * (`metadata/store.ts`); this port only keeps byte strings, each written once and never changed, under a location that
 * the adapter chooses. So an overwritten object is a new byte string, and a reader of the old one is never disturbed.
 */
export interface ObjectStore {
  /** Begins to write aside. `hint` lets an adapter choose a location that a person recognises; it need not be unique. */
  create(hint: ObjectHint): ObjectWriter;
  /** Opens a committed byte string. Rejects with `LocationNotFound` when it does not exist (any more). */
  open(location: string): Promise<ObjectReader>;
  /** Deletes a byte string; fine if it is already gone. Open readers still read to the end. */
  delete(location: string): Promise<void>;
  /** Deletes every byte string whose hint named this bucket. */
  clear(bucket: string): Promise<void>;
  close(): Promise<void>;
}

export interface ObjectHint {
  readonly bucket: string;
  readonly key: string;
}

/** Exactly one of `commit` and `abort` is called, once; nothing is visible before `commit` has resolved. */
export interface ObjectWriter {
  /** Bytes written so far. */
  readonly sizeBytes: number;
  /**
   * Appends. The buffer stays the caller's: what is kept of it has been copied when the call returns. Cheap and
   * synchronous as long as it returns `undefined`; otherwise wait for the promise before the next call.
   */
  write(chunk: Buffer): Promise<void> | undefined;
  /** Makes the bytes permanent and resolves to their location. */
  commit(): Promise<string>;
  abort(): Promise<void>;
}

/**
 * Bytes as they come, to be taken once. Whoever takes a chunk has used or copied it before asking for the next one: the
 * memory it is in may be used again.
 */
export type Chunks = Iterable<Buffer> | AsyncIterable<Buffer>;

export interface ObjectReader {
  readonly sizeBytes: number;
  /** All bytes, or a range of them. Closes the reader at the end, and when the taker stops early. */
  chunks(range?: ByteRange): Chunks;
  /** For a reader whose chunks may not have been asked for; fine at any time. */
  close(): Promise<void>;
}

export class LocationNotFound extends Error {
  constructor(location: string) {
    super(`no object bytes at ${location}`);
    this.name = 'LocationNotFound';
  }
}
