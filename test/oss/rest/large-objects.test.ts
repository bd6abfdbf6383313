import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startTestEmulator } from '../../support/emulator.ts';

const SIZE_BYTES = 8 * 1024 * 1024;

async function startOnDisk(contents: readonly Buffer[]): Promise<(n: number) => Promise<IncomingMessage>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'large-objects-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const { client, endpoint } = await startTestEmulator({ memory: false, dataDir });
  for (const [n, bytes] of contents.entries()) await client.put(`large/${n}.ts`, bytes);
  return async (n) => {
    const [response]: IncomingMessage[] = await once(get(`${endpoint}/examplebucket/large/${n}.ts`), 'response');
    if (!response) throw new Error('no response');
    return response;
  };
}

describe('large objects on disk', () => {
  it('reach several slow clients at once, each with its own bytes', async () => {
    const contents = [randomBytes(SIZE_BYTES), randomBytes(SIZE_BYTES), randomBytes(SIZE_BYTES)];
    const open = await startOnDisk(contents);
    // All wait, with full sockets, before a client continues to read.
    const responses = await Promise.all([open(0), open(1), open(2), open(0)]);
    const received = await Promise.all(responses.map((response) => buffer(response)));
    expect(received.map((bytes, n) => bytes.equals(contents[n % 3] ?? Buffer.of()))).toEqual([true, true, true, true]);
  });

  it('are not disturbed by clients that leave in the middle', async () => {
    const contents = [randomBytes(SIZE_BYTES), randomBytes(SIZE_BYTES)];
    const open = await startOnDisk(contents);
    const [leaving, staying] = await Promise.all([open(0), open(1)]);
    leaving.destroy();
    await once(leaving, 'close');
    const [first, second] = await Promise.all([buffer(staying), open(0).then(buffer)]);
    expect([first.equals(contents[1] ?? Buffer.of()), second.equals(contents[0] ?? Buffer.of())]).toEqual([true, true]);
  });
});
