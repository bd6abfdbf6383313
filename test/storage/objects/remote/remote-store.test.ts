import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Clock, systemClock } from '../../../../src/base/clock.ts';
import { Emulator } from '../../../../src/emulator/emulator.ts';
import { createInProcessLeases } from '../../../../src/storage/leases/in-process-leases.ts';
import { runUnlessRunning } from '../../../../src/storage/leases/run-alone.ts';
import { LocationNotFound, StoreUnavailable } from '../../../../src/storage/objects/object-store.ts';
import { openRemoteStore } from '../../../../src/storage/objects/remote/remote-store.ts';
import { PART_BYTES } from '../../../../src/storage/objects/remote/remote-writer.ts';
import { describeObjectStore, read, readAll, store } from '../../../contract/object-store.ts';
import { startForwarder } from '../../../support/tcp-forwarder.ts';
import { describeWith } from '../../../support/tools.ts';
import { BUILD_TIMEOUT_MS, type S3Server, startS3Server } from '../../../support/versitygw.ts';
import { openRemote } from './stores.ts';

const HINT = { bucket: 'examplebucket', key: 'door//a & é 🎥.ts' };
const LIMITS = { signal: new AbortController().signal, timeoutMs: 10_000 };
const NOTHING_SWEPT = { noted: 0, count: 0, sizeBytes: 0, uploads: 0 };
/** Hours. */
const DAY = 24;
const HOUR_MS = 60 * 60_000;

/** The real time, but hours later; what waits waits as long as before. */
function laterBy(ms: number): Clock {
  return { now: () => systemClock.now() + ms, elapsed: systemClock.elapsed, setTimeout: systemClock.setTimeout };
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

async function* named(...locations: readonly string[]) {
  yield locations.map((location) => ({ location, sizeBytes: 4 }));
}

describeWith(['go'], 'objects in a store of S3', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  }, BUILD_TIMEOUT_MS);
  afterAll(() => server.stop());

  const open = async (...[options, at]: [Parameters<typeof openRemote>[1]?, number?]) => {
    const opened = await openRemote((prefix) => server.address(prefix, at), options);
    onTestFinished(() => opened.store.close());
    return opened;
  };

  describe('as every store', () => {
    describeObjectStore(async () => (await openRemote((prefix) => server.address(prefix))).store);
  });

  test('lie under names of their own, and are sent in parts above the size of one', async () => {
    const { store: objects, bucket, prefix } = await open();
    for (const sizeBytes of [PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES + 5]) {
      const bytes = randomBytes(sizeBytes);
      const location = await store(objects, HINT, bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000));
      expect(location).toMatch(/^v1\/examplebucket\/[0-9a-f-]{36}$/);
      expect(await bucket.size(prefix + location, LIMITS)).toBe(sizeBytes);
      expect(bytes.equals(await read(objects, location))).toBe(true);
      const range = { start: PART_BYTES - 10, end: PART_BYTES - 1 };
      const part = await readAll(await objects.open(location), range);
      expect(part.equals(bytes.subarray(range.start, range.end + 1))).toBe(true);
    }
    expect(await bucket.listUploads(prefix, LIMITS)).toEqual([]);
  });

  test('leave no parts behind when they are given up', async () => {
    const { store: objects, bucket, prefix } = await open();
    const writer = objects.create(HINT);
    for (let part = 0; part < 3; part++) await writer.write(randomBytes(PART_BYTES));
    await writer.abort();
    expect(await bucket.listUploads(`${prefix}v1/`, LIMITS)).toEqual([]);
    expect(await bucket.list(`${prefix}v1/`, '', LIMITS)).toEqual([]);
  });

  test('go after the grace when they are deleted, and not before', async () => {
    const { store: objects, bucket, prefix } = await open({ graceMs: 50 });
    const location = await store(objects, HINT, Buffer.from('abc'));
    await objects.delete(location);
    expect(await bucket.size(prefix + location, LIMITS)).toBe(3);
    await expect.poll(() => bucket.size(prefix + location, LIMITS)).toBe(undefined);
  });

  test('that no row names are swept a week after that was found, and uploads that nobody ends after a day', async () => {
    const { store: young, bucket, prefix } = await open();
    const [kept, lost] = [await store(young, HINT, Buffer.from('kept')), await store(young, HINT, Buffer.from('lost'))];
    const uploadId = await bucket.beginUpload(`${prefix}v1/examplebucket/left`, 'left', LIMITS);
    await bucket.putPart(`${prefix}v1/examplebucket/left`, uploadId, 1, Buffer.from('x'), LIMITS);
    expect(await young.sweepOnce(() => named(kept))).toEqual(NOTHING_SWEPT);
    const sweepAfter = (hours: number, ...locations: string[]) => {
      const clock = laterBy(hours * HOUR_MS);
      return openRemoteStore({ bucket, prefix, shown: 's3', graceMs: 1, clock }).sweepOnce(() => named(...locations));
    };
    // However old they are: since when they have had no row is not known before.
    expect(await sweepAfter(9 * DAY, kept)).toEqual({ ...NOTHING_SWEPT, noted: 1, uploads: 1 });
    expect(await sweepAfter(6 * DAY, kept)).toEqual(NOTHING_SWEPT);
    // The rows are there again.
    expect(await sweepAfter(9 * DAY, kept, lost)).toEqual(NOTHING_SWEPT);
    expect(await sweepAfter(9 * DAY, kept)).toEqual({ ...NOTHING_SWEPT, noted: 1 });
    expect(await read(young, lost)).toEqual(Buffer.from('lost'));
    expect(await sweepAfter(9 * DAY, kept)).toEqual({ ...NOTHING_SWEPT, count: 1, sizeBytes: 4 });
    expect(await read(young, kept)).toEqual(Buffer.from('kept'));
    await expect(young.open(lost)).rejects.toThrow(LocationNotFound);
    expect(await bucket.list(`${prefix}unnamed/`, '', LIMITS)).toEqual([]);
  });

  test('without rows are noted a bounded number at a time, and in all', async () => {
    const { store: young, bucket, prefix } = await open();
    for (let n = 0; n < 40; n++) await store(young, HINT, Buffer.from('lost'));
    const put = bucket.put.bind(bucket);
    let running = 0;
    let most = 0;
    vi.spyOn(bucket, 'put').mockImplementation(async (...request) => {
      running += 1;
      most = Math.max(most, running);
      const confirmed = await put(...request);
      running -= 1;
      return confirmed;
    });
    const passAfter = (hours: number) => {
      const clock = laterBy(hours * HOUR_MS);
      const bounds = { maxNewNotes: 30, maxNotes: 35 };
      const later = openRemoteStore({ bucket, prefix, shown: 's3', graceMs: 1, clock, ...bounds });
      return later.sweepOnce(() => named());
    };
    expect(await passAfter(DAY)).toEqual({ ...NOTHING_SWEPT, noted: 30 });
    expect(most).toBe(16);
    expect(await passAfter(DAY)).toEqual({ ...NOTHING_SWEPT, noted: 5 });
    expect(await passAfter(DAY)).toEqual(NOTHING_SWEPT);
    expect(await passAfter(9 * DAY)).toEqual({ ...NOTHING_SWEPT, count: 35, sizeBytes: 35 * 4 });
    expect(await passAfter(9 * DAY)).toEqual({ ...NOTHING_SWEPT, noted: 5 });
  });

  test('without rows are noted below a folder of the layout, and nothing beside it is touched', async () => {
    const { store: young, bucket, prefix } = await open();
    await store(young, HINT, Buffer.from('lost'));
    const others = ['unnamed/notes.txt', 'unnamed/v2/examplebucket/x'].map((key) => prefix + key);
    for (const key of others) await bucket.put(key, Buffer.from('x'), 'x', LIMITS);
    const clock = laterBy(9 * DAY * HOUR_MS);
    const later = openRemoteStore({ bucket, prefix, shown: 's3', graceMs: 1, clock });
    expect(await later.sweepOnce(() => named())).toEqual({ ...NOTHING_SWEPT, noted: 1 });
    const listed = (await bucket.list(`${prefix}unnamed/`, '', LIMITS)).map(({ key }) => key);
    expect(listed).toEqual([others[0], expect.stringContaining('unnamed/v1/examplebucket/'), others[1]]);
    expect(await later.sweepOnce(() => named())).toEqual({ ...NOTHING_SWEPT, count: 1, sizeBytes: 4 });
    expect((await bucket.list(`${prefix}unnamed/`, '', LIMITS)).map(({ key }) => key)).toEqual(others);
  });

  test('without rows are looked for, and told of, by one node at a time', async () => {
    const { store: young, bucket, prefix } = await open();
    await store(young, HINT, Buffer.from('lost'));
    const leases = createInProcessLeases();
    const told: number[] = [];
    const node = () => {
      const clock = laterBy(9 * DAY * HOUR_MS);
      const onSwept = ({ noted }: { noted: number }) => told.push(noted);
      return openRemoteStore({ bucket, prefix, shown: 's3', clock, onSwept });
    };
    const [first, second] = [node(), node()];
    const [secondDeclined, firstIsOver, firstHasBegun] = [gate(), gate(), gate()];
    async function* slowly() {
      firstHasBegun.open();
      await secondDeclined.opened;
      yield [];
    }
    const alone = (pass: () => Promise<void>) => runUnlessRunning(leases, 'sweep-of-objects', pass);
    first.sweep(slowly, (pass) => alone(pass).finally(firstIsOver.open));
    await firstHasBegun.opened;
    second.sweep(
      () => named(),
      (pass) => alone(pass).finally(secondDeclined.open),
    );
    await firstIsOver.opened;
    expect(told).toEqual([1]);
    await first.close();
    await second.close();
  });

  test('that get their row while a sweep waits are not swept', async () => {
    const { store: objects } = await open({ graceMs: 1, clock: laterBy(9 * DAY * HOUR_MS) });
    const location = await store(objects, HINT, Buffer.from('late'));
    expect(await objects.sweepOnce(() => named())).toMatchObject({ noted: 1, count: 0 });
    let calls = 0;
    const rows = () => (calls++ === 0 ? named() : named(location));
    expect(await objects.sweepOnce(rows)).toEqual(NOTHING_SWEPT);
    expect(await read(objects, location)).toEqual(Buffer.from('late'));
  });

  test('are not taken for missing in a bucket that is missing', async () => {
    const address = (prefix: string) => server.address(prefix).replace('@store/', '@sotre/');
    const { store: objects } = await openRemote(address);
    onTestFinished(() => objects.close());
    await expect(objects.readOwner()).rejects.toThrow(/cannot be used: .*bucket/i);
  });

  test('have an owner', async () => {
    const { store: objects, prefix } = await open();
    expect(await objects.readOwner()).toBeUndefined();
    await objects.writeOwner('9f1c5a1e-0d0d-4b57-8d5c-2b1f8a4f6c3e');
    const other = await openRemote(() => server.address(prefix.slice(0, -1)));
    onTestFinished(() => other.store.close());
    expect(await other.store.readOwner()).toBe('9f1c5a1e-0d0d-4b57-8d5c-2b1f8a4f6c3e');
  });

  test('are stored when the store answers 503, resets or hangs for a moment', async () => {
    const forwarder = await startForwarder(server.port);
    const { store: objects } = await open({}, forwarder.port);
    for (const mode of ['refuse', 'reset', 'stall'] as const) {
      forwarder.mode = mode;
      const before = forwarder.connections;
      const stored = store(objects, HINT, Buffer.from(mode));
      await expect
        .poll(() => forwarder.connections, { timeout: 10_000 })
        .toBeGreaterThan(before + (mode === 'stall' ? 0 : 1));
      forwarder.mode = 'pass';
      expect(await read(objects, await stored)).toEqual(Buffer.from(mode));
    }
  });

  test('are refused in time when the store stays away, and the bytes kept for them are bounded', async () => {
    const forwarder = await startForwarder(server.port);
    const { store: objects } = await open({ maxWaitingBytes: 1_000 }, forwarder.port);
    forwarder.mode = 'stall';
    const brief = { bucket: 'examplebucket', key: 'k', retryMs: 500 };
    await expect(store(objects, brief, randomBytes(600))).rejects.toThrow('no answer within 0.5 s');
    await expect(store(objects, brief, randomBytes(600))).rejects.toThrow(StoreUnavailable);
    const writer = objects.create(brief);
    writer.write(randomBytes(600));
    expect(() => objects.create(brief).write(randomBytes(600))).toThrow('600 bytes of unfinished objects are kept');
    await writer.abort();
  });

  test('are read to the end when the store cuts the connection in the middle', async () => {
    const forwarder = await startForwarder(server.port);
    const { store: objects } = await open({}, forwarder.port);
    const bytes = randomBytes(3_000_000);
    const location = await store(objects, HINT, bytes);
    const reader = await objects.open(location);
    forwarder.cutAfterBytes = 1_000_000;
    expect(bytes.equals(await readAll(reader))).toBe(true);
    expect(forwarder.cutAfterBytes).toBe(undefined);
  });

  test('wait for a stopped store', async () => {
    const { store: objects } = await open();
    await server.pause();
    const stored = store(objects, { bucket: 'examplebucket', key: 'k', retryMs: 60_000 }, Buffer.from('abc'));
    const given = store(objects, { bucket: 'examplebucket', key: 'k', retryMs: 300 }, Buffer.from('abc'));
    await expect(given).rejects.toThrow(StoreUnavailable);
    server.resume();
    expect(await read(objects, await stored)).toEqual(Buffer.from('abc'));
  });
});

describe('objects in OSS', () => {
  let port: number;
  let emulator: Emulator;
  const address = (prefix: string) =>
    `oss://emulator-ak:emulator-secret@examplebucket/${prefix}?endpoint=${encodeURIComponent(`http://127.0.0.1:${port}`)}`;
  beforeAll(async () => {
    emulator = new Emulator({ memory: true, port: 0, rtmpPort: undefined, webrtcPort: 0, host: '127.0.0.1' });
    ({ port } = await emulator.start());
  });
  afterAll(() => emulator.stop());

  describe('as every store', () => {
    describeObjectStore(async () => (await openRemote(address)).store);
  });

  test('are sent in parts above the size of one, and swept', async () => {
    const {
      store: objects,
      bucket,
      prefix,
    } = await openRemote(address, { graceMs: 1, clock: laterBy(9 * DAY * HOUR_MS) });
    onTestFinished(() => objects.close());
    const bytes = randomBytes(PART_BYTES + 1);
    const location = await store(objects, HINT, bytes);
    expect(bytes.equals(await read(objects, location))).toBe(true);
    await bucket.beginUpload(`${prefix}v1/examplebucket/left`, 'left', LIMITS);
    expect(await objects.sweepOnce(() => named())).toEqual({ ...NOTHING_SWEPT, noted: 1, uploads: 1 });
    expect(await objects.sweepOnce(() => named())).toEqual({ ...NOTHING_SWEPT, count: 1, sizeBytes: bytes.length });
    await expect(objects.open(location)).rejects.toThrow(LocationNotFound);
  });
});
