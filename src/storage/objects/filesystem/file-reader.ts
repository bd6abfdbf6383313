import { turnOfTheLoop } from '../../../base/turn-of-the-loop.ts';
import type { ByteRange } from '../byte-range.ts';
import type { ObjectReader } from '../object-store.ts';
import type { BlockPool } from './block-pool.ts';
import type { Disk } from './disk.ts';
import { closeFile, readBytes } from './file-calls.ts';

/** After this many bytes other work gets a turn. */
const BYTES_PER_TURN = 1024 * 1024;

export interface OpenedFile {
  readonly descriptor: number;
  readonly sizeBytes: number;
  readonly disk: Disk;
  readonly blocks: BlockPool;
}

/**
 * Reads an open file, always into the same block, and closes it.
 * @throws Error (`chunks`) when the reader is closed, the file is too short, or the disk fails
 */
export function fileReader({ descriptor, sizeBytes, disk, blocks }: OpenedFile): ObjectReader {
  let isOpen = true;
  /** The number of a file that is closed while it is read may be that of another one by then. */
  let reading: Promise<unknown> | undefined;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await reading?.catch(() => {});
    await disk.run(closeFile(descriptor));
  };
  async function* read({ start, end }: ByteRange): AsyncGenerator<Buffer> {
    const block = blocks.take();
    try {
      for (let at = start, turnBytes = 0; at <= end; ) {
        if (!isOpen) throw new Error('the reader has been closed');
        const count = disk.run(readBytes(descriptor, block, Math.min(block.length, end + 1 - at), at));
        if (typeof count !== 'number') reading = count;
        const readCount = typeof count === 'number' ? count : await count;
        if (readCount === 0) throw new Error(`the file ends after ${at} of ${end + 1} bytes`);
        yield block.subarray(0, readCount);
        at += readCount;
        turnBytes += readCount;
        if (turnBytes < BYTES_PER_TURN) continue;
        turnBytes = 0;
        await turnOfTheLoop();
      }
    } finally {
      blocks.giveBack(block);
      await close();
    }
  }
  return {
    sizeBytes,
    chunks: (range) => read(range ?? { start: 0, end: sizeBytes - 1 }),
    close,
  };
}
