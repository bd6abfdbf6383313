import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { MESSAGE_TYPE } from '../../src/rtmp/messages.ts';
import { readClip, recordable } from '../e2e/flv-tags.ts';
import { expectSound, timesOf } from '../e2e/recordings.ts';
import { describeWith, probePackets } from '../support/tools.ts';
import { openEncoderStudio, REFUSALS, signedUrl } from './encoder.ts';

/** The client with which node-media-server 4.4.3 relays streams; it has no types. */
interface RelayClient {
  connect(url: string): Promise<void>;
  sendConnect(): Promise<unknown>;
  sendCreateStream(): Promise<number>;
  sendPublish(streamName: string): Promise<unknown>;
  sendPacket(packet: { codec_type: number; dts: number; size: number; data: Buffer }): void;
  sendCommand(name: string, options: object, streamId: number): Promise<unknown>;
}

const Client: new () => RelayClient = createRequire(import.meta.url)('node-media-server/src/protocol/rtmp_client.js');
const CLIP = readClip('h264-aac');

/** The form without a bucket: this client takes the whole path after the first segment as the name. */
function urlFor(signed: string): string {
  return signed.replace('/examplebucket/live/', '/live/');
}

async function startRelay(url: string): Promise<{ client: RelayClient; streamId: number }> {
  const client = new Client();
  await client.connect(url);
  await client.sendConnect();
  const streamId = await client.sendCreateStream();
  await client.sendPublish(url.slice(url.lastIndexOf('/') + 1));
  return { client, streamId };
}

/** An RTMP peer that shares no code with the emulator. */
describeWith(['ffmpeg', 'ffprobe'], 'the client of node-media-server', () => {
  it('relays a stream, of which every frame is recorded', async () => {
    const studio = await openEncoderStudio();
    const ended = studio.emulator.events.waitFor('publish.ended');
    const { client, streamId } = await startRelay(urlFor(signedUrl(studio)));
    for (const { kind, timestampMs: dts, payload: data } of CLIP) {
      if (kind !== 'data') client.sendPacket({ codec_type: MESSAGE_TYPE[kind], dts, size: data.length, data });
    }
    await client.sendCommand('deleteStream', { cmdObj: null, streamId }, streamId);
    expect(await ended).toMatchObject({ cause: 'unpublished' });
    await expectSound(studio);
    const stored = await probePackets(studio.vodUrl);
    for (const track of ['video', 'audio'] as const) {
      expect(timesOf(stored, track)).toEqual(timesOf(recordable(CLIP), track));
    }
    expect(await studio.history()).toHaveLength(1);
  });

  it.each(REFUSALS.map((refusal) => [refusal.name, refusal] as const))(
    'is refused for %s',
    async (_, { arrange, description }) => {
      const studio = await openEncoderStudio();
      const refused = studio.emulator.events.waitFor('publish.refused');
      // Whether it notices the end does not matter here.
      startRelay(urlFor(await arrange(studio))).catch(() => {});
      expect((await refused).description).toMatch(description);
    },
  );
});
