import { LocationNotFound, type ObjectReader, type ObjectStore, type ObjectWriter } from './object-store.ts';

/** Large enough to be fast, small enough that not the whole object is queued for a slow client. */
const CHUNK_BYTES = 256 * 1024;

/** Keeps the bytes of objects in memory until they are deleted or the store is closed. */
export function createMemoryStore(): ObjectStore {
  const contents = new Map<string, Buffer>();
  let commits = 0;
  return {
    create: (hint) =>
      new MemoryWriter((bytes) => {
        commits += 1;
        const location = `${hint.bucket}/${hint.key}~${commits}`;
        contents.set(location, bytes);
        return location;
      }),
    open: async (location) => {
      const bytes = contents.get(location);
      if (!bytes) throw new LocationNotFound(location);
      return readerOf(bytes);
    },
    delete: async (location) => {
      contents.delete(location);
    },
    close: async () => contents.clear(),
  };
}

class MemoryWriter implements ObjectWriter {
  sizeBytes = 0;
  #chunks: Buffer[] = [];
  readonly #keep: (bytes: Buffer) => string;

  constructor(keep: (bytes: Buffer) => string) {
    this.#keep = keep;
  }

  write(chunk: Buffer): undefined {
    this.#chunks.push(Buffer.from(chunk));
    this.sizeBytes += chunk.length;
  }

  async commit(): Promise<string> {
    const location = this.#keep(Buffer.concat(this.#chunks, this.sizeBytes));
    this.#chunks = [];
    return location;
  }

  async abort(): Promise<void> {
    this.#chunks = [];
  }
}

function readerOf(bytes: Buffer): ObjectReader {
  return {
    sizeBytes: bytes.length,
    chunks: (range) => slices(range ? bytes.subarray(range.start, range.end + 1) : bytes),
    close: async () => {},
  };
}

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
