/**
 * Makes `fixtures/data-folders/VERSION`: a small data folder as this version writes it, with the answers that later
 * versions must give from it. Run once for every release that changes the tables; the folders of earlier ones are never
 * made again.
 *
 *     npx tsx scripts/make-data-folder.ts
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import manifest from '../package.json' with { type: 'json' };
import { formatRpcTime } from '../src/aliyun/auth/rpc-time.ts';
import { ManualClock } from '../src/base/clock.ts';
import { Emulator } from '../src/emulator/emulator.ts';
import { Client, md5 } from './crash/client.ts';
import { pushMedia } from './crash/load/pushing.ts';
import { BUCKET, readContents, VERSIONED_BUCKET } from './data-folder/contents.ts';
import { dumpDatabase } from './data-folder/dump.ts';
import { type Expected, restoreKeptFolder } from './data-folder/kept-folder.ts';
import { readOptions } from './support/command-line.ts';

readOptions(import.meta.url, {});

const TARGET = fileURLToPath(new URL(`../fixtures/data-folders/${manifest.version}/`, import.meta.url));
const PUSH_MS = 8_000;
const FOREVER_MS = 10_000_000;
const STREAM = { DomainName: 'example.com', AppName: 'app', StreamName: 'recorded' };

const OPTIONS = { host: '127.0.0.1', port: 0, rtmpPort: undefined, webrtcPort: 0, auth: 'off' } as const;

/** Fills an emulator and copies its folder in the middle of a push, as a process that is killed leaves it. */
async function makeFolder(folder: string): Promise<void> {
  const dataDir = join(folder, 'running');
  const emulator = new Emulator({ ...OPTIONS, dataDir, buckets: [{ name: BUCKET, acl: 'private' }], channels: [] });
  const { port } = await emulator.start();
  const client = new Client(port);
  await fill(client);
  const gone = new AbortController();
  const pushed = pushMedia(client.pushUrl(BUCKET, 'door'), FOREVER_MS, gone.signal).catch(() => {});
  for (let stored = 0; stored < 2; stored++) await emulator.events.waitFor('fragment.stored');
  copyDatabase(join(dataDir, 'metadata.sqlite'), join(folder, 'metadata.sqlite'));
  await cp(join(dataDir, 'objects'), join(folder, 'objects'), { recursive: true });
  gone.abort();
  await pushed;
  client.close();
  await emulator.stop();
}

function copyDatabase(from: string, to: string): void {
  const database = new Database(from, { readonly: true });
  try {
    database.prepare('vacuum into ?').run(to);
  } finally {
    database.close();
  }
}

/** What this version reads from the kept folder. */
async function expectedOf(kept: string, folder: string): Promise<Expected> {
  const readAtMs = Date.now();
  const dataDir = join(folder, 'restored');
  await restoreKeptFolder(kept, dataDir);
  const emulator = new Emulator({ ...OPTIONS, dataDir, buckets: [] }, { clock: new ManualClock(readAtMs) });
  const { port } = await emulator.start();
  const client = new Client(port);
  try {
    return { readAtMs, contents: await readContents(client) };
  } finally {
    client.close();
    await emulator.stop();
  }
}

async function fill(client: Client): Promise<void> {
  await putObjects(client);
  await putVersions(client);
  await beginUpload(client);
  const expiration = '<Expiration><Days>30</Days></Expiration>';
  const rule = `<Rule><ID>old</ID><Prefix>old/</Prefix><Status>Enabled</Status>${expiration}</Rule>`;
  const body = `<LifecycleConfiguration>${rule}</LifecycleConfiguration>`;
  await client.oss('PUT', `/${BUCKET}`, { query: { lifecycle: '' }, body });
  await recordChannel(client);
  await recordStream(client);
}

async function beginUpload(client: Client): Promise<void> {
  const path = `/${BUCKET}/unfinished`;
  const { text } = await client.oss('POST', path, { query: { uploads: '' } });
  const uploadId = /<UploadId>(\w+)</.exec(text)?.[1] ?? '';
  await client.oss('PUT', path, { query: { uploadId, partNumber: '1' }, body: 'the first part' });
}

async function recordChannel(client: Client): Promise<void> {
  const names = '<Type>HLS</Type><PlaylistName>playlist.m3u8</PlaylistName>';
  const target = `<Target>${names}<FragDuration>2</FragDuration><FragCount>3</FragCount></Target>`;
  const body = `<LiveChannelConfiguration><Description>The back door</Description>${target}</LiveChannelConfiguration>`;
  await client.oss('PUT', `/${BUCKET}/door`, { query: { live: '' }, body });
  await client.oss('PUT', `/${BUCKET}/disabled`, { query: { live: '' }, body });
  await client.oss('PUT', `/${BUCKET}/disabled`, { query: { live: '', status: 'disabled' } });
  await push(client.pushUrl(BUCKET, 'door'));
}

async function recordStream(client: Client): Promise<void> {
  const place = { OssBucket: BUCKET, OssEndpoint: `127.0.0.1:${client.port}` };
  await client.live('AddLiveAppRecordConfig', {
    ...place,
    DomainName: STREAM.DomainName,
    AppName: STREAM.AppName,
    'RecordFormat.1.Format': 'm3u8',
    'RecordFormat.1.SliceDuration': '5',
    'RecordFormat.1.OssObjectPrefix': 'record/{AppName}/{StreamName}/{EscapedStartTime}_{EscapedEndTime}',
    'RecordFormat.1.SliceOssObjectPrefix': 'record/{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}',
  });
  await push(`rtmp://127.0.0.1:${client.port}/${STREAM.AppName}/${STREAM.StreamName}`);
  const range = { StartTime: time(-60_000), EndTime: time(60_000) };
  await client.live('CreateLiveStreamRecordIndexFiles', {
    ...STREAM,
    ...place,
    ...range,
    OssObject: 'index/recorded.m3u8',
  });
}

function push(url: string): Promise<void> {
  return pushMedia(url, PUSH_MS, new AbortController().signal);
}

function time(offsetMs: number): string {
  return formatRpcTime(Date.now() + offsetMs);
}

async function putObjects(client: Client): Promise<void> {
  const headers = { 'content-type': 'text/plain', 'x-oss-meta-colour': 'blue', 'x-oss-tagging': 'kind=note' };
  await client.oss('PUT', `/${BUCKET}/notes/a.txt`, { headers, body: 'a note' });
  await client.oss('PUT', `/${BUCKET}/empty`, { body: '' });
  await client.oss('PUT', `/${BUCKET}/cold`, { headers: { 'x-oss-storage-class': 'IA' }, body: 'cold' });
  await client.oss('PUT', `/${BUCKET}/link`, {
    query: { symlink: '' },
    headers: { 'x-oss-symlink-target': 'notes/a.txt' },
  });
  for (const [position, body] of [
    [0, 'one '],
    [4, 'two'],
  ] as const) {
    await client.oss('POST', `/${BUCKET}/log`, { query: { append: '', position: String(position) }, body });
  }
  const { text } = await client.oss('POST', `/${BUCKET}/joined`, { query: { uploads: '' } });
  const uploadId = /<UploadId>(\w+)</.exec(text)?.[1] ?? '';
  const part = 'a part of the whole';
  await client.oss('PUT', `/${BUCKET}/joined`, { query: { uploadId, partNumber: '1' }, body: part });
  const named = `<Part><PartNumber>1</PartNumber><ETag>"${md5(part)}"</ETag></Part>`;
  const body = `<CompleteMultipartUpload>${named}</CompleteMultipartUpload>`;
  await client.oss('POST', `/${BUCKET}/joined`, { query: { uploadId }, body });
}

async function putVersions(client: Client): Promise<void> {
  await client.oss('PUT', `/${VERSIONED_BUCKET}`);
  await client.oss('PUT', `/${VERSIONED_BUCKET}/before`, { body: 'from before versioning' });
  const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
  await client.oss('PUT', `/${VERSIONED_BUCKET}`, { query: { versioning: '' }, body });
  for (const text of ['first', 'second', 'third']) {
    await client.oss('PUT', `/${VERSIONED_BUCKET}/page`, { body: text });
    await client.oss('PUT', `/${VERSIONED_BUCKET}/before`, { body: text });
  }
  await client.oss('DELETE', `/${VERSIONED_BUCKET}/page`);
}

const folder = await mkdtemp(join(tmpdir(), 'data-folder-'));
try {
  await makeFolder(folder);
  await rm(TARGET, { recursive: true, force: true });
  await mkdir(TARGET, { recursive: true });
  await cp(join(folder, 'objects'), join(TARGET, 'objects'), { recursive: true });
  await writeFile(join(TARGET, 'metadata.sql'), dumpDatabase(join(folder, 'metadata.sqlite')));
  const expected = await expectedOf(TARGET, folder);
  await writeFile(join(TARGET, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);
  console.log(`${Object.keys(expected.contents.objects).length} objects in ${TARGET}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
