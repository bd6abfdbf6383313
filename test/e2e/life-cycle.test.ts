import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { RtmpPublisher, RtmpRefusedError } from '../../src/rtmp/client.ts';
import { describeWith } from '../support/tools.ts';
import { before, from, readClip } from './flv-tags.ts';
import { type Peer, publishAsPeer } from './peers.ts';
import { fetchPlaylist } from './playlists.ts';
import { expectSound, openStudio, pushTags, type Studio } from './recordings.ts';

/** 12 s, a key frame every 2 s. */
const CLIP = readClip('h264-aac');
const IDLE_SEC = 10;
const DISABLE_DELAY_SEC = 4;

interface ClockedStudio extends Studio {
  readonly clock: ManualClock;
}

async function open(target: Parameters<typeof openStudio>[0] = {}): Promise<ClockedStudio> {
  const clock = new ManualClock(Date.now());
  const options = { idleTimeoutSec: IDLE_SEC, disableDelaySec: DISABLE_DELAY_SEC };
  return { clock, ...(await openStudio(target, options, { clock })) };
}

function refusalOf(push: Promise<unknown>): Promise<{ code: string; description: string }> {
  return push.then(
    () => expect.fail('the push was accepted'),
    (error) => {
      expect(error).toBeInstanceOf(RtmpRefusedError);
      return error;
    },
  );
}

/** As the service writes times: whole seconds, with `.000` as milliseconds. */
function secondsOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}.000Z`;
}

describeWith(['ffmpeg'], 'a push', () => {
  it('is live from its acceptance on, and idle with a history record after its end', async () => {
    const studio = await open();
    expect(await studio.stat()).toEqual({ Status: 'Idle' });
    const startedMs = studio.clock.now();
    const peer = await publishAsPeer(studio.publishUrl);
    const live = { Status: 'Live', ConnectedTime: secondsOf(startedMs), RemoteAddr: peer.address };
    expect(await studio.stat()).toEqual(live);
    studio.clock.advance(3000);
    await peer.send(before(CLIP, 5000));
    expect(await studio.stat()).toMatchObject({
      ...live,
      Video: { Width: '640', Height: '360', FrameRate: '25', Codec: 'H264' },
      Audio: { SampleRate: '44100', Codec: 'AAC' },
    });
    expect(await studio.history()).toEqual([]);
    await endPush(studio, () => peer.publisher.unpublish());
    expect(await studio.stat()).toEqual({ Status: 'Idle' });
    expect(await studio.history()).toEqual([
      { StartTime: secondsOf(startedMs), EndTime: secondsOf(startedMs + 3000), RemoteAddr: peer.address },
    ]);
  });

  it('refuses a second publisher and goes on unharmed', async () => {
    const studio = await open();
    const peer = await publishAsPeer(studio.publishUrl);
    await peer.send(before(CLIP, 6000));
    const refusal = await refusalOf(RtmpPublisher.publish(studio.publishUrl));
    expect([refusal.code, refusal.description]).toEqual(['NetStream.Publish.BadName', 'Already publishing']);
    await peer.send(from(CLIP, 6000));
    await endPush(studio, () => peer.publisher.unpublish());
    const { fragments } = await expectSound(studio);
    expect(fragments.map(({ durationSec }) => durationSec)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(await studio.history()).toHaveLength(1);
  });

  it.each<[string, (peer: Peer, studio: ClockedStudio) => void, string]>([
    ['FCUnpublish', ({ say }) => say('FCUnpublish', 'cam'), 'unpublished'],
    ['deleteStream', ({ say }) => say('deleteStream', 1), 'unpublished'],
    ['closeStream', ({ say }) => say('closeStream'), 'unpublished'],
    ['the end of the connection (FIN)', ({ socket }) => void socket.end(), 'disconnected'],
    ['a reset connection (RST)', ({ socket }) => void socket.resetAndDestroy(), 'disconnected'],
    ['silence, as of a pulled cable', (_, { clock }) => clock.advance((IDLE_SEC + 1) * 1000), 'idle'],
    ['bytes that are no RTMP', ({ socket }) => void socket.write(Buffer.alloc(64, 0xff)), 'protocol-error'],
  ])('ends with %s: the open fragment is stored and listed', async (_, leave, cause) => {
    const studio = await open({ FragDuration: 4, FragCount: 2 });
    const peer = await publishAsPeer(studio.publishUrl);
    await peer.send(before(CLIP, 9000));
    expect(await endPush(studio, () => leave(peer, studio))).toBe(cause);
    const { fragments } = await expectSound(studio);
    expect(fragments.map(({ durationSec }) => durationSec)).toEqual([4, 4, 1]);
    const live = { mediaSequence: 1, targetDurationSec: 4, ended: false, fragments: fragments.slice(1) };
    expect(await studio.live()).toEqual(live);
    expect(await studio.stat()).toEqual({ Status: 'Idle' });
    expect(await studio.history()).toMatchObject([{ RemoteAddr: peer.address }]);
    await expect(RtmpPublisher.publish(studio.publishUrl).then((next) => next.destroy())).resolves.toBeUndefined();
  });

  it('lives on for as long as now and then a byte comes', async () => {
    const studio = await open();
    const peer = await publishAsPeer(studio.publishUrl);
    for (let round = 0; round < 5; round++) {
      studio.clock.advance((IDLE_SEC - 1) * 1000);
      await peer.send([]);
    }
    expect(await studio.stat()).toMatchObject({ Status: 'Live' });
  });

  it('continues the list of the push before it, behind a discontinuity', async () => {
    const studio = await open({ FragDuration: 2, FragCount: 4 });
    await pushTags(studio, before(CLIP, 4000));
    studio.clock.advance(60_000);
    await pushTags(studio, before(CLIP, 6000));
    const { fragments } = await expectSound(studio);
    expect(fragments.map(({ discontinuity }) => discontinuity)).toEqual([false, false, true, false, false]);
    expect(await studio.live()).toMatchObject({ mediaSequence: 1, fragments: fragments.slice(1) });
    expect(await studio.history()).toHaveLength(2);
  });

  it('can follow another on the same connection, right after its unpublish', async () => {
    const studio = await open({ FragDuration: 2, FragCount: 4 });
    const { events } = studio.emulator;
    const peer = await publishAsPeer(studio.publishUrl);
    await peer.send(before(CLIP, 4000));
    studio.clock.advance(5_000);
    const ended = events.waitFor('publish.ended');
    const accepted = events.waitFor('publish.accepted');
    peer.say('FCUnpublish', 'cam');
    peer.say('deleteStream', 1);
    peer.say('publish', 'cam', 'live');
    expect((await ended).cause).toBe('unpublished');
    await accepted;
    expect(await studio.stat()).toMatchObject({ Status: 'Live', RemoteAddr: peer.address });
    await peer.send(before(CLIP, 6000));
    expect(await endPush(studio, () => peer.publisher.unpublish())).toBe('unpublished');
    const { fragments } = await expectSound(studio);
    expect(fragments.map(({ discontinuity }) => discontinuity)).toEqual([false, false, true, false, false]);
    expect(await studio.live()).toMatchObject({ mediaSequence: 1, fragments: fragments.slice(1) });
    expect(await studio.history()).toMatchObject([{ RemoteAddr: peer.address }, { RemoteAddr: peer.address }]);
  });

  it('under another playlist name begins a list of its own and leaves the first as it is', async () => {
    const studio = await open({ FragDuration: 2, FragCount: 4 });
    await pushTags(studio, before(CLIP, 4000));
    const first = await studio.live();
    await pushTags({ ...studio, publishUrl: `${studio.publishUrl}?playlistName=second.m3u8` }, before(CLIP, 4000));
    expect(await studio.live()).toEqual(first);
    const second = await fetchPlaylist(`${studio.folderUrl}/second.m3u8`);
    expect(second.mediaSequence).toBe(0);
    expect(second.fragments.map(({ discontinuity }) => discontinuity)).toEqual([false, false]);
    expect((await studio.vod()).fragments).toHaveLength(4);
  });
});

describeWith(['ffmpeg'], 'a channel that is live', () => {
  it('is cut some seconds after it was disabled, and refuses who comes back', async () => {
    const studio = await open();
    const peer = await publishAsPeer(studio.publishUrl);
    await peer.send(before(CLIP, 3000));
    await studio.client.putChannelStatus('cam', 'disabled');
    expect(await studio.stat()).toEqual({ Status: 'Disabled' });
    studio.clock.advance(DISABLE_DELAY_SEC * 1000 - 1);
    await peer.send(from(before(CLIP, 5000), 3000));
    expect(await endPush(studio, () => studio.clock.advance(1))).toBe('closed-by-server');
    expect(await peer.publisher.closed).toMatchObject({
      code: 'NetStream.Publish.Denied',
      description: 'LiveChannelDisabled: Live channel is disabled by owner.',
    });
    expect((await expectSound(studio)).fragments.map(({ durationSec }) => durationSec)).toEqual([2, 2, 1]);
    expect(await studio.history()).toHaveLength(1);
    const refusal = await refusalOf(RtmpPublisher.publish(studio.publishUrl));
    expect(refusal.description).toMatch(/^LiveChannelDisabled/);
  });

  it('goes on when it is enabled again in time', async () => {
    const studio = await open();
    const peer = await publishAsPeer(studio.publishUrl);
    await studio.client.putChannelStatus('cam', 'disabled');
    studio.clock.advance(DISABLE_DELAY_SEC * 1000 - 1);
    await studio.client.putChannelStatus('cam', 'enabled');
    await peer.send([]);
    studio.clock.advance(DISABLE_DELAY_SEC * 1000);
    await peer.send([]);
    expect(await studio.stat()).toMatchObject({ Status: 'Live' });
  });

  it('can be neither deleted nor made anew, and its bucket not deleted, until the push is over', async () => {
    const studio = await open();
    const { client } = studio;
    const peer = await publishAsPeer(studio.publishUrl);
    const stillLive = { status: 409, code: 'ChannelStillLive', ecCode: '0044-00000201' };
    await expect(client.deleteChannel('cam')).rejects.toMatchObject(stillLive);
    const config = { Description: '', Status: 'enabled', Target: { Type: 'HLS' } } as const;
    await expect(client.putChannel('cam', Object(config))).rejects.toMatchObject(stillLive);
    const notEmpty = { status: 409, code: 'BucketNotEmpty', ecCode: '0015-00000303' };
    await expect(client.deleteBucket('examplebucket')).rejects.toMatchObject(notEmpty);
    await endPush(studio, () => peer.publisher.unpublish());
    await expect(client.putChannel('cam', Object(config))).resolves.toBeDefined();
    await expect(client.deleteChannel('cam')).resolves.toBeDefined();
  });

  it('keeps what it recorded when it is deleted and made again, and forgets its history', async () => {
    const studio = await open();
    await pushTags(studio, before(CLIP, 4000));
    await studio.client.deleteChannel('cam');
    await expect(studio.vod()).rejects.toMatchObject({ status: 404, code: 'NoSuchLiveChannel' });
    await studio.client.putChannel('cam', Object({ Description: '', Status: 'enabled', Target: { Type: 'HLS' } }));
    expect((await expectSound(studio)).fragments).toHaveLength(2);
    expect(await studio.history()).toEqual([]);
  });
});

/** Ends the push by calling `leave`; resolves to its cause when everything is stored. */
async function endPush(studio: Studio, leave: () => unknown): Promise<string> {
  const ended = studio.emulator.events.waitFor('publish.ended');
  await leave();
  return (await ended).cause;
}
