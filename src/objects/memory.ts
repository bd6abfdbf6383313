import { Readable } from 'node:stream';
import { LocationNotFound, type ObjectReader, type ObjectStore, type ObjectWriter } from './store.ts';

/** Enough for a stream to be quick, little enough for a slow reader not to hold a second copy of everything. */
const STREAM_CHUNK_BYTES = 256 * 1024;

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
    this.#chunks.push(chunk);
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
    stream: (range) => {
      const selected = range ? bytes.subarray(range.start, range.end + 1) : bytes;
      return Readable.from(slices(selected), { objectMode: false });
    },
    close: async () => {},
  };
}

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += STREAM_CHUNK_BYTES) yield bytes.subarray(at, at + STREAM_CHUNK_BYTES);
}
