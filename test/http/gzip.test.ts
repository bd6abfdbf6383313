import { EventEmitter, once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { acceptsGzip, gzipChunks } from '../../src/http/gzip.ts';

describe('acceptsGzip', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['GZip', true],
    ['deflate, gzip', true],
    ['gzip;q=0.5, identity;q=0.2', true],
    ['gzip ; q=0.001', true],
    ['gzip;q=0', false],
    ['gzip;q=0.000', false],
    ['gzip;q=x', false],
    ['gzip;q=0.2, identity;q=0.5', false],
    ['identity', false],
    ['x-gzip-like', false],
    ['*', false],
  ])('%j: %s', (header, accepted) => {
    expect(acceptsGzip(header)).toBe(accepted);
  });
});

describe('gzipChunks', () => {
  /** Chunks of one memory, which is used again for each. `closed` resolves when the iteration has ended. */
  function source(count: number) {
    const state = { read: 0 };
    const told = new EventEmitter();
    const closed = once(told, 'closed');
    const memory = Buffer.alloc(65_536);
    async function* chunks() {
      try {
        for (; state.read < count; state.read++) {
          for (let at = 0; at < memory.length; at += 4)
            memory.writeUInt32BE((Math.imul(at + state.read, 2654435761) ^ at) >>> 0, at);
          yield memory;
        }
      } finally {
        told.emit('closed');
      }
    }
    return { state, closed, chunks };
  }

  it('compresses chunks whose memory is used again', async () => {
    const plain: Buffer[] = [];
    for await (const chunk of source(20).chunks()) plain.push(Buffer.from(chunk));
    const packed: Buffer[] = [];
    for await (const chunk of gzipChunks(source(20).chunks())) packed.push(chunk);
    expect(gunzipSync(Buffer.concat(packed)).equals(Buffer.concat(plain))).toBe(true);
  });

  it('reads little ahead, and closes the chunks when the reader leaves', async () => {
    const { state, closed, chunks } = source(1000);
    for await (const _ of gzipChunks(chunks())) break;
    await closed;
    expect(state.read).toBeLessThan(20);
  });

  it('fails as the chunks fail', async () => {
    async function* failing() {
      yield Buffer.from('a');
      throw new Error('the disk is gone');
    }
    await expect(async () => {
      for await (const _ of gzipChunks(failing()));
    }).rejects.toThrow('the disk is gone');
  });
});
