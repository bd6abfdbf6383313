import type { NamedBytes } from '../metadata/records.ts';
import type { StoreFault } from '../outages.ts';
import type { ByteRange } from './byte-range.ts';

/**
 * Where the bytes of objects are. The metadata (`metadata/metadata-store.ts`) hold name, size and type of an object;
 * this port only keeps byte strings, each written once and never changed, under a location that the adapter chooses. So
 * an overwritten object is a new byte string, and readers of the old one are not affected.
 */
export interface ObjectStore {
  /**
   * Begins to write a byte string. From `hint` an adapter may choose a recognizable location; it need not be unique.
   */
  create(hint: ObjectHint): ObjectWriter;
  /**
   * Opens a committed byte string.
   *
   * @throws LocationNotFound when it does not exist or has been deleted
   */
  open(location: string): Promise<ObjectReader>;
  /**
   * Deletes a byte string, if it exists. Open readers still read to the end. Does not reject for bytes that cannot be
   * deleted: no row names them any longer, so that for everybody else they are gone.
   */
  delete(location: string): Promise<void>;
  close(): Promise<void>;
}

export interface ObjectHint {
  readonly bucket: string;
  readonly key: string;
  /**
   * How long a store that does not answer is tried again, by default `OBJECT_RETRY_MS`. Whoever gives it waits for no
   * answer while it writes: its bytes are kept meanwhile, as far as there is room for them, and the others give way to them.
   */
  readonly retryMs?: number | undefined;
  /** Nobody waits for the object any more: a store that does not answer is not tried again. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * How long bytes stay that no row names: long enough to notice that something is missed. They may be garbage of a process that
 * was killed, or of an object whose row somebody has taken away with a file of the database.
 */
export const UNNAMED_KEPT_MS = 7 * 24 * 60 * 60_000;

/** A client waits for the answer. */
export const OBJECT_RETRY_MS = 10_000;
/** A recording waits for a store that was away. */
export const RECORDING_RETRY_MS = 60_000;

/** Exactly one of `commit` and `abort` is called, once; nothing is visible before `commit` has resolved. */
export interface ObjectWriter {
  /** Bytes written so far. */
  readonly sizeBytes: number;
  /**
   * Appends. The bytes are copied before the call returns, so the caller may use the buffer again. When it returns a
   * promise, wait for it before the next call.
   */
  write(chunk: Buffer): Promise<void> | undefined;
  /** Makes the bytes permanent and resolves to their location. */
  commit(): Promise<string>;
  abort(): Promise<void>;
}

/**
 * A sequence of chunks that can be read once. A chunk must be used or copied before the next one is requested, because
 * its memory may be used again.
 */
export type Chunks = Iterable<Buffer> | AsyncIterable<Buffer>;

export interface ObjectReader {
  readonly sizeBytes: number;
  /** All bytes, or a range of them. Closes the reader at the end, and when the iteration stops early. */
  chunks(range?: ByteRange): Chunks;
  /** For a reader whose chunks may not be read. May be called at any time. */
  close(): Promise<void>;
}

export class LocationNotFound extends Error {
  constructor(location: string) {
    super(`no object bytes at ${location}`);
    this.name = 'LocationNotFound';
  }
}

/** Something else has changed the bytes at a location: they are not as many as were stored. */
export class BytesChanged extends Error {
  constructor({ location, sizeBytes }: NamedBytes, foundBytes: number) {
    super(`${foundBytes} bytes instead of ${sizeBytes} at ${location}`);
    this.name = 'BytesChanged';
  }
}

/** Whether the bytes at a location are not those of the row that was read: it may have been replaced meanwhile. */
export function isOtherThanRow(error: unknown): boolean {
  return error instanceof LocationNotFound || error instanceof BytesChanged;
}

/** What is known of why a store cannot be used; what is left out is false. */
interface UnavailableFacts {
  /** For everybody, as a part of a sentence without addresses. */
  readonly what: string;
  readonly mayBeOutage?: boolean;
  readonly isBusy?: boolean;
}

/** The store of another machine does not answer, or refuses. What was to be stored is not stored. */
export class StoreUnavailable extends Error implements StoreFault {
  override readonly name = 'StoreUnavailable';
  readonly what: string;
  readonly mayBeOutage: boolean;
  outage: StoreFault['outage'] = false;
  /** Fewer requests would succeed. */
  readonly isBusy: boolean;

  constructor(message: string, facts: UnavailableFacts) {
    super(message);
    const { what, mayBeOutage = false, isBusy = false } = facts;
    this.what = what;
    this.mayBeOutage = mayBeOutage;
    this.isBusy = isBusy;
  }
}
