import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFlvTags } from '../../src/media/flv/file.ts';
import type { MediaMessage } from '../../src/media/flv/media-message.ts';
import { RtmpPublisher, RtmpRefusedError } from '../../src/rtmp/client.ts';
import type { PublishEnd } from '../../src/rtmp/publish.ts';
import { listen, RecordingHandler, type RunningServer, readFixture, serveRtmp } from './support.ts';

const REFUSAL = { code: 'NetStream.Publish.BadName', description: 'Already publishing' };
let handler: RecordingHandler;
let server: RunningServer;
let url: string;

beforeEach(async () => {
  handler = new RecordingHandler();
  server = await serveRtmp(handler);
  url = `${server.url}/live/channel?a=1`;
});

afterEach(() => server.stop());

/** The error of `publish` with a server that does not do what it should. */
async function publishTo(serve: (socket: Socket) => void, signal?: AbortSignal): Promise<RtmpPublisher> {
  const other = await listen(serve);
  try {
    return await RtmpPublisher.publish(`${other.url}/live/channel`, signal ? { signal } : {});
  } finally {
    await other.stop();
  }
}

describe('RtmpPublisher', () => {
  it('publishes a clip: every tag arrives as it was sent', async () => {
    const tags = [...readFlvTags(readFixture('clip.flv'))];
    const publisher = await RtmpPublisher.publish(url);
    for (const tag of tags) if (!publisher.send(tag)) await publisher.drained();
    await publisher.unpublish();
    expect(handler.publishes).toMatchObject([
      { app: 'live', streamName: 'channel?a=1', tcUrl: url.replace(/\/channel.*/, '') },
    ]);
    expect(handler.publishes[0]?.remoteAddr).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(handler.messages).toEqual(tags);
    expect(handler.ends).toEqual([{ cause: 'unpublished' }]);
    expect(await publisher.closed).toBeUndefined();
  });

  it.each([1, 128, 4_096])('sends chunks of %i bytes', async (chunkSizeBytes) => {
    const publisher = await RtmpPublisher.publish(url, { chunkSizeBytes });
    const sent: MediaMessage = { kind: 'video', timestampMs: 0xfffffff0, payload: Buffer.alloc(10_000, 5) };
    publisher.send(sent);
    await publisher.unpublish();
    expect(handler.messages).toEqual([sent]);
  });

  it('rejects with the refusal of publish', async () => {
    handler.decide = async () => ({ accepted: false, ...REFUSAL });
    await expect(RtmpPublisher.publish(url)).rejects.toMatchObject(REFUSAL);
    await expect(RtmpPublisher.publish(url)).rejects.toBeInstanceOf(RtmpRefusedError);
  });

  it('rejects with the refusal of connect', async () => {
    handler.connectRefusal = { code: 'NetConnection.Connect.Rejected', description: 'no such app' };
    await expect(RtmpPublisher.publish(url)).rejects.toMatchObject(handler.connectRefusal);
  });

  it('reports that the server ended a live push, and why', async () => {
    const publisher = await RtmpPublisher.publish(url);
    handler.publisher?.close(REFUSAL);
    expect(await publisher.closed).toMatchObject(REFUSAL);
  });

  it('reports a server that closes without a word', async () => {
    await expect(publishTo((socket) => socket.destroy())).rejects.toThrow(/closed the connection|ECONNRESET/);
  });

  it('rejects when the server speaks something else', async () => {
    const published = publishTo((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(published).rejects.toThrow('RTMP version 72');
  });

  it('gives up when it is aborted', async () => {
    const abort = new AbortController();
    const published = publishTo((socket) => {
      socket.resume().on('error', () => {});
      abort.abort();
    }, abort.signal);
    await expect(published).rejects.toThrow('aborted');
  });

  it('feels the back-pressure of a server that pauses', async () => {
    const publisher = await RtmpPublisher.publish(url);
    handler.publisher?.pause();
    const frame: MediaMessage = { kind: 'video', timestampMs: 0, payload: Buffer.alloc(1_000_000) };
    let sent = 1;
    while (publisher.send(frame)) sent++;
    expect(handler.messages.length).toBeLessThan(sent);
    handler.publisher?.resume();
    await publisher.drained();
    await publisher.unpublish();
    expect(handler.messages).toHaveLength(sent);
  });

  it('looks like a publisher that died when it is destroyed', async () => {
    let ended: (reason: PublishEnd) => void = () => {};
    const end = new Promise<PublishEnd>((resolve) => {
      ended = resolve;
    });
    handler.decide = async () => ({
      accepted: true,
      sink: { message: () => {}, end: async (reason) => ended(reason) },
    });
    const publisher = await RtmpPublisher.publish(url);
    publisher.destroy();
    expect(await end).toMatchObject({ cause: 'disconnected' });
  });
});
