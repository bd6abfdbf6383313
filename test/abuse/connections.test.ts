import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeChunks } from '../../src/rtmp/chunks.ts';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { command } from '../../src/rtmp/commands.ts';
import { USER_CONTROL_EVENT, userControl } from '../../src/rtmp/messages.ts';
import { startVictim, type Victim } from './victim.ts';

/** Two hundred bytes for each of ten thousand connections. */
const MAX_KEPT_BYTES = 2_000_000;
const RTMP_VERSION = Buffer.of(3);
const HELLO = Buffer.concat([RTMP_VERSION, Buffer.alloc(1536), Buffer.alloc(1536)]);
const CONNECT = encodeChunks(command('connect', 1, [{ app: 'live', tcUrl: 'rtmp://127.0.0.1/live' }]), 128);
const CHUNK_SIZE_BYTES = 128;

/** Opens `count` connections, at most `atOnce` at a time, misbehaves on each, and resolves when all have ended. */
async function attack(
  victim: Victim,
  count: number,
  misbehave: (socket: Socket, index: number) => void,
): Promise<void> {
  const atOnce = 100;
  let begun = 0;
  const worker = async () => {
    while (begun < count) {
      const index = begun++;
      const socket = victim.connect();
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.once('connect', () => misbehave(socket, index));
      await closed;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/**
 * Ways to disconnect: at once, during the handshake, after it, after a request to publish, as a browser; with FIN or
 * RST.
 */
function leave(socket: Socket, index: number): void {
  const lastWords = [Buffer.alloc(0), RTMP_VERSION, HELLO, Buffer.concat([HELLO, CONNECT]), Buffer.from('GET / HTTP')];
  const words = lastWords[index % lastWords.length] ?? Buffer.alloc(0);
  socket.write(words, () => {
    if (index % 2 === 0) socket.resetAndDestroy();
    else socket.destroy();
  });
}

describe('a server under attack', { timeout: 60_000 }, () => {
  it('closes a thousand connections that send one byte and nothing more', async () => {
    const victim = await startVictim();
    await attack(victim, 200, leave);
    const beforeBytes = await victim.leastBytes();
    const sockets = Array.from({ length: 1_000 }, () => victim.connect());
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    const closed = sockets.map((socket) => once(socket.resume(), 'close'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.write(RTMP_VERSION, resolve))));
    let during = await victim.measure();
    while (during.sockets < 1_000) during = await victim.measure();
    expect((during.usedBytes - beforeBytes) / 1_000).toBeLessThan(32_000);
    // A connection is counted when it is accepted. The time of one whose byte is read later begins later.
    while (during.sockets > 0) during = await victim.advance(5_000);
    await Promise.all(closed);
    expect((await victim.leastBytes()) - beforeBytes).toBeLessThan(MAX_KEPT_BYTES);
  });

  it('gives up a publisher that never reads what it is answered', async () => {
    const victim = await startVictim();
    const beforeBytes = await victim.leastBytes();
    const socket = victim.connect();
    onTestFinished(() => void socket.destroy());
    socket.pause();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const ping = encodeChunks(userControl(USER_CONTROL_EVENT.pingRequest, 7), CHUNK_SIZE_BYTES);
    const pings = Buffer.concat(Array.from({ length: 10_000 }, () => ping));
    socket.write(HELLO);
    socket.write(CONNECT);
    let worstBytes = 0;
    while (!socket.destroyed) {
      if (!socket.write(pings)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
      worstBytes = Math.max(worstBytes, (await victim.measure()).usedBytes);
    }
    expect(worstBytes - beforeBytes).toBeLessThan(8_000_000);
    expect((await victim.leastBytes()) - beforeBytes).toBeLessThan(MAX_KEPT_BYTES);
  });

  it('goes on while four hundred megabytes are not read, keeps little of them, and sends them when they are', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unread-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const victim = await startVictim(folder);
    const url = `http://127.0.0.1:${victim.port}/examplebucket/big`;
    // Many times what the buffers of the kernel take of one answer.
    const bytes = randomBytes(50_000_000);
    const stored = await fetch(url, { method: 'PUT', body: bytes });
    expect(stored.status).toBe(200);
    const get = `GET /examplebucket/big HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`;
    const ask = async () => {
      const socket = victim.connect();
      onTestFinished(() => void socket.destroy());
      socket.pause();
      await new Promise((resolve) => socket.write(get, resolve));
      // The answer has begun.
      await once(socket, 'readable');
      return socket;
    };
    const read = async () => {
      const answer = await fetch(url);
      expect(bytes.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true);
    };
    await read();
    const before = await victim.measure();
    const sockets = await Promise.all(Array.from({ length: 8 }, ask));
    const publisher = await RtmpPublisher.publish(`rtmp://127.0.0.1:${victim.port}/live/test-channel`);
    await publisher.unpublish();
    await read();
    const during = await victim.measure();
    expect(during.sockets).toBeGreaterThanOrEqual(sockets.length);
    expect((during.usedBytes - before.usedBytes) / sockets.length).toBeLessThan(5_000_000);
    for (const socket of sockets) {
      const answer = Buffer.concat(await socket.toArray());
      expect(bytes.equals(answer.subarray(-bytes.length))).toBe(true);
    }
  });

  it('holds nothing of ten thousand connections that came and went', async () => {
    const victim = await startVictim();
    await attack(victim, 500, leave);
    const beforeBytes = await victim.leastBytes();
    await attack(victim, 10_000, leave);
    expect((await victim.leastBytes()) - beforeBytes).toBeLessThan(MAX_KEPT_BYTES);
  });

  it('holds nothing of pushes that came and went, and still takes the next', async () => {
    const victim = await startVictim();
    const url = `rtmp://127.0.0.1:${victim.port}/live/test-channel`;
    const push = async (count: number) => {
      for (let n = 0; n < count; n++) {
        const publisher = await RtmpPublisher.publish(url);
        publisher.send({ kind: 'audio', timestampMs: n, payload: Buffer.of(0xaf, 1, n & 0xff) });
        await publisher.unpublish();
        await victim.settled();
      }
    };
    await push(10);
    const beforeBytes = await victim.leastBytes();
    await push(20);
    expect((await victim.leastBytes()) - beforeBytes).toBeLessThan(MAX_KEPT_BYTES);
  });
});
