/** Pictures that fail, hang or have to wait. The child processes are scripts. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { type EmulatorEvent, Events } from '../../../src/events/events.ts';
import { SnapshotService } from '../../../src/notify/snapshot/snapshot-service.ts';
import type { FfmpegBinary } from '../../../src/recording/segmenter/ffmpeg-binary.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { createMemoryStore } from '../../../src/storage/objects/memory.ts';
import { Objects } from '../../../src/storage/objects/objects.ts';
import { fakeFfmpeg } from '../../recording/segmenter/fake-ffmpeg.ts';
import { WatchedClock } from '../../support/watched-clock.ts';
import { AVC_CONFIG, KEY_FRAME } from './key-frame.ts';

const START_MS = Date.UTC(2026, 0, 1);
const SESSION = {
  id: 's1',
  bucket: 'source',
  channel: 'cam',
  incarnation: 'i',
  startedMs: START_MS,
  endedMs: null,
  remoteAddr: '127.0.0.1:50000',
  playlistName: 'playlist.m3u8',
};
const CONFIG = { roleName: 'r', destBucket: 'pictures', notifyTopic: 'topic', intervalSec: 1 };
const ECHO = 'cat >/dev/null; printf jpeg';

async function start(findFfmpeg: () => Promise<FfmpegBinary>) {
  const clock = new WatchedClock(START_MS);
  const events = new Events();
  const happened: EmulatorEvent[] = [];
  events.subscribe((event) => happened.push(event));
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  await metadata.putBucket({
    name: 'pictures',
    acl: 'private',
    storageClass: 'Standard',
    createdMs: 0,
    owner: '1234567890123456',
    configurations: {},
  });
  const objects = new Objects({ metadata, bytes: createMemoryStore(), clock });
  const published: string[] = [];
  const service = new SnapshotService({
    clock,
    events,
    metadata,
    objects,
    findFfmpeg,
    log: silentLog,
    region: 'cn-hangzhou',
    accountId: '1',
    publish: async (topic) => void published.push(topic),
  });
  /** Takes this number of pictures at once. */
  const take = (count: number) => {
    const camera = service.open(SESSION, CONFIG);
    camera.videoConfig(AVC_CONFIG);
    for (let n = 0; n < count; n++) camera.keyFrame(KEY_FRAME, n * 1000);
  };
  const stored = () => happened.flatMap((event) => (event.type === 'snapshot.stored' ? [event.key] : []));
  const failed = () => happened.flatMap((event) => (event.type === 'snapshot.failed' ? [event.reason] : []));
  return { service, clock, metadata, published, take, stored, failed };
}

function found(script: string): () => Promise<FfmpegBinary> {
  const { path } = fakeFfmpeg(script);
  return async () => ({ found: true, path, version: '7.1' });
}

describe('SnapshotService', () => {
  it('names pictures by the clock, and by one more while a name is taken', async () => {
    const { service, take, stored, published } = await start(found(ECHO));
    take(2);
    await service.stop();
    take(1);
    await service.stop();
    expect(stored().sort()).toEqual([0, 1, 2].map((n) => `source/cam/${START_MS + n}.jpg`));
    expect(published).toEqual(['topic', 'topic', 'topic']);
  });

  it('gives up what comes while sixteen wait, and stores the others', async () => {
    const { service, take, stored, failed } = await start(found(ECHO));
    take(20);
    expect(failed()).toEqual(Array(2).fill('16 pictures are waiting already'));
    await service.stop();
    expect(stored()).toHaveLength(18);
  });

  it('ends a child that hangs', async () => {
    const { service, clock, take, failed } = await start(found('exec sleep 1000'));
    const started = clock.timerSet(10_000);
    take(1);
    await started;
    clock.advance(10_000);
    await service.stop();
    expect(failed()).toEqual(['ffmpeg made no picture: no picture within 10000 ms']);
  });

  it('makes nothing of an empty picture, and says what the child said', async () => {
    const { service, take, failed } = await start(found('cat >/dev/null; echo "bad light" >&2'));
    take(1);
    await service.stop();
    expect(failed()).toEqual(['ffmpeg made no picture: bad light']);
  });

  it('goes on when DestBucket was deleted meanwhile', async () => {
    const { service, metadata, take, failed, published } = await start(found(ECHO));
    await metadata.deleteBucket('pictures');
    take(1);
    await service.stop();
    expect(failed()).toEqual(['the bucket pictures does not exist any more']);
    expect(published).toEqual([]);
  });

  it('looks for ffmpeg once, and takes nothing more without it', async () => {
    let searches = 0;
    const { service, take, failed } = await start(async () => {
      searches++;
      return { found: false, reason: 'there is no ffmpeg on PATH' };
    });
    take(5);
    await service.stop();
    take(5);
    await service.stop();
    expect(searches).toBe(1);
    expect(failed()).toEqual(['pictures need ffmpeg, but there is no ffmpeg on PATH; there will be none']);
  });
});
