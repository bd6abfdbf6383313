import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { loadClip } from '../../../src/control-plane/publisher/clip.ts';
import { EndlessRecording } from '../../../src/control-plane/seed/endless-recording.ts';
import { inProcessMuxer } from '../../../src/emulator/muxers.ts';
import { startEmulator } from '../../../src/index.ts';
import { controlOf } from '../../support/control.ts';
import { decodeErrors, describeWith, probePackets } from '../../support/tools.ts';

const FROM = Date.UTC(2025, 0, 1, 12);

describe('an endless recording', () => {
  it('goes on where a real one would: same bytes as cutting the clip over and over', async () => {
    const clip = await loadClip(undefined);
    const recording = new EndlessRecording(clip, 5, inProcessMuxer);
    // The clip of twelve seconds fills two fragments of six seconds. The next two fragments differ from them only in time
    // stamps and counters; with these moved back they are equal.
    expect(recording.fragment(0).durationMs).toBe(6_000);
    expect(recording.fragment(7)).toEqual(recording.fragment(1));
    const first = recording.bytes(0);
    const later = recording.bytes(2_000);
    expect(later.length).toBe(first.length);
    const differing = later.filter((byte, at) => byte !== first[at]).length;
    expect(differing).toBeGreaterThan(0);
    expect(differing / first.length).toBeLessThan(0.05);
    expect(recording.bytes(0)).toEqual(first);
  });

  it('counts packets on from fragment to fragment', async () => {
    const recording = new EndlessRecording(await loadClip(undefined), 2, inProcessMuxer);
    const last = new Map<number, number>();
    for (let index = 0; index < 20; index++) {
      for (const [pid, counter] of counters(recording.bytes(index))) {
        const before = last.get(pid);
        if (before !== undefined) expect([index, pid, counter]).toEqual([index, pid, (before + 1) % 16]);
        last.set(pid, counter);
      }
    }
    expect([...last.keys()].sort()).toEqual([0, 0x1001, 0x100, 0x101].sort());
  });
});

/** PID and continuity counter of every packet. */
function* counters(packets: Buffer): Generator<[number, number]> {
  for (let at = 0; at < packets.length; at += 188) {
    yield [packets.readUInt16BE(at + 1) & 0x1fff, packets.readUInt8(at + 3) & 0x0f];
  }
}

describe('a seeded recording', () => {
  it('is there as if it had been pushed: index, objects, live playlist, history', async () => {
    await using emulator = await startEmulator({ buckets: ['media:public-read'] });
    const recordings = [{ from: FROM, to: FROM + 3_600_000, remoteAddr: '192.0.2.7:4000' }];
    const channel = { name: 'door', fragDurationSec: 4, fragCount: 2, recordings };
    const seeded = await emulator.seed({ buckets: [{ name: 'media', channels: [channel] }] });
    expect(seeded).toEqual({ buckets: 1, objects: 0, channels: 1, pushes: 1, fragments: 900 });

    const live = await (await fetch(await emulator.playUrl('door'))).text();
    expect(live.split('\n').slice(0, 6)).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      '#EXT-X-MEDIA-SEQUENCE:898',
      '#EXT-X-TARGETDURATION:4',
      '#EXTINF:4.000,',
      `${FROM + 898 * 4_000}.ts`,
    ]);
    const fragment = await fetch(`${emulator.endpoint}/media/door/${FROM}.ts`, { headers: { range: 'bytes=0-187' } });
    expect([fragment.status, fragment.headers.get('content-type')]).toEqual([206, 'video/MP2T']);
    expect((await fragment.arrayBuffer()).byteLength).toBe(188);
    const { body: history } = await controlOf(emulator)('history', '/channels/media/door/history');
    expect(history.pushes).toMatchObject([
      { startedMs: FROM, endedMs: FROM + 3_600_000, remoteAddr: '192.0.2.7:4000' },
    ]);
  });

  it('gives the same when it is seeded again', async () => {
    await using emulator = await startEmulator();
    const recordings = [{ from: FROM, to: FROM + 60_000 }];
    const seed = { buckets: [{ name: 'examplebucket', channels: [{ name: 'door', recordings }] }] };
    const control = controlOf(emulator);
    const view = async () => {
      const { body } = await control('fragments', '/channels/examplebucket/door/fragments');
      const starts = body.fragments.map(({ startMs }: { startMs: number }) => startMs);
      return [starts, (await control('history', '/channels/examplebucket/door/history')).body];
    };
    await emulator.seed(seed);
    const before = await view();
    await emulator.seed(seed);
    expect(await view()).toEqual(before);
    expect(before[0]).toHaveLength(10);
  });

  it('of a day is made in one seed', async () => {
    await using emulator = await startEmulator();
    const recordings = [{ from: '-24h', to: 'now' }];
    const { fragments } = await emulator.seed({
      buckets: [{ name: 'examplebucket', channels: [{ name: 'd', recordings }] }],
    });
    expect(fragments).toBe(14_400);
  });
});

describe('a seed', () => {
  it('makes buckets, objects and history', async () => {
    await using emulator = await startEmulator({ buckets: ['first'] });
    await emulator.seed({
      buckets: [
        {
          name: 'media',
          acl: 'public-read',
          objects: [
            { key: 'a/hello.txt', text: 'Grüße', contentType: 'text/plain' },
            { key: 'b.bin', base64: 'AAEC' },
            { key: 'empty' },
          ],
          channels: [{ name: 'cam', enabled: false, history: [{ from: FROM, to: FROM + 1_000 }] }],
        },
      ],
    });
    const get = async (key: string) => fetch(`${emulator.endpoint}/media/${key}`);
    const hello = await get('a/hello.txt');
    expect([await hello.text(), hello.headers.get('content-type')]).toEqual(['Grüße', 'text/plain']);
    expect(Buffer.from(await (await get('b.bin')).arrayBuffer())).toEqual(Buffer.from([0, 1, 2]));
    expect(await (await get('empty')).text()).toBe('');
    const cam = (await emulator.channels()).find(({ name }) => name === 'cam');
    expect(cam).toMatchObject({ bucket: 'media', state: 'disabled', fragDurationSec: 5, fragCount: 3 });
  });

  it('is refused in words that say where it is wrong', async () => {
    await using emulator = await startEmulator();
    const refusal = async (seed: unknown): Promise<string> => {
      const { status, body } = await controlOf(emulator)('seed', '/seed', seed);
      return `${status} ${body.error}`;
    };
    const withChannel = (channel: object) => ({ buckets: [{ name: 'examplebucket', channels: [channel] }] });
    expect(await refusal({ bukets: [] })).toBe('400 The request: unknown field "bukets" (did you mean "buckets"?).');
    expect(await refusal({ buckets: [{ name: 'B' }] })).toContain('400 The seed: "B" is not a bucket name');
    expect(await refusal(withChannel({ name: 'a/b' }))).toContain(
      'channel examplebucket/a/b: ChannelName must not contain',
    );
    expect(await refusal(withChannel({ name: 'a', fragDurationSec: 101 }))).toContain(
      'buckets[0].channels[0].fragDurationSec must be a whole number from 1 to 100',
    );
    expect(await refusal(withChannel({ name: 'a', history: [{ from: 'yesterday', to: 'now' }] }))).toContain(
      'history[0].from must be an ISO 8601 time',
    );
    expect(await refusal(withChannel({ name: 'a', history: [{ from: 2, to: 1 }] }))).toContain('ends before it begins');
    expect(await refusal(withChannel({ name: 'a', recordings: [{ from: '-40d', to: 'now' }] }))).toContain('31 days');
    expect(await refusal({ buckets: [{ name: 'examplebucket', objects: [{ key: '/a' }] }] })).toContain(
      'not an object key',
    );
  });
});

describeWith(['ffmpeg', 'ffprobe'], 'a VOD playlist over seeded recordings', () => {
  it('decodes without a word, over turns of the clip and over two recordings', async () => {
    await using emulator = await startEmulator({ buckets: ['media:public-read'] });
    const recordings = [
      { from: FROM, to: FROM + 60_000 },
      { from: FROM + 100_000, to: FROM + 130_000 },
    ];
    await emulator.seed({ buckets: [{ name: 'media', channels: [{ name: 'door', fragDurationSec: 5, recordings }] }] });
    const vod = async (toMs: number): Promise<string> => {
      const range = { from: FROM, to: toMs, playlistName: `to-${toMs}.m3u8` };
      return (await controlOf(emulator)('vod', '/channels/media/door/vod', range)).body.url;
    };
    const url = await vod(FROM + 200_000);
    const text = await (await fetch(url)).text();
    expect(text.match(/#EXTINF:6\.000,/g)).toHaveLength(15);
    expect(text.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1);
    expect(await decodeErrors(url)).toBe('');

    const first = await probePackets(await vod(FROM + 20_000));
    const pictures = first.filter(({ track }) => track === 'video');
    expect(pictures).toHaveLength(600);
    for (const [index, { dtsSec }] of pictures.entries())
      expect(dtsSec).toBeCloseTo((pictures[0]?.dtsSec ?? 0) + index / 25, 3);
  });
});

describe('a seed with times relative to now', () => {
  const HOUR = 3_600_000;
  const seedOf = (from: string) => ({
    buckets: [
      {
        name: 'media',
        channels: [{ name: 'door', history: [{ from: '-3d', to: '-2d' }], recordings: [{ from, to: 'now' }] }],
      },
    ],
  });

  it('takes the place of its earlier self, and nothing else', async () => {
    const clock = new ManualClock(FROM);
    await using emulator = await startEmulator({ buckets: ['media'], clock });
    const control = controlOf(emulator);
    const pushes = async () => (await control('history', '/channels/media/door/history')).body.pushes;
    const starts = async () => {
      const { body } = await control('fragments', '/channels/media/door/fragments?fromMs=0&limit=100000');
      return body.fragments.map(({ startMs }: { startMs: number }) => startMs);
    };
    const real = await emulator.publish({ channel: 'door', durationSec: 6, speed: 'max' });
    await real.done;
    const [pushed] = await pushes();
    await clock.advance(2 * HOUR);
    await emulator.seed(seedOf('-1h'));
    await clock.advance(HOUR / 2);
    const { fragments } = await emulator.seed(seedOf('-1h'));

    const nowMs = FROM + 2.5 * HOUR;
    const recorded = (await starts()).filter(
      (startMs: number) => startMs !== pushed.startedMs && startMs > FROM + HOUR / 2,
    );
    expect(recorded).toHaveLength(fragments);
    expect(recorded[0]).toBe(nowMs - HOUR);
    expect(
      (await pushes()).map(({ startedMs, endedMs }: { startedMs: number; endedMs: number }) => [startedMs, endedMs]),
    ).toEqual([
      [nowMs - 3 * 24 * HOUR, nowMs - 2 * 24 * HOUR],
      [pushed.startedMs, pushed.endedMs],
      [nowMs - HOUR, nowMs],
    ]);
    // One that does not overlap is another recording.
    await clock.advance(2 * HOUR);
    await emulator.seed({
      buckets: [{ name: 'media', channels: [{ name: 'door', recordings: [{ from: '-1h', to: 'now' }] }] }],
    });
    expect(await pushes()).toHaveLength(4);
  });

  it('that is not valid takes nothing away', async () => {
    const clock = new ManualClock(FROM);
    await using emulator = await startEmulator({ buckets: ['media'], clock });
    const control = controlOf(emulator);
    await emulator.seed(seedOf('-1h'));
    const before = (await control('history', '/channels/media/door/history')).body;
    const bad = { from: 'now', to: '-1h' };
    const channels = [{ name: 'door', recordings: [{ from: '-2h', to: 'now' }, bad] }];
    await expect(emulator.seed({ buckets: [{ name: 'media', channels }] })).rejects.toThrow('ends before it begins');
    expect((await control('history', '/channels/media/door/history')).body).toEqual(before);
  });
});
