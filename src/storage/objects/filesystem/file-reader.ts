import { closeSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ByteRange } from '../byte-range.ts';
import type { ObjectReader } from '../object-store.ts';
import type { BlockPool } from './block-pool.ts';

/** Nobody else waits for longer than this many bytes take. */
const BYTES_PER_TURN = 1024 * 1024;

/**
 * Reads an open file, which it closes. It reads synchronously and always into the same block: from the page cache, where
 * recorded media is while people watch it, that takes a quarter of the CPU time of a trip through the thread pool and a
 * new buffer per chunk. A disk that has to seek holds everybody up for as long as one block takes.
 */
export function fileReader(descriptor: number, sizeBytes: number, blocks: BlockPool): ObjectReader {
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  async function* read({ start, end }: ByteRange): AsyncGenerator<Buffer> {
    const block = blocks.take();
    try {
      for (let at = start, turnBytes = 0; at <= end; ) {
        if (!isOpen) throw new Error('the reader has been closed');
        const readBytes = readSync(descriptor, block, 0, Math.min(block.length, end + 1 - at), at);
        if (readBytes === 0) throw new Error(`the file ends after ${at} of ${end + 1} bytes`);
        yield block.subarray(0, readBytes);
        at += readBytes;
        turnBytes += readBytes;
        if (turnBytes < BYTES_PER_TURN) continue;
        turnBytes = 0;
        await nextTurn();
      }
    } finally {
      blocks.giveBack(block);
      close();
    }
  }
  return {
    sizeBytes,
    chunks: (range) => read(range ?? { start: 0, end: sizeBytes - 1 }),
    close: async () => close(),
  };
}
