import { createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { LoadGenerator } from '../../scripts/load/generator.ts';
import type { Replay } from '../../scripts/load/replay.ts';
import { listenDuringTest } from '../support/listen.ts';

const NOTHING: Replay = { opening: [], ticks: [Buffer.alloc(0)], tickMs: 20, durationMs: 20, sizeBytes: 0 };

function loadOn(url: string): LoadGenerator {
  const options = { publishers: 2, seconds: 0, rampSec: 0, chunkSizeBytes: 4096 };
  return new LoadGenerator({ ...options, url, reconnectSec: undefined, killEverySec: undefined }, NOTHING);
}

it.each<[string, (socket: Socket) => void, RegExp]>([
  ['resets', (socket) => void socket.once('data', () => socket.resetAndDestroy()), /ECONNRESET/],
  ['closes', (socket) => void socket.resume().end(), /the server closed the connection/],
])('a server that %s each connection is reported, and does not end the load', async (_, onConnection, reason) => {
  const port = await listenDuringTest(createServer(onConnection));
  const { refused, acceptMs } = await loadOn(`rtmp://127.0.0.1:${port}/live/cam-{n}`).run();
  expect(refused).toEqual([expect.stringMatching(reason), expect.stringMatching(reason)]);
  expect(acceptMs).toEqual([]);
});

it('an address that is not one of RTMP is refused before anything is pushed', () => {
  expect(() => loadOn('http://127.0.0.1/cam')).toThrow(RangeError);
});
