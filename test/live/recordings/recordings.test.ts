import { describe, expect, it } from 'vitest';
import { OssError } from '../../../src/base/errors.ts';
import { turnOfTheLoop } from '../../../src/base/turn-of-the-loop.ts';
import type { EventOf } from '../../../src/events/events.ts';
import { RETRY_DELAY_MS } from '../../../src/storage/metadata/pending-writes.ts';
import { at, type Bench, NOON_MS, openBench, recordConfig } from '../bench.ts';

const SOURCE = 'live:*/app/s1';
const STREAM = { DomainName: 'example.com', AppName: 'app', StreamName: 's1' };

async function openRecording(parameters: Readonly<Record<string, string>> = {}): Promise<Bench> {
  const bench = await openBench();
  await bench.call('AddLiveAppRecordConfig', recordConfig(parameters));
  return bench;
}

/** What happened to recordings, in order. */
function story(bench: Bench): readonly string[] {
  return bench.happened.filter(({ type }) => type.startsWith('live.record-')).map(({ type }) => type.slice(12));
}

function files(bench: Bench): readonly EventOf<'live.record-finished'>[] {
  return bench.happened.filter((event) => event.type === 'live.record-finished');
}

function entries(manifest: string): readonly string[] {
  return manifest.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** Advances the clock to a timer and waits for its effects. */
async function advance(bench: Bench, ms: number, type: 'live.record-finished' | 'live.record-started'): Promise<void> {
  const happened = bench.events.waitFor(type);
  bench.clock.advance(ms);
  await happened;
}

describe('a recording', () => {
  it('becomes a file when the stream stays away for DelayTime', async () => {
    const bench = await openRecording({ DelayTime: '60' });
    const stream = await bench.publish('app', 's1');
    await stream.slices(3);
    await stream.end();
    expect(story(bench)).toEqual(['started', 'paused']);
    bench.clock.advance(59_999);
    expect(files(bench)).toEqual([]);
    await advance(bench, 1, 'live.record-finished');
    const key = 'file/app/s1/2026-03-01-12-00-00_2026-03-01-12-00-15.m3u8';
    expect(files(bench)).toMatchObject([
      { bucket: 'examplebucket', key, durationMs: 15_000, startMs: NOON_MS, endMs: NOON_MS + 15_000 },
    ]);
    const manifest = await bench.text('examplebucket', key);
    expect(entries(manifest)).toEqual([0, 1, 2].map((n) => `../../../slices/app/s1/${NOON_MS / 1000 + 5 * n}_${n}.ts`));
    expect(manifest.endsWith('#EXT-X-ENDLIST\n')).toBe(true);
  });

  it('becomes a file as soon as the store can write, and is announced once', async () => {
    const bench = await openRecording({ DelayTime: '60' });
    const stream = await bench.publish('app', 's1');
    await stream.slices(2);
    await stream.end();
    const { putDocument } = bench.metadata;
    bench.metadata.putDocument = () => Promise.reject(new Error('ENOSPC'));
    bench.clock.advance(60_000);
    await turnOfTheLoop();
    expect(files(bench)).toEqual([]);
    bench.metadata.putDocument = putDocument;
    await advance(bench, RETRY_DELAY_MS, 'live.record-finished');
    bench.clock.advance(RETRY_DELAY_MS);
    await turnOfTheLoop();
    expect(files(bench)).toHaveLength(1);
  });

  it('is as long as its slices when the clock was set back', async () => {
    const bench = await openRecording({ DelayTime: '60' });
    const stream = await bench.publish('app', 's1');
    await stream.slices(2);
    bench.clock.set(NOON_MS - 3_600_000);
    await stream.slices(1);
    await stream.end();
    await advance(bench, 60_000, 'live.record-finished');
    expect(files(bench)).toMatchObject([{ durationMs: 15_000, startMs: NOON_MS, endMs: NOON_MS + 15_000 }]);
    const manifest = await bench.text('examplebucket', files(bench)[0]?.key ?? '');
    expect(entries(manifest).map((uri) => uri.split('_').at(-1))).toEqual(['0.ts', '1.ts', '2.ts']);
  });

  it('goes on when the stream comes back in time', async () => {
    const bench = await openRecording({ DelayTime: '60' });
    const first = await bench.publish('app', 's1');
    await first.slices(2);
    await first.end();
    bench.clock.advance(30_000);
    const second = await bench.publish('app', 's1');
    await second.slices(1);
    bench.clock.advance(60_000);
    expect(files(bench)).toEqual([]);
    await second.end();
    await advance(bench, 60_000, 'live.record-finished');
    expect(story(bench)).toEqual(['started', 'paused', 'resumed', 'paused', 'finished']);
    const manifest = await bench.text('examplebucket', files(bench)[0]?.key ?? '');
    expect(entries(manifest).map((uri) => uri.split('_').at(-1))).toEqual(['0.ts', '1.ts', '2.ts']);
    expect(manifest.match(/DISCONTINUITY/g)).toHaveLength(1);
  });

  it('begins anew when its configuration changed meanwhile', async () => {
    const bench = await openRecording();
    const first = await bench.publish('app', 's1');
    await first.slices(1);
    await first.end();
    await bench.call('DeleteLiveAppRecordConfig', { DomainName: 'example.com', AppName: '*' });
    await bench.call('AddLiveAppRecordConfig', recordConfig({ OssBucket: 'otherbucket' }));
    const second = await bench.publish('app', 's1');
    expect(story(bench)).toEqual(['started', 'paused', 'finished', 'started']);
    expect(second.shelf?.place(bench.clock.now(), 0).bucket).toBe('otherbucket');
  });

  it('is cut into files by CycleDuration, between two slices', async () => {
    const bench = await openRecording({ 'RecordFormat.1.CycleDuration': '10' });
    const stream = await bench.publish('app', 's1');
    await stream.slices(5);
    expect(files(bench).map(({ durationMs }) => durationMs)).toEqual([10_000, 10_000]);
    await stream.end();
    await advance(bench, 180_000, 'live.record-finished');
    const manifests = await Promise.all(files(bench).map(({ key }) => bench.text('examplebucket', key)));
    expect(manifests.map((manifest) => entries(manifest).length)).toEqual([2, 2, 1]);
    // The index still sees one stream.
    const { body } = await bench.call('CreateLiveStreamRecordIndexFiles', {
      ...STREAM,
      OssEndpoint: 'h',
      OssBucket: 'examplebucket',
      OssObject: 'all.m3u8',
      StartTime: at(0),
      EndTime: at(60),
    });
    expect(body.RecordInfo.Duration).toBe(25);
    expect(await bench.text('examplebucket', 'all.m3u8')).not.toContain('DISCONTINUITY');
  });

  it('without a slice leaves no file', async () => {
    const bench = await openRecording();
    const stream = await bench.publish('app', 's1');
    await stream.end();
    bench.clock.advance(180_000);
    await bench.live.close();
    expect(files(bench)).toEqual([]);
  });

  it('counts from the next push on, not for one that goes on', async () => {
    const bench = await openBench();
    const stream = await bench.publish('app', 's1');
    await bench.call('AddLiveAppRecordConfig', recordConfig());
    expect(stream.shelf).toBeUndefined();
  });

  it('is finished by a shutdown, and after a crash', async () => {
    const bench = await openRecording();
    const stream = await bench.publish('app', 's1');
    await stream.slices(1);
    // The process ends here; the next one has no state of the stream.
    bench.publishing.clear();
    await bench.reopen();
    expect(files(bench)).toHaveLength(1);
    const second = await bench.publish('app', 's1');
    await second.slices(1);
    await second.end();
    await bench.live.close();
    expect(files(bench)).toHaveLength(2);
    const history = { DomainName: 'example.com', StartTime: at(-60), EndTime: at(600) };
    const { body } = await bench.call('DescribeLiveStreamsPublishList', history);
    expect(body.PublishInfo.LiveStreamPublishInfo.map(({ StopTime }: { StopTime: string }) => StopTime)).toEqual([
      at(0),
      at(10),
    ]);
  });

  it('keeps to the window of its configuration', async () => {
    const bench = await openRecording({ AppName: 'app', StreamName: 's1', StartTime: at(10), EndTime: at(20) });
    const stream = await bench.publish('app', 's1');
    expect(stream.shelf).toBeUndefined();
    await advance(bench, 10_000, 'live.record-started');
    await stream.slices(1);
    const paused = bench.events.waitFor('live.record-paused');
    bench.clock.advance(5_000);
    await paused;
    await stream.end();
    bench.clock.advance(10_000);
    const late = await bench.publish('app', 's1');
    expect(late.shelf).toBeUndefined();
  });

  it('of a window longer than a week ends after a week', async () => {
    const weekSec = 7 * 86_400;
    const bench = await openRecording({ AppName: 'app', StreamName: 's1', StartTime: at(0), EndTime: at(2 * weekSec) });
    await bench.publish('app', 's1');
    const paused = bench.events.waitFor('live.record-paused');
    bench.clock.advance(weekSec * 1000);
    await paused;
    expect(story(bench)).toEqual(['started', 'paused']);
  });
});

describe('RealTimeRecordCommand', () => {
  const command = (bench: Bench, Command: string) => bench.call('RealTimeRecordCommand', { ...STREAM, Command });

  it('starts, stops, restarts and ends a recording on demand', async () => {
    const bench = await openRecording({ OnDemand: '7' });
    const stream = await bench.publish('app', 's1');
    expect(stream.shelf).toBeUndefined();
    await command(bench, 'start');
    await stream.slices(1);
    await command(bench, 'stop');
    expect(story(bench)).toEqual(['started', 'paused']);
    await command(bench, 'cancel_delay');
    expect(story(bench)).toEqual(['started', 'paused', 'finished']);
    await command(bench, 'start');
    await stream.slices(1);
    await command(bench, 'restart');
    expect(story(bench).slice(3)).toEqual(['started', 'paused', 'finished', 'started']);
  });

  it.each(['0', '7'])('starts once, with OnDemand %s', async (OnDemand) => {
    const bench = await openRecording({ OnDemand });
    await bench.publish('app', 's1');
    if (OnDemand === '7') await command(bench, 'start');
    expect(await command(bench, 'start')).toMatchObject({ status: 409, body: { Code: 'TaskAlreadyStarted' } });
    expect((await command(bench, 'cancel_delay')).body.Code).toBe('InvalidParams');
    await command(bench, 'stop');
    expect((await command(bench, 'stop')).body.Code).toBe('InvalidParams');
    await command(bench, 'start');
    expect(story(bench)).toEqual(['started', 'paused', 'resumed']);
  });

  it.each(['stop', 'cancel_delay', 'restart'])('does not %s what was not started', async (word) => {
    const bench = await openRecording({ OnDemand: '7' });
    await bench.publish('app', 's1');
    expect(await command(bench, word)).toMatchObject({ status: 400, body: { Code: 'InvalidParams' } });
    expect(story(bench)).toEqual([]);
  });

  it('restarts a recording that was ended', async () => {
    const bench = await openRecording();
    const stream = await bench.publish('app', 's1');
    await stream.slices(1);
    await command(bench, 'stop');
    await command(bench, 'cancel_delay');
    await command(bench, 'restart');
    expect(story(bench)).toEqual(['started', 'paused', 'finished', 'started']);
  });

  it('ends the recording of a stream that was interrupted', async () => {
    const bench = await openRecording();
    const stream = await bench.publish('app', 's1');
    await stream.slices(1);
    await stream.end();
    await command(bench, 'cancel_delay');
    expect(story(bench)).toEqual(['started', 'paused', 'finished']);
    expect(await command(bench, 'cancel_delay')).toMatchObject({ status: 404 });
  });

  it('is refused without a configuration, and without a stream', async () => {
    const bench = await openRecording({ AppName: 'app' });
    expect((await command(bench, 'dance')).body.Code).toBe('InvalidParams');
    const refused = async (name: Partial<typeof STREAM>) => {
      const { status, body } = await bench.call('RealTimeRecordCommand', { ...STREAM, ...name, Command: 'start' });
      return [status, body.Code];
    };
    expect(await refused({ StreamName: 's2' })).toEqual([404, 'InvalidStream.NotFound']);
    expect(await refused({ StreamName: '*' })).toEqual([404, 'InvalidStream.NotFound']);
    expect(await refused({ AppName: 'other' })).toEqual([404, 'InvalidConfig.NotFound']);
  });
});

describe('DescribeLiveStreamRecordContent', () => {
  it('has one entry per push and recording, clipped to the period', async () => {
    const bench = await openRecording({ DelayTime: '60' });
    const first = await bench.publish('app', 's1');
    await first.slices(3);
    await first.end();
    await (await bench.publish('app', 's1')).slices(2);
    const content = async (from: number, to: number) => {
      const period = { StartTime: at(from), EndTime: at(to) };
      const { body } = await bench.call('DescribeLiveStreamRecordContent', { ...STREAM, ...period });
      return body.RecordContentInfoList.RecordContentInfo;
    };
    expect(await content(0, 60)).toEqual([
      {
        OssEndpoint: '127.0.0.1:9000',
        OssBucket: 'examplebucket',
        OssObjectPrefix: 'slices/app/s1/{UnixTimestamp}_{Sequence}',
        StartTime: at(0),
        EndTime: at(15),
        Duration: 15,
      },
      expect.objectContaining({ StartTime: at(15), EndTime: at(25), Duration: 10 }),
    ]);
    expect(await content(5, 14)).toEqual([
      expect.objectContaining({ StartTime: at(5), EndTime: at(15), Duration: 10 }),
    ]);
    expect(await content(60, 90)).toEqual([]);
    const long = { ...STREAM, StartTime: at(0), EndTime: at(4 * 86_400 + 1) };
    expect((await bench.call('DescribeLiveStreamRecordContent', long)).body.Code).toBe('InvalidEndTime.Mismatch');
  });
});

it('two streams are recorded apart', async () => {
  const bench = await openRecording();
  const one = await bench.publish('app', 's1');
  const other = await bench.publish('app', 's2');
  await one.slices(1);
  await other.slices(2);
  expect(bench.publishing.get(SOURCE)).toBe(one);
  await one.end();
  expect(story(bench)).toEqual(['started', 'started', 'paused']);
  const { body } = await bench.call('CreateLiveStreamRecordIndexFiles', {
    ...STREAM,
    StreamName: 's2',
    OssEndpoint: 'h',
    OssBucket: 'examplebucket',
    OssObject: 'two.m3u8',
    StartTime: at(0),
    EndTime: at(60),
  });
  expect(body.RecordInfo.Duration).toBe(10);
});

describe('a start', () => {
  const kinds = ['push', 'recording', 'record-config', 'block', 'domain', 'domain-mapping', 'index-file'];

  it.each(['{}', '5', 'null', '{'])('leaves out documents that are %s, and says so once for each', async (body) => {
    const bench = await openBench();
    for (const kind of kinds.filter((each) => body !== '{' || (each !== 'push' && each !== 'recording'))) {
      await bench.metadata.putDocument({ kind, scope: 's', name: 'n', createdMs: 0, body });
    }
    await bench.reopen();
    for (let round = 0; round < 2; round += 1) {
      expect(await bench.live.recordings.list()).toEqual([]);
      expect(await bench.live.streams.pushes()).toEqual([]);
      expect(await bench.live.recordConfigs.list()).toEqual([]);
      expect(await bench.live.indexFiles.list()).toEqual([]);
    }
    const stream = await bench.publish('app', 'stream');
    await stream.end();
    const told = bench.logged.filter((line) => line.includes('document.unreadable'));
    expect(new Set(told).size).toBe(told.length);
    expect(told.find((line) => line.includes('kind=record-config'))).toContain(
      'advice="it is left out and stays stored',
    );
    expect((await bench.metadata.getDocument('record-config', 's', 'n'))?.body).toBe(body);
  });

  it.each([
    [new OssError('NoSuchBucket', 'The bucket is gone'), 'make the bucket again; it is tried again at the next start'],
    [Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }), 'the disk is full: delete objects or make'],
    [new Error('something else'), 'advice="it is tried again at the next start"'],
  ])('goes on when a recording that a crash left open cannot be ended: %s', async (error, advice) => {
    const failing = { put: () => Promise.reject(error) };
    const bench = await openBench({ recordBucket: 'examplebucket' }, failing);
    const stream = await bench.publish('app', 'stream');
    await stream.slices(1);
    await bench.reopen();
    const told = bench.logged.find((line) => line.includes('recording.failed'));
    expect(told).toContain('bucket=examplebucket');
    expect(told).toContain(error.message);
    expect(told).toContain(advice);
    expect((await bench.live.recordings.list()).map(({ endedMs }) => endedMs)).toEqual([null]);
  });
});
