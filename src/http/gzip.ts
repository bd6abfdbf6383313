import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Chunks } from '../storage/objects/object-store.ts';

/**
 * The bytes, compressed. Little is read ahead of the reader; when the reader stops early, the chunks are closed.
 * @throws what the chunks throw
 */
export async function* gzipChunks(chunks: Chunks): AsyncGenerator<Buffer> {
  const gzip = createGzip();
  const source = Readable.from(copies(chunks), { highWaterMark: 1 });
  const compressed = pipeline(source, gzip);
  // The iteration below fails with the same error.
  compressed.catch(() => {});
  yield* gzip;
}

/** The memory of a chunk may be used again when the next one is requested, which is before it has been compressed. */
async function* copies(chunks: Chunks): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

/** Whether an Accept-Encoding header asks for gzip, and not rather for the bytes as they are (RFC 9110, 12.5.3). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false;
  const weights = new Map<string, number>();
  for (const item of acceptEncoding.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = item.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    weights.set(coding, /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0);
  }
  const gzip = weights.get('gzip') ?? 0;
  return gzip > 0 && gzip >= (weights.get('identity') ?? 0);
}
