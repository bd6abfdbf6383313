import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OSS from 'ali-oss';
import { packTar, unpackTar } from 'modern-tar';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { type Log, silentLog } from '../../../src/base/log.ts';
import { type EmulatorOptions, type RunningEmulator, startEmulator } from '../../../src/index.ts';
import { POSTGRES, testPostgres } from '../../support/postgres.ts';
import { describeWith } from '../../support/tools.ts';
import { BUILD_TIMEOUT_MS, startS3Server } from '../../support/versitygw.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exports-'));
});
afterAll(() => rm(folder, { recursive: true }));

const MONDAY = Date.UTC(2026, 0, 5);
const VERSIONING = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';

async function start(options: EmulatorOptions = {}): Promise<RunningEmulator> {
  const emulator = await startEmulator({ auth: 'off', ...options });
  onTestFinished(() => emulator.stop());
  return emulator;
}

it('tells of an export that was broken off, and not of one whose caller closes the connection when all of it came', async () => {
  const broken: (string | number | boolean | undefined)[] = [];
  const log: Log = {
    ...silentLog,
    with: () => log,
    warn: (event, fields) => void broken.push(event, fields?.reason),
  };
  const emulator = await start({ log });
  const body = 'x'.repeat(20_000_000);
  await expectOk(fetch(`${emulator.endpoint}/${emulator.bucket}/a`, { method: 'PUT', body }));
  const read = async (bytesOf: (sizeBytes: number) => number) => {
    const request = get(`${emulator.endpoint}/_emulator/export`, { agent: new Agent() });
    const [response]: [IncomingMessage] = await once(request, 'response').then(([first]) => [first]);
    let left = bytesOf(Number(response.headers['content-length']));
    response.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left <= 0) response.destroy();
    });
    await once(response, 'close');
  };
  for (let times = 0; times < 3; times += 1) await read((sizeBytes) => sizeBytes);
  await read(() => 1);
  await expect.poll(() => broken).toEqual(['export.broken-off', 'the client left']);
});

/** Buckets with versions and settings, objects of several kinds, a recorded channel, a recorded stream, and a day of seed. */
async function fill(emulator: RunningEmulator): Promise<void> {
  const at = (path: string) => `${emulator.endpoint}/${path}`;
  const put = (path: string, body = '', headers: Record<string, string> = {}) =>
    expectOk(fetch(at(path), { method: 'PUT', body, headers }));
  await put('media', '', { 'x-oss-acl': 'public-read' });
  await put('media?versioning', VERSIONING);
  await put(
    'media?lifecycle',
    '<LifecycleConfiguration><Rule><ID>r</ID><Prefix>tmp/</Prefix><Status>Enabled</Status><Expiration><Days>30</Days></Expiration></Rule></LifecycleConfiguration>',
  );
  await put('media/a.txt', 'first', { 'content-type': 'text/plain', 'x-oss-meta-who': 'me' });
  await put('media/a.txt', 'second', { 'x-oss-object-acl': 'private' });
  await put('media/gone.txt', 'gone');
  await expectOk(fetch(at('media/gone.txt'), { method: 'DELETE' }));
  await put(`media/${encodeURIComponent('名 \u2028 of a key')}`, 'x'.repeat(200_000));
  await put('media/empty');
  await expectOk(fetch(at('media/parts?uploads'), { method: 'POST' }));
  const client = new OSS({ ...emulator.aliOssOptions, bucket: 'media' });
  const upload = await client.initMultipartUpload('open');
  await put(`media/open?partNumber=1&uploadId=${upload.uploadId}`, 'a part');
  await emulator.seed({
    buckets: [
      {
        name: 'media',
        channels: [{ name: 'day', recordings: [{ from: MONDAY - 86_400_000, to: MONDAY }] }],
      },
    ],
  });
  const push = await emulator.publish({ channel: 'cam', bucket: 'media', durationSec: 12, speed: 'max' });
  await push.done;
  const stream = await emulator.publish({
    url: `${emulator.endpoint.replace('http', 'rtmp')}/app/s1`,
    durationSec: 8,
    speed: 'max',
  });
  await stream.done;
  await emulator.clock.advance(600_000);
  await emulator.events.waitFor('live.record-finished', () => true, { after: 0 });
}

async function expectOk(response: Promise<Response>): Promise<void> {
  const { ok, status } = await response;
  expect({ ok, status }).toMatchObject({ ok: true });
}

/** What clients see of an emulator. */
async function view(emulator: RunningEmulator) {
  const text = async (path: string) => (await fetch(`${emulator.endpoint}/${path}`)).text();
  const control = async (path: string) => JSON.parse(await text(`_emulator${path}`));
  const versions = await text('media?versions');
  const keys = [...versions.matchAll(/<Version>\s*<Key>(.*?)<\/Key>\s*<VersionId>(.*?)<\/VersionId>/g)];
  const bytes: string[] = [];
  for (const [, key = '', versionId = ''] of keys.slice(0, 40)) {
    bytes.push(await text(`media/${encodeURIComponent(key)}?versionId=${versionId}`));
  }
  const own = (body: string) =>
    body
      .replace(/<RequestId>.*?<\/RequestId>|<LastModifiedTime>.*?<\/LastModifiedTime>/g, '')
      .replaceAll(`:${emulator.port}`, ':PORT');
  return {
    versions: own(versions),
    bytes,
    info: own(await text('media?bucketInfo')),
    stat: own(await text('media?stat')),
    lifecycle: own(await text('media?lifecycle')),
    uploads: own(await text('media?uploads')),
    playlist: await text('media/cam/playlist.m3u8'),
    history: await control('/channels/media/cam/history'),
    fragments: await control(`/channels/media/day/fragments?fromMs=0&toMs=${MONDAY}&limit=20000`),
    channels: (await control('/channels')).channels.map(({ name, state }: { name: string; state: string }) => [
      name,
      state,
    ]),
    recordings: own(JSON.stringify(await control('/live/recordings'))),
    streams: own(JSON.stringify(await control('/live/streams'))),
  };
}

async function exported(emulator: RunningEmulator): Promise<Buffer> {
  const response = await fetch(`${emulator.endpoint}/_emulator/export`);
  expect(response.headers.get('content-type')).toBe('application/x-tar');
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.headers.get('content-length')).toBe(String(bytes.length));
  return bytes;
}

async function imported(emulator: RunningEmulator, body: Uint8Array | string, headers: Record<string, string> = {}) {
  const response = await fetch(`${emulator.endpoint}/_emulator/import`, { method: 'POST', body, headers });
  return { status: response.status, text: await response.text() };
}

/** The export with some entries changed. */
async function changed(
  archive: Buffer,
  change: (name: string, data: string) => string | undefined,
): Promise<Uint8Array> {
  const entries = await unpackTar(archive);
  return packTar(
    entries.flatMap(({ header, data }) => {
      const text = Buffer.from(data ?? []).toString('latin1');
      const body = change(header.name, text);
      if (body === undefined) return [];
      const bytes = body === text ? (data ?? new Uint8Array()) : Buffer.from(body, 'latin1');
      return [{ header: { name: header.name, size: bytes.length }, body: bytes }];
    }),
  );
}

describe('an export', () => {
  it('has everything that clients see, and no secret', async () => {
    const from = await start({ liveRecordBucket: 'live' });
    await fill(from);
    const archive = await exported(from);
    const to = await start({ dataDir: join(folder, 'filled'), memory: false });
    await fetch(`${to.endpoint}/examplebucket/other.txt`, { method: 'PUT', body: 'other' });
    const done = await imported(to, archive);
    expect(done).toMatchObject({ status: 200 });
    const before = await view(from);
    expect(before.bytes.length).toBeGreaterThan(30);
    expect(before.fragments.fragments).toHaveLength(14_400);
    expect(await view(to)).toEqual(before);
    expect((await fetch(`${to.endpoint}/examplebucket/other.txt`)).status).toBe(404);
    expect(archive.toString('latin1')).not.toMatch(/room-secret|sts-key|signing-certificate/);
    // The second one is made of the data folder. Only its time and its file names of bytes differ.
    expect((await view(to)).versions).toBe(before.versions);
  });

  it('is small although a day was seeded, and leaves no temporary file', async () => {
    const from = await start();
    await from.seed({
      buckets: [
        { name: 'media', channels: [{ name: 'day', recordings: [{ from: MONDAY - 86_400_000, to: MONDAY }] }] },
      ],
    });
    vi.stubEnv('TMPDIR', await mkdtemp(join(folder, 'temporary-')));
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const archive = await exported(from);
    expect(archive.length).toBeLessThan(16_000_000);
    const entries = await unpackTar(archive);
    expect(entries.map(({ header }) => header.name)).not.toContain('bytes/2');
    await expect.poll(() => readdir(tmpdir())).toEqual([]);
  });

  it('of an emulator with a push has what is stored so far; the push is ended where it is imported', async () => {
    const from = await start();
    from.clock.freeze();
    await from.publish({ channel: 'cam', durationSec: 3_600 });
    await from.clock.advance(21_000);
    const archive = await exported(from);
    expect((await from.channels()).find(({ name }) => name === 'cam')?.state).toBe('live');
    const to = await start();
    const pushing = await to.publish({ channel: 'other', durationSec: 3_600 });
    expect(await imported(to, archive)).toMatchObject({ status: 200 });
    await pushing.done;
    expect((await to.channels()).map(({ name }) => name)).not.toContain('other');
    const [cam] = (await to.channels()).filter(({ name }) => name === 'cam');
    expect(cam?.state).toBe('idle');
    const response = await fetch(`${to.endpoint}/_emulator/channels/examplebucket/cam/history`);
    const history: unknown = await response.json();
    expect(history).toMatchObject({ pushes: [{ playlistName: 'playlist.m3u8' }] });
    // Frozen, and at the time of the export.
    expect(to.clock.isFrozen).toBe(true);
    expect(to.clock.now()).toBe(from.clock.now());
    const again = await to.publish({ channel: 'cam', durationSec: 2, speed: 'max' });
    await again.done;
  });

  it('has a clock that is ahead', async () => {
    const from = await start({ clock: new ManualClock(MONDAY) });
    await from.clock.advance(3_600_000);
    const to = await start({ clock: new ManualClock(MONDAY + 1_000) });
    expect(await imported(to, await exported(from))).toMatchObject({ status: 200 });
    expect(to.clock.now()).toBe(MONDAY + 3_601_000);
  });

  it('keeps what is deleted meanwhile until it is read', async () => {
    const from = await start({ dataDir: join(folder, 'slow'), memory: false });
    const body = 'x'.repeat(12_000_000);
    for (const key of ['a', 'b']) await fetch(`${from.endpoint}/examplebucket/${key}`, { method: 'PUT', body });
    const response = await fetch(`${from.endpoint}/_emulator/export`);
    const reader = response.body?.getReader();
    const first = await reader?.read();
    for (const key of ['a', 'b']) await fetch(`${from.endpoint}/examplebucket/${key}`, { method: 'DELETE' });
    await from.reset();
    let sizeBytes = first?.value?.length ?? 0;
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read())
      sizeBytes += next.value.length;
    expect(sizeBytes).toBe(Number(response.headers.get('content-length')));
    await expect.poll(async () => filesIn(join(folder, 'slow', 'objects'))).toEqual([]);
  });

  it('that the client leaves lets deletions go on', async () => {
    const from = await start({ dataDir: join(folder, 'left'), memory: false });
    await fetch(`${from.endpoint}/examplebucket/a`, { method: 'PUT', body: 'x'.repeat(30_000_000) });
    const response = await fetch(`${from.endpoint}/_emulator/export`);
    const reader = response.body?.getReader();
    await reader?.read();
    await fetch(`${from.endpoint}/examplebucket/a`, { method: 'DELETE' });
    expect(await filesIn(join(folder, 'left', 'objects'))).toHaveLength(1);
    await reader?.cancel();
    await expect.poll(async () => filesIn(join(folder, 'left', 'objects'))).toEqual([]);
  });
});

async function filesIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe('an import changes nothing when', () => {
  const NOT_EXPORT = /^What was given is no export of this emulator/;
  const damages: readonly [string, (archive: Buffer) => Promise<Uint8Array | string> | Uint8Array | string, RegExp][] =
    [
      ['it is empty', () => '', NOT_EXPORT],
      ['it is a letter', () => 'a letter to a friend '.repeat(100), NOT_EXPORT],
      ['it is JSON', () => '{"buckets":[]}', NOT_EXPORT],
      ['it is another archive', () => packTar([{ header: { name: 'readme', size: 2 }, body: 'hi' }]), NOT_EXPORT],
      [
        'it is of a newer version',
        (archive) => changed(archive, (_name, text) => text.replace('"version": 1', '"version": 2')),
        /version 2 of its format, and this emulator reads up to 1: update the emulator\.$/,
      ],
      ['it ends in the first entry', (archive) => archive.subarray(0, 700), /is (damaged|no export)/],
      ['it ends in the rows', (archive) => archive.subarray(0, 2_600), /damaged or not whole/],
      ['it ends in the bytes', (archive) => archive.subarray(0, archive.length - 300_000), /damaged or not whole/],
      [
        'its last entry is missing',
        (archive) => changed(archive, (name, text) => (name === 'end.json' ? undefined : text)),
        /its end is missing/,
      ],
      ['its last blocks are missing', (archive) => archive.subarray(0, archive.length - 1_024), /damaged or not whole/],
      [
        'an object was changed',
        (archive) => changed(archive, (name, text) => (name === 'bytes/2' ? text.replace('x', 'y') : text)),
        /its checksum is another one/,
      ],
      [
        'an object is missing',
        (archive) => changed(archive, (name, text) => (name === 'bytes/1' ? undefined : text)),
        /bytes\/1 is missing/,
      ],
      [
        'an object is shorter',
        (archive) => changed(archive, (name, text) => (name === 'bytes/1' ? text.slice(1) : text)),
        /another size than its row says/,
      ],
      [
        'a row is no JSON',
        (archive) => changed(archive, (name, text) => (name === 'rows.ndjson' ? `${text}{"table"\n` : text)),
        /damaged/,
      ],
      [
        'a row has an unknown column',
        (archive) => changed(archive, (name, text) => (name === 'rows.ndjson' ? text.replace('"acl"', '"axl"') : text)),
        /damaged .*row 1/,
      ],
      [
        'a row names a file of the machine',
        (archive) =>
          changed(archive, (name, text) =>
            name === 'rows.ndjson' ? text.replace('"location":1', '"location":"../../etc/passwd"') : text,
          ),
        /seeded recordings of another version/,
      ],
    ];

  it.each(damages)('%s', async (_what, damage, message) => {
    const from = await start();
    for (const key of ['a', 'b']) {
      await fetch(`${from.endpoint}/examplebucket/${key}`, { method: 'PUT', body: 'x'.repeat(200_000) });
    }
    const bad = await damage(await exported(from));
    const dataDir = join(folder, `refusing-${Math.random()}`);
    const to = await start({ dataDir, memory: false });
    await fetch(`${to.endpoint}/examplebucket/mine`, { method: 'PUT', body: 'mine' });
    const push = await to.publish({ channel: 'cam', durationSec: 3_600 });
    const refused = await imported(to, bad);
    expect(refused.status).toBe(400);
    const { error } = JSON.parse(refused.text);
    expect(error).toMatch(message);
    expect(error).toMatch(/^[^\n]*\.$/);
    expect(await (await fetch(`${to.endpoint}/examplebucket/mine`)).text()).toBe('mine');
    expect((await to.channels()).find(({ name }) => name === 'cam')?.state).toBe('live');
    expect((await filesIn(join(dataDir, 'objects'))).filter((name) => name === 'a' || name === 'b')).toEqual([]);
    await push.stop();
  });

  it('its rows contradict each other', async () => {
    const from = await start();
    for (const key of ['a', 'b']) await fetch(`${from.endpoint}/examplebucket/${key}`, { method: 'PUT', body: 'a' });
    const archive = await changed(await exported(from), (name, text) =>
      name === 'rows.ndjson' ? text.replace('"key":"b"', '"key":"a"') : text,
    );
    // With the checksum of what it has now.
    const entries = await unpackTar(archive);
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256');
    for (const { header, data } of entries) if (header.name !== 'end.json') hash.update(data ?? '');
    const sha256 = hash.digest('hex');
    const signed = await changed(Buffer.from(archive), (name, text) =>
      name === 'end.json' ? JSON.stringify({ sha256 }) : text,
    );
    const to = await start();
    await fetch(`${to.endpoint}/examplebucket/mine`, { method: 'PUT', body: 'mine' });
    const refused = await imported(to, signed);
    expect(refused).toMatchObject({ status: 400, text: expect.stringContaining('The rows contradict each other') });
    expect(await (await fetch(`${to.endpoint}/examplebucket/mine`)).text()).toBe('mine');
  });

  it('the caller leaves in the middle', async () => {
    const from = await start();
    await fetch(`${from.endpoint}/examplebucket/a`, { method: 'PUT', body: 'x'.repeat(3_000_000) });
    const archive = await exported(from);
    const to = await start({ dataDir: join(folder, 'leaving'), memory: false });
    const leaving = new AbortController();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(archive.subarray(0, 1_000_000)),
    });
    const request: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half', signal: leaving.signal };
    const sent = fetch(`${to.endpoint}/_emulator/import`, request);
    await expect.poll(() => filesIn(join(folder, 'leaving', 'objects'))).not.toEqual([]);
    leaving.abort();
    await expect(sent).rejects.toThrow();
    await expect.poll(() => filesIn(join(folder, 'leaving', 'objects'))).toEqual([]);
    expect((await to.channels()).map(({ name }) => name)).toEqual(['test-channel']);
  });
});

describe('between stores', () => {
  const moves = async (from: RunningEmulator, to: RunningEmulator) => {
    await fill(from);
    expect(await imported(to, await exported(from))).toMatchObject({ status: 200 });
    expect(await view(to)).toEqual(await view(from));
    // What is stored next has a higher id than what was imported.
    await expectOk(fetch(`${to.endpoint}/media/a.txt`, { method: 'PUT', body: 'third' }));
    expect(await (await fetch(`${to.endpoint}/media/a.txt`)).text()).toBe('third');
    const push = await to.publish({ channel: 'cam', bucket: 'media', durationSec: 6, speed: 'max' });
    await push.done;
  };

  describeWith([POSTGRES], 'memory, PostgreSQL and memory again', () => {
    it('move everything', async () => {
      const metadata = await (await testPostgres()).createDatabase();
      const middle = await start({ metadata, liveRecordBucket: 'live' });
      await moves(await start({ liveRecordBucket: 'live' }), middle);
      const last = await start({ liveRecordBucket: 'live' });
      const [archive, expected] = [await exported(middle), await view(middle)];
      expect(await imported(last, archive)).toMatchObject({ status: 200 });
      expect(await view(last)).toEqual(expected);
    });
  });

  describeWith(['go'], 'memory and S3', () => {
    it(
      'move everything',
      async () => {
        const server = await startS3Server();
        const from = await start({ objects: server.address('one'), liveRecordBucket: 'live' });
        await moves(from, await start({ liveRecordBucket: 'live' }));
        const back = await start({ objects: server.address('two'), liveRecordBucket: 'live' });
        expect(await imported(back, await exported(from))).toMatchObject({ status: 200 });
      },
      BUILD_TIMEOUT_MS,
    );
  });

  describeWith([POSTGRES, 'go'], 'two nodes', () => {
    it(
      'are refused',
      async () => {
        const metadata = await (await testPostgres()).createDatabase();
        const objects = (await startS3Server()).address('nodes');
        const one = await start({ metadata, objects, nodeName: 'one' });
        const archive = await exported(one);
        await start({ metadata, objects, nodeName: 'two' });
        const refusal = {
          error: 'An import is for a single node, and others share the database: two. Stop them first.',
        };
        expect(await imported(one, archive)).toEqual({ status: 400, text: JSON.stringify(refusal) });
        const response = await fetch(`${one.endpoint}/_emulator/export`);
        expect([response.status, await response.json()]).toEqual([
          400,
          { error: refusal.error.replace('import', 'export') },
        ]);
      },
      BUILD_TIMEOUT_MS,
    );
  });
});

describe('lines of progress', () => {
  const linesOf = async (response: Response) => {
    expect(response.headers.get('content-type')).toContain('application/x-ndjson');
    return (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  const accept = 'application/x-ndjson';

  it('tell of an import, and end with its answer', async () => {
    const from = await start();
    await fetch(`${from.endpoint}/examplebucket/a`, { method: 'PUT', body: 'x'.repeat(3_000_000) });
    const to = await start();
    const response = await fetch(`${to.endpoint}/_emulator/import`, {
      method: 'POST',
      body: await exported(from),
      headers: { accept },
    });
    const lines = await linesOf(response);
    expect(lines.at(-1)).toMatchObject({ result: { buckets: 1, objects: 1, sizeBytes: 3_000_000 } });
    const units = new Set(lines.slice(0, -1).map(({ progress }) => progress.unit));
    expect([...units]).toEqual(['bytes', 'rows']);
    expect(lines).toContainEqual({ progress: { done: 3_000_000, total: 3_000_000, unit: 'bytes' } });
  });

  it('tell of a seed, a reset and a VOD playlist of a day', async () => {
    const emulator = await start({ clock: new ManualClock(MONDAY) });
    const call = async (path: string, body: unknown) =>
      linesOf(
        await fetch(`${emulator.endpoint}/_emulator${path}`, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { accept },
        }),
      );
    const seed = {
      buckets: [{ name: 'media', channels: [{ name: 'day', recordings: [{ from: '-24h', to: 'now' }] }] }],
    };
    const seeded = await call('/seed', seed);
    expect(seeded.at(-2)).toEqual({ progress: { done: 3, total: 3, unit: 'parts' } });
    expect(seeded.at(-1)).toMatchObject({ result: { fragments: 14_400 } });
    const vod = await call('/channels/media/day/vod', { from: '-24h', to: 'now' });
    expect(vod.slice(0, -1).map(({ progress }) => progress)).toEqual([
      { done: 0, total: 14_400, unit: 'fragments' },
      { done: 14_400, total: 14_400, unit: 'fragments' },
    ]);
    const reset = await call('/reset', {});
    expect(reset.at(-1)).toMatchObject({ result: { ok: true } });
    expect(reset[0]).toMatchObject({ progress: { unit: 'objects' } });
  });

  it('are none where the call is refused before, which has its status', async () => {
    const emulator = await start();
    const response = await fetch(`${emulator.endpoint}/_emulator/seed`, {
      method: 'POST',
      body: '{"bukets":[]}',
      headers: { accept },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringContaining('unknown field "bukets"') });
  });

  it('end with the error of what fails later', async () => {
    const emulator = await start();
    const seed = {
      buckets: [{ name: 'media' }, { name: 'No' }],
    };
    const response = await fetch(`${emulator.endpoint}/_emulator/seed`, {
      method: 'POST',
      body: JSON.stringify(seed),
      headers: { accept },
    });
    expect(response.status).toBe(200);
    expect((await linesOf(response)).at(-1)).toEqual({
      error: expect.stringContaining('"No" is not a bucket name'),
      status: 400,
    });
  });
});

describe('the options import and exportOnExit', () => {
  it('bring everything back, also by a reset, and write it at the end', async () => {
    const file = join(folder, 'state.tar');
    const options = { import: file, exportOnExit: file };
    const first = await startEmulator(options);
    const client = new OSS(first.aliOssOptions);
    await client.put('kept.txt', Buffer.from('kept'));
    await first.stop();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const second = await startEmulator(options);
    const again = new OSS(second.aliOssOptions);
    expect((await again.get('kept.txt')).content.toString()).toBe('kept');
    await again.put('later.txt', Buffer.from('later'));
    await second.reset();
    expect((await again.get('kept.txt')).content.toString()).toBe('kept');
    await expect(again.head('later.txt')).rejects.toMatchObject({ status: 404 });
    await second.stop();
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('refuse a file that is not there, a folder with data, and a place that cannot be written', async () => {
    await expect(startEmulator({ import: join(folder, 'none.tar') })).rejects.toThrow(
      /^There is no file \S+none\.tar for --import\.$/,
    );
    await expect(startEmulator({ import: '-' })).rejects.toThrow('--import takes a file');
    const damaged = join(folder, 'damaged.tar');
    await writeFile(damaged, 'a letter');
    await expect(startEmulator({ import: damaged })).rejects.toThrow(`The export ${damaged} cannot be imported: What`);
    const dataDir = join(folder, 'used');
    await (await startEmulator({ dataDir, memory: false })).stop();
    const file = join(folder, 'ready.tar');
    await (await startEmulator({ exportOnExit: file })).stop();
    await expect(startEmulator({ dataDir, memory: false, import: file })).rejects.toThrow(/holds data already/);
    await expect(startEmulator({ exportOnExit: join(folder, 'no', 'x.tar') })).rejects.toThrow(
      /--export-on-exit .* cannot be written/,
    );
  });

  it('leave the file as it was when the export is given up', async () => {
    const { Emulator } = await import('../../../src/emulator/emulator.ts');
    const file = join(folder, 'before.tar');
    await writeFile(file, 'before');
    const emulator = new Emulator({ memory: true, port: 0, rtmpPort: undefined, webrtcPort: 0, exportOnExit: file });
    await emulator.start();
    const signal = AbortSignal.abort(new Error('it took more than the 8 s that a stop may take'));
    await expect(emulator.stop({ signal })).rejects.toThrow(
      `The export ${file} cannot be written: it took more than the 8 s that a stop may take.`,
    );
    expect(await readFile(file, 'utf8')).toBe('before');
  });
});
