import { expect, it } from 'vitest';
import { channelConfig, clip, startTestEmulator } from '../support/emulator.ts';
import { decodeErrors, describeWith, type Packet, probePackets, pushWithFfmpeg } from '../support/tools.ts';

/** Of `h264-aac.flv`. */
const CLIP_SEC = 12;

describeWith(['ffmpeg', 'ffprobe'], 'a push with ffmpeg to the URL that ali-oss signed', () => {
  it('becomes fragments, a live playlist, and a VOD playlist', async () => {
    const { emulator, client, endpoint } = await startTestEmulator();
    await client.putChannel('cam', channelConfig());
    const startSec = Math.floor(Date.now() / 1000);
    const url = client.getRtmpUrl('cam', { params: { playlistName: 'playlist.m3u8' }, expires: 3600 });
    const ended = emulator.events.waitFor('publish.ended');
    expect(await pushWithFfmpeg(clip('h264-aac.flv'), url).done).toEqual({ code: 0, stderr: '' });
    await ended;

    const live = await (await fetch(`${endpoint}/examplebucket/cam/playlist.m3u8`)).text();
    expect(live.match(/#EXTINF/g)).toHaveLength(3);
    await client.createVod('cam', 'all.m3u8', { startTime: startSec, endTime: startSec + 3600 });
    const vodUrl = `${endpoint}/examplebucket/cam/all.m3u8`;
    expect(await decodeErrors(vodUrl)).toBe('');

    // Sound from before the first picture is left out.
    const sent = await probePackets(clip('h264-aac.flv'));
    const firstPictureSec = sent.find(({ track }) => track === 'video')?.ptsSec ?? Number.NaN;
    const expected = sent.filter(({ ptsSec }) => ptsSec >= firstPictureSec);
    const stored = await probePackets(vodUrl);
    for (const track of ['video', 'audio'] as const) {
      expect(timesOf(stored, track)).toEqual(timesOf(expected, track));
    }
  });

  it('is recorded to its end when a file is sent as fast as it is read', async () => {
    const { emulator, client } = await startTestEmulator();
    await client.putChannel('cam', channelConfig());
    let recordedMs = 0;
    emulator.events.subscribe((event) => {
      if (event.type === 'fragment.stored') recordedMs += event.durationMs;
    });
    const ended = emulator.events.waitFor('publish.ended');
    // Ten megabytes, of which much waits in the sockets when ffmpeg closes its own.
    const url = client.getRtmpUrl('cam', { params: { playlistName: 'playlist.m3u8' }, expires: 3600 });
    const push = await pushWithFfmpeg(clip('h264-aac.flv'), url, ['-stream_loop', '20']).done;
    expect([push, (await ended).cause]).toEqual([{ code: 0, stderr: '' }, 'unpublished']);
    expect(Math.round(recordedMs / 1000)).toBe(21 * CLIP_SEC);
  });
});

function timesOf(packets: readonly Packet[], track: Packet['track']): readonly string[] {
  return packets.filter((packet) => packet.track === track).map(({ ptsSec, dtsSec }) => `${ptsSec} ${dtsSec}`);
}
