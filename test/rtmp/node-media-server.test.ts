import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { readFlvTags } from '../../src/media/flv/file.ts';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { MESSAGE_TYPE } from '../../src/rtmp/messages.ts';
import { listen, RecordingHandler, readFixture, serveRtmp } from './support.ts';

/** The parts of node-media-server 4.4.3's protocol classes that are used here; it has no types. */
interface ServerProtocol {
  onOutputCallback: (bytes: Buffer) => void;
  onConnectCallback: (request: { app: string; name: string; query: object }) => void;
  onPacketCallback: (packet: { codec_type: number; dts: number; size: number; data: Buffer }) => void;
  parserData(bytes: Buffer): void;
}
interface ClientProtocol {
  streamId: number;
  connect(url: string): Promise<void>;
  sendConnect(): Promise<unknown>;
  sendCreateStream(): Promise<number>;
  sendPublish(streamName: string): Promise<unknown>;
  sendMetaData(metadata: object): void;
  sendPacket(packet: { codec_type: number; dts: number; size: number; data: Buffer }): void;
  sendCommand(name: string, options: object, streamId: number): Promise<unknown>;
}

const require = createRequire(import.meta.url);
const NmsServer: new () => ServerProtocol = require('node-media-server/src/protocol/rtmp.js');
const NmsClient: new () => ClientProtocol = require('node-media-server/src/protocol/rtmp_client.js');

const media = [...readFlvTags(readFixture('clip.flv'))].filter((tag) => tag.kind !== 'data');
const typeOf = (kind: string) => (kind === 'audio' ? MESSAGE_TYPE.audio : MESSAGE_TYPE.video);

describe('node-media-server as the peer', () => {
  it('understands our publisher', async () => {
    const requests: object[] = [];
    const received: [number, number, string][] = [];
    const server = await listen((socket) => {
      const protocol = new NmsServer();
      protocol.onOutputCallback = (bytes) => socket.write(bytes);
      protocol.onConnectCallback = (request) => requests.push(request);
      protocol.onPacketCallback = ({ codec_type, dts, size, data }) =>
        received.push([codec_type, dts, data.toString('hex', 0, size)]);
      socket.on('data', (bytes) => protocol.parserData(bytes));
    });
    const publisher = await RtmpPublisher.publish(`${server.url}/live/channel?a=1`);
    for (const tag of media) publisher.send(tag);
    await publisher.unpublish();
    await server.stop();
    expect(requests).toMatchObject([{ app: 'live', name: 'channel', query: { a: '1' } }]);
    expect(received).toEqual(media.map((tag) => [typeOf(tag.kind), tag.timestampMs, tag.payload.toString('hex')]));
  });

  it('is understood as a publisher', async () => {
    const handler = new RecordingHandler();
    const server = await serveRtmp(handler);
    const client = new NmsClient();
    await client.connect(`${server.url}/live/channel`);
    await client.sendConnect();
    const streamId = await client.sendCreateStream();
    await client.sendPublish('channel?a=1');
    for (const { kind, timestampMs, payload } of media) {
      client.sendPacket({ codec_type: typeOf(kind), dts: timestampMs, size: payload.length, data: payload });
    }
    await client.sendCommand('deleteStream', { cmdObj: null, streamId }, streamId);
    await server.stop();
    expect(handler.publishes).toMatchObject([{ app: 'live', streamName: 'channel?a=1' }]);
    expect(handler.messages).toEqual(media);
    expect(handler.ends).toEqual([{ cause: 'unpublished' }]);
  });
});
