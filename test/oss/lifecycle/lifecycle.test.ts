import { describe, expect, it, onTestFinished } from 'vitest';
import type { LifecycleRule } from '../../../src/aliyun/xml/lifecycle-rule.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { OssError } from '../../../src/base/errors.ts';
import { createLog } from '../../../src/base/log.ts';
import { turnOfTheLoop } from '../../../src/base/turn-of-the-loop.ts';
import { Events } from '../../../src/events/events.ts';
import { Lifecycle } from '../../../src/oss/lifecycle/lifecycle.ts';
import { createInProcessLeases } from '../../../src/storage/leases/in-process-leases.ts';
import type { MetadataStore } from '../../../src/storage/metadata/metadata-store.ts';
import { newBucket } from '../../../src/storage/metadata/new-bucket.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { createMemoryStore } from '../../../src/storage/objects/memory.ts';
import { Objects } from '../../../src/storage/objects/objects.ts';
import { Uploads } from '../../../src/storage/objects/uploads.ts';
import { DatabaseFault } from '../../../src/storage/postgres/database-fault.ts';
import { days, lifecycleRule, noncurrent, toClass } from './rules.ts';

const DAY_MS = 86_400_000;
/** A midnight: an object of this moment expires so many whole days later. */
const START_MS = Date.UTC(2025, 0, 1);
const BUCKET = 'examplebucket';

interface Options {
  readonly rules: readonly Partial<LifecycleRule>[];
  readonly versioning?: 'Enabled';
  /** Wraps the store that the passes use. */
  readonly wrap?: (metadata: MetadataStore) => MetadataStore;
  readonly turn?: () => Promise<void>;
}

async function openBucket({ rules, versioning, wrap = (store) => store, turn = turnOfTheLoop }: Options) {
  const clock = new ManualClock(START_MS);
  const metadata = await openSqliteStore({ path: ':memory:' });
  const bytes = createMemoryStore();
  const objects = new Objects({ metadata, bytes, clock });
  const uploads = new Uploads({ metadata, bytes, clock, objects });
  const events = new Events(clock);
  const lines: string[] = [];
  const log = createLog(
    'debug',
    (line) => lines.push(line),
    () => clock.now(),
  );
  const configure = async (configured: readonly Partial<LifecycleRule>[]) => {
    const lifecycle = JSON.stringify({
      rules: configured.map((rule, at) => lifecycleRule({ id: `rule${at + 1}`, ...rule })),
    });
    const configurations = { lifecycle, ...(versioning && { versioning: JSON.stringify({ status: versioning }) }) };
    await metadata.putBucket({ ...newBucket(BUCKET, 'private', 0), configurations });
  };
  await configure(rules);
  const wrapped = wrap(metadata);
  const deps = { metadata: wrapped, objects: new Objects({ metadata: wrapped, bytes, clock }), uploads };
  const lifecycle = new Lifecycle({ ...deps, leases: createInProcessLeases(), clock, events, log, turn });
  onTestFinished(async () => {
    await lifecycle.stop();
    await metadata.close();
    await bytes.close();
  });
  const keys = async () => {
    const page = await metadata.listObjects(BUCKET, { prefix: '', marker: '', limit: 1000, delimiter: '' });
    return page.items.flatMap((item) => ('object' in item ? [item.object.key] : []));
  };
  const versions = async () => {
    const query = { prefix: '', marker: '', versionIdMarker: '', limit: 1000, delimiter: '' };
    const page = await metadata.listVersions(BUCKET, query);
    return page.items.flatMap((item) => ('version' in item ? [`${item.version.key} ${item.version.type}`] : []));
  };
  const put = (key: string, headers: Record<string, string> = {}) =>
    objects.put(BUCKET, key, Buffer.from(key), { headers });
  return { clock, metadata, bytes, objects, uploads, events, lines, lifecycle, configure, keys, versions, put };
}

const EXPIRE = { expiration: { when: days(1) } };

describe('a pass', () => {
  it('deletes what has expired and tells of it once', async () => {
    const { put, clock, lifecycle, keys, events } = await openBucket({ rules: [{ prefix: 'old/', ...EXPIRE }] });
    for (let n = 0; n < 450; n++) await put(`old/${String(n).padStart(3, '0')}`);
    await put('other');
    expect(await lifecycle.run()).toEqual([]);
    clock.advance(DAY_MS);
    const [pass] = await lifecycle.run();
    expect(pass).toMatchObject({ bucket: BUCKET, expired: { count: 450 }, aborted: { count: 0 } });
    expect(await keys()).toEqual(['other']);
    const told = events.since(0).filter(({ type }) => type === 'lifecycle.expired');
    expect(told).toEqual([expect.objectContaining({ bucket: BUCKET, what: 'objects', count: 450 })]);
    expect(told[0]).toMatchObject({ keys: Array.from({ length: 10 }, (_, n) => `old/00${n}`) });
    expect(await lifecycle.run()).toEqual([]);
  });

  it('changes the storage class and nothing else', async () => {
    const { put, clock, lifecycle, objects, events } = await openBucket({
      rules: [{ transitions: [toClass('IA', days(10)), toClass('Archive', days(20))] }],
    });
    const before = await put('a', { 'content-type': 'text/plain' });
    clock.advance(10 * DAY_MS);
    await lifecycle.run();
    const headers = { 'content-type': 'text/plain', 'x-oss-storage-class': 'IA' };
    expect(await objects.get(BUCKET, 'a')).toEqual({ ...before, headers });
    clock.advance(10 * DAY_MS);
    const [pass] = await lifecycle.run();
    expect([...(pass?.transitioned ?? [])]).toEqual([['Archive', { count: 1, keys: ['a'] }]]);
    expect((await objects.get(BUCKET, 'a')).headers['x-oss-storage-class']).toBe('Archive');
    expect(await lifecycle.run()).toEqual([]);
    const told = events.since(0).filter(({ type }) => type === 'lifecycle.transitioned');
    expect(told).toMatchObject([
      { storageClass: 'IA', count: 1 },
      { storageClass: 'Archive', count: 1 },
    ]);
  });

  it('ends the restore of an object that it changes', async () => {
    const { put, clock, lifecycle, objects } = await openBucket({
      rules: [{ transitions: [toClass('ColdArchive', days(1))] }],
    });
    await put('a', { 'x-oss-storage-class': 'Archive' });
    const restore = { tier: 'Standard', readyMs: START_MS, expiresMs: START_MS + 7 * DAY_MS } as const;
    await objects.amend(BUCKET, 'a', (record) => ({ ...record, restore }));
    clock.advance(DAY_MS);
    await lifecycle.run();
    const { headers, restore: left } = await objects.get(BUCKET, 'a');
    expect([headers['x-oss-storage-class'], left]).toEqual(['ColdArchive', null]);
  });

  it('aborts multipart uploads, with their parts', async () => {
    const { clock, lifecycle, uploads, metadata, events } = await openBucket({
      rules: [{ prefix: 'up/', abortMultipartUpload: days(3) }],
    });
    const old = await uploads.initiate(BUCKET, 'up/a', {});
    await uploads.putPart(old, 1, [Buffer.from('part')]);
    await uploads.initiate(BUCKET, 'elsewhere', {});
    clock.advance(2 * DAY_MS);
    const young = await uploads.initiate(BUCKET, 'up/a', {});
    clock.advance(DAY_MS);
    await lifecycle.run();
    const query = { prefix: '', marker: '', uploadIdMarker: '', delimiter: '', limit: 10 };
    const left = (await metadata.listUploads(BUCKET, query)).items.map((item) =>
      'upload' in item ? [item.upload.key, item.upload.uploadId] : [],
    );
    expect(left).toEqual([
      ['elsewhere', expect.any(String)],
      ['up/a', young.uploadId],
    ]);
    expect((await metadata.listParts(old.uploadId, 0, 10)).items).toEqual([]);
    expect(events.since(0)).toMatchObject([{ type: 'lifecycle.aborted', count: 1, keys: ['up/a'] }]);
  });

  it('leaves an object alone that is replaced after it was listed', async () => {
    const opened = await openBucket({
      rules: [EXPIRE],
      // Between the list and the deletion.
      wrap: (metadata) => ({
        ...metadata,
        async listObjects(bucket, query) {
          const page = await metadata.listObjects(bucket, query);
          await opened.put('a');
          return page;
        },
      }),
    });
    await opened.put('a');
    await opened.put('b');
    opened.clock.advance(DAY_MS);
    const [pass] = await opened.lifecycle.run();
    expect(pass?.expired).toEqual({ count: 1, keys: ['b'] });
    expect(await opened.keys()).toEqual(['a']);
  });

  it('ends when the rules are changed', async () => {
    const opened = await openBucket({
      rules: [EXPIRE],
      wrap: (metadata) => ({
        ...metadata,
        async listObjects(bucket, query) {
          await opened.configure([{ prefix: 'none', ...EXPIRE }]);
          return metadata.listObjects(bucket, query);
        },
      }),
    });
    for (let n = 0; n < 300; n++) await opened.put(String(n).padStart(3, '0'));
    opened.clock.advance(DAY_MS);
    await opened.lifecycle.run();
    const left = await opened.keys();
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(300);
  });

  it.each([
    { what: 'is away', outage: true, told: 'debug' },
    { what: 'has lost a connection', outage: false, told: 'error' },
  ])('fails when the database $what, and the next one does what was due', async ({ outage, told }) => {
    let isAway = true;
    const failing = async () => {
      const fault = new DatabaseFault('PostgreSQL cannot be reached', 'ECONNREFUSED', { isLoss: true });
      throw Object.assign(fault, { outage });
    };
    const { put, clock, lifecycle, lines, keys } = await openBucket({
      rules: [EXPIRE],
      wrap: (metadata) => ({
        ...metadata,
        listObjects: (bucket, query) => (isAway ? failing() : metadata.listObjects(bucket, query)),
      }),
    });
    await put('a');
    clock.advance(DAY_MS);
    lifecycle.request();
    await expect(lifecycle.run()).rejects.toThrow('PostgreSQL cannot be reached');
    expect(lines.join('\n')).toMatch(new RegExp(` ${told} +lifecycle\\.failed`));
    isAway = false;
    expect(await lifecycle.run()).toMatchObject([{ expired: { count: 1 } }]);
    expect(await keys()).toEqual([]);
  });

  it('goes on with the next bucket when one fails, and tells what it did before', async () => {
    let failures = 0;
    const opened = await openBucket({
      rules: [EXPIRE],
      wrap: (metadata) => ({
        ...metadata,
        async reviseVersion(bucket, key, ...rest) {
          if (bucket === BUCKET && key === 'b' && failures++ === 0) throw new OssError('InternalError', 'disk full');
          return metadata.reviseVersion(bucket, key, ...rest);
        },
      }),
    });
    const { metadata, objects, put, clock, lifecycle, lines, keys } = opened;
    const first = await metadata.getBucket(BUCKET);
    if (first) await metadata.putBucket({ ...first, name: 'second' });
    for (const key of ['a', 'b', 'c']) await put(key);
    await objects.put('second', 'x', Buffer.from('x'));
    clock.advance(DAY_MS);
    const passes = await lifecycle.run();
    expect(passes.map(({ bucket, expired }) => [bucket, expired.count])).toEqual([
      [BUCKET, 1],
      ['second', 1],
    ]);
    expect(lines.join()).toContain('disk full');
    await lifecycle.run(BUCKET);
    expect(await keys()).toEqual([]);
  });

  it('lets other work have its turn again and again', async () => {
    let turns = 0;
    const { put, clock, lifecycle } = await openBucket({
      rules: [EXPIRE],
      turn: async () => {
        turns += 1;
      },
    });
    for (let n = 0; n < 400; n++) await put(`${n}`);
    clock.advance(DAY_MS);
    await lifecycle.run();
    expect(turns).toBeGreaterThan(400 / 20);
  });
});

describe('a bucket with versioning', () => {
  it('gets delete markers, and loses old versions and lonely markers in their time', async () => {
    const { put, clock, lifecycle, versions, events, keys } = await openBucket({
      versioning: 'Enabled',
      rules: [
        { prefix: 'a', ...EXPIRE, noncurrentExpirationDays: 5 },
        { prefix: 'm', expiration: { expiredObjectDeleteMarker: true }, noncurrentExpirationDays: 5 },
      ],
    });
    await put('a');
    clock.advance(DAY_MS);
    await lifecycle.run();
    expect(await versions()).toEqual(['a DeleteMarker', 'a Normal']);
    expect(await keys()).toEqual([]);
    clock.advance(5 * DAY_MS);
    const [pass] = await lifecycle.run();
    expect(pass?.expiredVersions).toEqual({ count: 1, keys: ['a'] });
    expect(await versions()).toEqual(['a DeleteMarker']);
    expect(events.since(0)).toMatchObject([{ what: 'objects' }, { what: 'previous versions' }]);
  });

  it('loses a delete marker only when it covers nothing', async () => {
    const { put, objects, clock, lifecycle, versions } = await openBucket({
      versioning: 'Enabled',
      rules: [{ prefix: 'm', expiration: { expiredObjectDeleteMarker: true }, noncurrentExpirationDays: 5 }],
    });
    await put('m1');
    await objects.delete(BUCKET, 'm1');
    await objects.delete(BUCKET, 'm2');
    await put('m22');
    await lifecycle.run();
    expect(await versions()).toEqual(['m1 DeleteMarker', 'm1 Normal', 'm22 Normal']);
    clock.advance(5 * DAY_MS);
    const [pass] = await lifecycle.run();
    expect(pass).toMatchObject({ expiredVersions: { count: 1 }, removedMarkers: { count: 1, keys: ['m1'] } });
    expect(await versions()).toEqual(['m22 Normal']);
  });

  it('changes the class of old versions, counted from when they were replaced, over many pages', async () => {
    const { put, clock, metadata, lifecycle } = await openBucket({
      versioning: 'Enabled',
      rules: [{ noncurrentTransitions: [noncurrent('IA', 10)] }],
    });
    for (let n = 0; n < 250; n++) await put('many');
    clock.advance(100 * DAY_MS);
    await put('many');
    clock.advance(10 * DAY_MS - 1);
    const classOfNewestOld = async () => {
      const query = { prefix: 'many', marker: '', versionIdMarker: '', limit: 300, delimiter: '' };
      const { items } = await metadata.listVersions(BUCKET, query);
      return items.map((item) =>
        'version' in item && item.version.type !== 'DeleteMarker' ? item.version.headers['x-oss-storage-class'] : null,
      );
    };
    await lifecycle.run();
    // The last of the first 250 was replaced 100 days later than the others.
    expect((await classOfNewestOld()).slice(0, 3)).toEqual([undefined, undefined, 'IA']);
    clock.advance(1);
    const [pass] = await lifecycle.run();
    expect(pass?.transitioned.get('IA')?.count).toBe(1);
    expect(new Set((await classOfNewestOld()).slice(1))).toEqual(new Set(['IA']));
  });

  it('keeps an old version that becomes the current one after it was listed', async () => {
    const opened = await openBucket({
      versioning: 'Enabled',
      rules: [{ noncurrentExpirationDays: 1 }],
      wrap: (metadata) => ({
        ...metadata,
        async listVersions(bucket, query) {
          const page = await metadata.listVersions(bucket, query);
          await opened.objects.deleteVersion(BUCKET, 'a', current);
          return page;
        },
      }),
    });
    await opened.put('a');
    const { versionId: current } = await opened.put('a');
    opened.clock.advance(DAY_MS);
    expect(await opened.lifecycle.run()).toEqual([]);
    expect(await opened.versions()).toEqual(['a Normal']);
  });
});

describe('passes begin', () => {
  it('at the start, when something is due then, and at every midnight', async () => {
    const { put, clock, lifecycle, events, keys } = await openBucket({ rules: [EXPIRE] });
    await put('a');
    clock.advance(DAY_MS);
    const atStart = events.waitFor('lifecycle.expired');
    lifecycle.start();
    expect(await atStart).toMatchObject({ keys: ['a'] });
    clock.advance(3_600_000);
    await put('b');
    clock.advance(23 * 3_600_000);
    await lifecycle.run();
    expect(await keys()).toEqual(['b']);
    const atMidnight = events.waitFor('lifecycle.expired', ({ keys: expired }) => expired.includes('b'));
    clock.advance(DAY_MS);
    expect(await atMidnight).toMatchObject({ count: 1 });
  });

  it('on request for one bucket, and callers share one that has not begun', async () => {
    const { put, clock, lifecycle, events } = await openBucket({ rules: [EXPIRE] });
    await put('a');
    clock.advance(DAY_MS);
    const expired = events.waitFor('lifecycle.expired');
    lifecycle.request(BUCKET);
    expect(lifecycle.run(BUCKET)).toBe(lifecycle.run(BUCKET));
    await expired;
    expect(await lifecycle.run('no-such-bucket')).toEqual([]);
  });

  it('no more after a stop, which ends the present one', async () => {
    const opened = await openBucket({ rules: [EXPIRE] });
    const { put, clock, lifecycle, keys } = opened;
    for (let n = 0; n < 100; n++) await put(`${n}`);
    clock.advance(DAY_MS);
    const running = lifecycle.run();
    await lifecycle.stop();
    await running;
    const left = await keys();
    expect(left.length).toBeGreaterThan(0);
    await lifecycle.run();
    expect(await keys()).toEqual(left);
    lifecycle.start();
    await lifecycle.run();
    expect(await keys()).toEqual([]);
  });
});
