import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';

const BYTES = Buffer.alloc(20_000);

describe('a reset under writers', () => {
  it.each([
    ['of one bucket', 'examplebucket'],
    ['of everything', undefined],
  ])('%s keeps whole what is stored after it, and leaves no other file', async (_, bucket) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'reset-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const { emulator, client } = await startTestEmulator({ memory: false, dataDir });
    for (let round = 0; round < 4; round++) {
      let isOver = false;
      const writers = Array.from({ length: 12 }, async (_, writer) => {
        for (let n = 0; !isOver; n++) {
          // Refused when it began before the reset, or the bucket was not made again yet.
          await client.put(`d${(n + writer) % 20}/k${n % 7}`, BYTES).catch(() => {});
        }
      });
      await emulator.control.reset(bucket);
      isOver = true;
      await Promise.all(writers);
      await client.put('after', BYTES);
      const stored = (await client.list({ 'max-keys': 1000 }, {})).objects ?? [];
      for (const { name } of stored) expect((await client.get(name)).content).toHaveLength(BYTES.length);
      const files = await readdir(join(dataDir, 'objects/examplebucket'), { recursive: true, withFileTypes: true });
      expect(files.filter((file) => file.isFile())).toHaveLength(stored.length);
    }
  });
});
