import { closeSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ByteRange } from '../byte-range.ts';
import type { ObjectReader } from '../object-store.ts';
import type { BlockPool } from './block-pool.ts';

/** After this many bytes other work gets a turn. */
const BYTES_PER_TURN = 1024 * 1024;

/**
 * Reads an open file and closes it. It reads synchronously and always into the same block. The bytes usually are in the
 * page cache; then this takes a quarter of the CPU time of the thread pool with a new buffer per chunk. A slow disk
 * blocks the event loop for the time of one block.
 * @throws Error (`chunks`) when the reader is closed, the file is too short, or the disk fails
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
