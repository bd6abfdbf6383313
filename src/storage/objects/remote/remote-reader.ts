import type { Readable } from 'node:stream';
import type { Clock } from '../../../base/clock.ts';
import type { ByteRange } from '../byte-range.ts';
import { LocationNotFound, OBJECT_RETRY_MS, type ObjectReader } from '../object-store.ts';
import { type Attempts, NoAnswer } from './attempts.ts';
import type { RemoteBucket } from './remote-bucket.ts';

/** A body that stops for so long, while somebody waits for it, is asked for again from there. */
const STALL_MS = 5_000;
/** So many times in a row without a byte. */
const MAX_RESUMPTIONS = 3;

export interface RemoteReaderOptions {
  readonly bucket: RemoteBucket;
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly location: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
}

/** Nothing is asked for before the first chunk is, and the request ends with the iteration. */
export function remoteReader(options: RemoteReaderOptions): ObjectReader {
  const { sizeBytes } = options;
  return {
    sizeBytes,
    chunks: (range = { start: 0, end: sizeBytes - 1 }) => resumedChunks(options, range),
    close: async () => {},
  };
}

async function* resumedChunks(options: RemoteReaderOptions, { start, end }: ByteRange): AsyncGenerator<Buffer> {
  const { attempts, signal } = options;
  let at = start;
  for (let failures = 0; at <= end; ) {
    const stream = await openRange(options, { start: at, end });
    const stall = new StallWatch(options.clock, stream);
    try {
      for await (const chunk of stream) {
        stall.isWaiting = false;
        const bytes = Buffer.from(chunk).subarray(0, end + 1 - at);
        at += bytes.length;
        failures = 0;
        yield bytes;
        stall.isWaiting = true;
      }
      if (at <= end) throw new NoAnswer(`the body ended ${end + 1 - at} bytes early`);
    } catch (error) {
      failures += 1;
      if (failures > MAX_RESUMPTIONS || signal.aborted) throw attempts.failure({ what: 'GET', signal }, error);
    } finally {
      stall.end();
      stream.destroy();
    }
  }
}

async function openRange(
  { bucket, attempts, key, location, signal }: RemoteReaderOptions,
  range: ByteRange,
): Promise<Readable> {
  const act = attempts.run({
    what: 'GET',
    limitMs: OBJECT_RETRY_MS,
    signal,
    act: (limits) => bucket.read(key, range, limits),
  });
  const stream = await act;
  if (!stream) throw new LocationNotFound(location);
  return stream;
}

/** Destroys a body that somebody waits for in vain. One timer for all its chunks. */
class StallWatch {
  isWaiting = true;
  readonly #clock: Clock;
  readonly #stream: Readable;
  #wasWaiting = false;
  #timer: { cancel(): void };

  constructor(clock: Clock, stream: Readable) {
    this.#clock = clock;
    this.#stream = stream;
    this.#timer = this.#arm();
  }

  end(): void {
    this.#timer.cancel();
  }

  #arm(): { cancel(): void } {
    return this.#clock.setTimeout(() => {
      if (this.isWaiting && this.#wasWaiting) {
        this.#stream.destroy(new NoAnswer('the body stopped'));
        return;
      }
      this.#wasWaiting = this.isWaiting;
      this.#timer = this.#arm();
    }, STALL_MS);
  }
}
