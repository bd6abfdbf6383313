import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { Events } from '../../src/events/events.ts';
import { Registry } from '../../src/ingest/registry.ts';
import { admitToStream } from '../../src/ingest/stream-admission.ts';
import { Domains } from '../../src/live/streams/domains.ts';
import { StreamService } from '../../src/live/streams/streams.ts';
import { mpegTsMuxer } from '../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { createInProcessLeases } from '../../src/storage/leases/in-process-leases.ts';
import { PendingWrites } from '../../src/storage/metadata/pending-writes.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';
import { createMemoryStore } from '../../src/storage/objects/memory.ts';
import { NOBODY } from '../watch/support/pushed-stream.ts';

const ADDRESS = {
  kind: 'stream',
  host: '127.0.0.1',
  parameters: [],
  authKey: undefined,
  source: { kind: 'stream', domain: '*', app: 'app', stream: 's1' },
} as const;
const COMMAND = {
  app: 'app',
  streamName: 's1',
  tcUrl: 'rtmp://127.0.0.1/app',
  flashVer: '',
  remoteAddr: '127.0.0.1:50000',
  localAddr: '127.0.0.1:9000',
};

it('a stream whose recording cannot begin has ended, for its viewers and for good', async () => {
  const clock = new ManualClock(0);
  const events = new Events(clock);
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  const domains = await Domains.open(metadata, clock, silentLog, []);
  const registry = new Registry();
  const happened: string[] = [];
  events.subscribe(({ type }) => {
    happened.push(type);
    const watched = type === 'live.published' ? registry.stream(ADDRESS.source) : undefined;
    watched?.watch({
      videoConfig() {},
      audioConfig() {},
      discontinuity() {},
      write: () => true,
      ended: () => happened.push('the viewer got the end'),
    });
  });
  const published = () => Promise.reject(new Error('no recording'));
  const observers = [{ published, ended: async () => {} }];
  const writes = new PendingWrites(clock, silentLog);
  const streams = new StreamService({
    metadata,
    writes,
    clock,
    log: silentLog,
    domains,
    publishing: registry,
    leases: createInProcessLeases(),
    authKeys: [],
    observers,
  });
  const admitting = admitToStream(ADDRESS, COMMAND, NOBODY, {
    clock,
    log: silentLog,
    events,
    metadata,
    bytes: createMemoryStore(),
    muxer: mpegTsMuxer,
    registry,
    streams,
  });
  await expect(admitting).rejects.toThrow('no recording');
  expect(happened).toEqual(['live.published', 'the viewer got the end', 'live.ended']);
  expect(registry.size).toBe(0);
  expect((await streams.pushes()).map(({ endedMs }) => endedMs)).toEqual([0]);
});
