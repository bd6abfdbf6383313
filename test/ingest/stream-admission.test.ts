import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { type Log, silentLog } from '../../src/base/log.ts';
import { Events } from '../../src/events/events.ts';
import { Registry } from '../../src/ingest/registry.ts';
import { admitToStream } from '../../src/ingest/stream-admission.ts';
import { Domains } from '../../src/live/streams/domains.ts';
import type { StreamObserver } from '../../src/live/streams/publishing-streams.ts';
import { StreamService } from '../../src/live/streams/streams.ts';
import { mpegTsMuxer } from '../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { createInProcessLeases } from '../../src/storage/leases/in-process-leases.ts';
import { PendingWrites } from '../../src/storage/metadata/pending-writes.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';
import { createMemoryStore } from '../../src/storage/objects/memory.ts';
import { DatabaseFault } from '../../src/storage/postgres/database-fault.ts';
import { keptLog } from '../support/kept-log.ts';
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

/** Everything that a push to a stream needs. @param observers what happens when it begins and ends */
async function setUp(observers: readonly StreamObserver[], log: Log = silentLog) {
  const clock = new ManualClock(0);
  const events = new Events(clock);
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  const domains = await Domains.open(metadata, clock, silentLog, []);
  const registry = new Registry();
  const streams = new StreamService({
    metadata,
    writes: new PendingWrites(clock, silentLog),
    clock,
    log: silentLog,
    domains,
    publishing: registry,
    leases: createInProcessLeases(),
    authKeys: [],
    observers,
  });
  const deps = { clock, log, events, metadata, bytes: createMemoryStore(), muxer: mpegTsMuxer, registry, streams };
  return { events, registry, streams, admit: () => admitToStream(ADDRESS, COMMAND, NOBODY, deps) };
}

it('a stream whose recording cannot begin has ended, for its viewers and for good', async () => {
  const published = () => Promise.reject(new Error('no recording'));
  const { events, registry, streams, admit } = await setUp([{ published, ended: async () => {} }]);
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
  await expect(admit()).rejects.toThrow('no recording');
  expect(happened).toEqual(['live.published', 'the viewer got the end', 'live.ended']);
  expect(registry.size).toBe(0);
  expect((await streams.pushes()).map(({ endedMs }) => endedMs)).toEqual([0]);
});

const AWAY = Object.assign(new DatabaseFault('PostgreSQL cannot be reached', ''), { outage: true });

it.each([
  { what: 'in an outage, of which the log is told', error: AWAY, told: [] },
  { what: 'for another reason', error: new Error('a mistake'), told: [expect.stringContaining('a mistake')] },
])('a stream whose end cannot be told to all is free again; an error in the log: $what', async ({ error, told }) => {
  const { log, lines } = keptLog('info');
  const { registry, admit } = await setUp([{ published: async () => {}, ended: () => Promise.reject(error) }], log);
  const { sink } = await admit();
  await sink.end({ cause: 'disconnected', detail: 'gone' });
  expect(registry.size).toBe(0);
  expect(lines.filter((line) => line.startsWith('error'))).toEqual(told);
});
