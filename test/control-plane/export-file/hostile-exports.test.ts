import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packTar } from 'modern-tar';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type EmulatorOptions, type RunningEmulator, startEmulator } from '../../../src/index.ts';

/** Exports that are whole, with a correct checksum, and have in them what no emulator writes. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-exports-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Row = { readonly table: string; readonly row: object };
type Clock = { readonly nowMs: number; readonly frozen: boolean; readonly offsetMs: number };

const NOW: Clock = { nowMs: Date.now(), frozen: false, offsetMs: 0 };
const AFTER_ALL_DATES = 9e15;

const bucket = (changes = {}): Row => ({
  table: 'buckets',
  row: {
    name: 'media',
    acl: 'private',
    storageClass: 'Standard',
    createdMs: 1,
    owner: '1234567890123456',
    configurations: '{}',
    ...changes,
  },
});
const object = (changes = {}): Row => ({
  table: 'objects',
  row: {
    id: 1,
    bucket: 'media',
    key: 'k',
    versionId: 'null',
    isCurrent: 1,
    type: 'Normal',
    sizeBytes: 0,
    etag: 'D41D8CD98F00B204E9800998ECF8427E',
    lastModifiedMs: 1,
    acl: 'default',
    location: '',
    crc64: null,
    contentMd5: null,
    headers: '{}',
    restore: null,
    accessedMs: null,
    ...changes,
  },
});
const upload = (changes = {}): Row => ({
  table: 'uploads',
  row: {
    uploadId: 'u',
    bucket: 'media',
    key: 'k',
    initiatedMs: 1,
    acl: 'default',
    headers: '{}',
    sequential: 0,
    ...changes,
  },
});
const channel = (changes = {}): Row => ({
  table: 'channels',
  row: {
    bucket: 'media',
    name: 'cam',
    incarnation: 'x',
    description: '',
    status: 'enabled',
    fragDurationSec: 5,
    fragCount: 3,
    playlistName: 'playlist.m3u8',
    snapshot: null,
    lastModifiedMs: 1,
    ...changes,
  },
});
const document = (kind: string, body: unknown, changes = {}): Row => ({
  table: 'documents',
  row: { kind, scope: 's', name: 'n', createdMs: NOW.nowMs, body: JSON.stringify(body), ...changes },
});

function exportOf(rows: readonly Row[], clock: Clock = NOW, bytes: readonly string[] = []): Promise<Uint8Array> {
  const head = {
    format: 'oss-livechannel-export',
    version: 1,
    emulator: '0.2.0',
    createdMs: NOW.nowMs,
    clock,
    rows: rows.length,
    byteStrings: bytes.length,
    sizeBytes: bytes.join('').length,
  };
  const contents = [
    ['oss-livechannel-export.json', JSON.stringify(head)],
    ['rows.ndjson', rows.map((row) => `${JSON.stringify(row)}\n`).join('')],
    ...bytes.map((body, index) => [`bytes/${index + 1}`, body] as const),
  ] as const;
  const hash = createHash('sha256');
  for (const [, body] of contents) hash.update(body);
  const entries = [...contents, ['end.json', JSON.stringify({ sha256: hash.digest('hex') })] as const];
  return packTar(
    entries.map(([name, body]) => ({ header: { name, size: Buffer.byteLength(body), mode: 0o600 }, body })),
  );
}

async function start(options: EmulatorOptions = {}): Promise<RunningEmulator> {
  const emulator = await startEmulator({ auth: 'off', ...options });
  onTestFinished(() => emulator.stop());
  return emulator;
}

async function imported(emulator: RunningEmulator, body: Uint8Array) {
  const response = await fetch(`${emulator.endpoint}/_emulator/import`, { method: 'POST', body });
  return { status: response.status, text: await response.text() };
}

const SOURCE = { kind: 'stream', domain: 'example.com', app: 'app', stream: 's' };
const FORMAT = {
  format: 'm3u8',
  objectPrefix: '{StartTime}{EndTime}',
  sliceObjectPrefix: '{UnixTimestamp}{Sequence}',
  cycleDurationSec: 60,
  sliceDurationSec: 5,
};
const CONFIG = {
  domain: 'example.com',
  app: '*',
  stream: '*',
  bucket: 'media',
  endpoint: '',
  startMs: null,
  endMs: null,
  onDemand: 0,
  delayTimeSec: 180,
  formats: [FORMAT],
  transcodeFormats: [],
  transcodeTemplates: [],
};
const RECORDING = { id: 'r', source: SOURCE, config: CONFIG, startedMs: NOW.nowMs, endedMs: null };
const PUSH = {
  id: 'p',
  source: SOURCE,
  startedMs: NOW.nowMs,
  endedMs: null,
  remoteAddr: '127.0.0.1:1',
  localAddr: '127.0.0.1:2',
  publishDomain: 'example.com',
  rawArgs: '',
};
const INDEX_FILE = {
  recordId: 'i',
  recordUrl: '',
  domain: 'example.com',
  app: 'app',
  stream: 's',
  endpoint: '',
  bucket: 'media',
  object: 'o.m3u8',
  startTime: '',
  endTime: '',
  createdMs: 1,
  durationMs: 0,
  widthPx: 0,
  heightPx: 0,
};
const NOTIFY = { notifyUrl: 'http://example.com/', notifyReqAuth: false, notifyAuthKey: '' };
/** As they may be. */
const DOCUMENTS: Readonly<Record<string, object>> = {
  recording: RECORDING,
  'record-config': CONFIG,
  push: PUSH,
  block: { app: 'app', stream: 's', resumeMs: Date.UTC(9999, 0) },
  domain: { type: 'liveVideo', region: '' },
  'domain-mapping': { pull: 'a.example.com', push: 'b.example.com' },
  'index-file': INDEX_FILE,
  'stream-notify': { ...NOTIFY, exceptionNotifyUrl: '' },
  'record-notify': { ...NOTIFY, needStatusNotify: true, onDemandUrl: '' },
  'room-event-subscription': { appId: 'a', channelId: '', callbackUrl: 'http://example.com/', events: [], users: [] },
  'public-access-block': {},
};
const PLACES: Readonly<Record<string, object>> = {
  recording: { scope: 'live:example.com/app/s', name: 'r' },
  push: { scope: 'live:example.com/app/s', name: 'p' },
};
const deep = '['.repeat(2_000_000) + ']'.repeat(2_000_000);

const REFUSED: readonly [string, readonly Row[], RegExp, Clock?][] = [
  ...Object.keys(DOCUMENTS).map((kind): [string, readonly Row[], RegExp] => [
    `a ${kind} is a number`,
    [document(kind, 5)],
    new RegExp(`row 1: row is no document of the kind ${kind}`),
  ]),
  ...Object.keys(DOCUMENTS)
    .filter((kind) => kind !== 'public-access-block')
    .map((kind): [string, readonly Row[], RegExp] => [
      `a ${kind} is empty`,
      [document(kind, {})],
      new RegExp(`row 1: row is no document of the kind ${kind}`),
    ]),
  [
    'a recording has an unknown variable',
    [document('recording', { ...RECORDING, config: { ...CONFIG, formats: [{ ...FORMAT, objectPrefix: '{No}' }] } })],
    /config must follow the rules/,
  ],
  [
    'a push is of a stream with a slash',
    [document('push', { ...PUSH, source: { ...SOURCE, stream: 'a/b' } })],
    /source\.stream must be a name/,
  ],
  ['a document is a secret', [document('room-secret', { text: 'mine' })], /kind of document that is not imported/],
  ['a document is of no known kind', [document('other', {})], /kind of document that is not imported/],
  ['a document is no JSON', [document('domain', {}, { body: '{' })], /is no document/],
  [
    'a document is nested too deep',
    [document('domain', {}, { body: `{"type":"liveVideo","region":"","x":${deep}}` })],
    /is no document/,
  ],
  [
    'the clock is ahead of all dates',
    [bucket()],
    /^The clock of the export is outside of the range of dates/,
    { ...NOW, offsetMs: 1e15 },
  ],
  [
    'the clock stands after all dates',
    [bucket()],
    /oss-livechannel-export\.json is not as it must be/,
    { nowMs: AFTER_ALL_DATES, frozen: true, offsetMs: 0 },
  ],
  ['a bucket was made after all dates', [bucket({ createdMs: AFTER_ALL_DATES })], /row\.createdMs must be a time from/],
  [
    'an object was stored after all dates',
    [bucket(), object({ lastModifiedMs: AFTER_ALL_DATES })],
    /row 2: row\.lastModifiedMs/,
  ],
  [
    'a channel was changed after all dates',
    [bucket(), channel({ lastModifiedMs: AFTER_ALL_DATES })],
    /row\.lastModifiedMs/,
  ],
  [
    'a document was made after all dates',
    [document('domain', DOCUMENTS.domain, { createdMs: AFTER_ALL_DATES })],
    /row\.createdMs/,
  ],
  ['a bucket is named like a folder', [bucket({ name: '../x' })], /row\.name must be the name of a bucket/],
  ['a bucket is named like an element', [bucket({ name: '<img>' })], /row\.name must be the name of a bucket/],
  ['a bucket is of no storage class', [bucket({ storageClass: 'x' })], /row\.storageClass/],
  ['a bucket has a list of configurations', [bucket({ configurations: '[]' })], /row\.configurations/],
  ['a bucket has a configuration that is no JSON', [bucket({ configurations: '{"cors":"{"}' })], /row\.configurations/],
  ['a bucket has a nested configuration', [bucket({ configurations: deep })], /row\.configurations/],
  [
    'a bucket has a configuration that is nested',
    [bucket({ configurations: JSON.stringify({ cors: deep }) })],
    /row\.configurations/,
  ],
  ['an object is in no bucket', [object({ location: 1 })], /row 1: there is no bucket media/],
  ['an upload is in no bucket', [upload()], /row 1: there is no bucket media/],
  ['a channel is in no bucket', [channel()], /row 1: there is no bucket media/],
  ['a key is too long', [bucket(), object({ key: 'k'.repeat(1_024) })], /row\.key is refused/],
  ['a key begins with a slash', [bucket(), upload({ key: '/k' })], /row\.key is refused/],
  ['a key has a NUL', [bucket(), object({ key: 'a\0b' })], /row\.key must not have a NUL/],
  ['an object has a size and no bytes', [bucket(), object({ sizeBytes: 5 })], /row must have bytes/],
  ['a header has a line break', [bucket(), object({ headers: '{"content-type":"a\\r\\nx-evil: 1"}' })], /row\.headers/],
  ['a header is a number', [bucket(), upload({ headers: '{"content-type":5}' })], /row\.headers/],
  ['a header is that of the answer', [bucket(), object({ headers: '{"content-length":"1"}' })], /row\.headers/],
  ['headers are a number', [bucket(), object({ headers: '5' })], /row\.headers/],
  ['an ETag has a line break', [bucket(), object({ etag: 'a\nb' })], /row\.etag/],
  ['a restore is a number', [bucket(), object({ restore: '5' })], /row\.restore/],
  [
    'a channel has a slash',
    [bucket(), channel({ name: 'a/b' })],
    /row\.name is refused \(ChannelName must not contain a slash\)/,
  ],
  [
    'a channel has no fragments',
    [bucket(), channel({ fragCount: 0 })],
    /row is refused \(FragCount must be an integer/,
  ],
  [
    'a channel has a snapshot that is a number',
    [bucket(), channel({ snapshot: '5' })],
    /row\.snapshot must be an object/,
  ],
  [
    'a channel has a playlist of another kind',
    [bucket(), channel({ playlistName: 'a/b.m3u8' })],
    /row is refused \(PlaylistName/,
  ],
];

describe('an import changes nothing when, with a correct checksum,', () => {
  it.each(REFUSED)('%s', async (_what, rows, message, clock) => {
    const to = await start();
    await fetch(`${to.endpoint}/examplebucket/mine`, { method: 'PUT', body: 'mine' });
    const refused = await imported(to, await exportOf(rows, clock));
    expect(refused.status).toBe(400);
    const { error } = JSON.parse(refused.text);
    expect(error).toMatch(message);
    expect(error).toMatch(/^[^\n]{1,400}\.$/);
    expect(await (await fetch(`${to.endpoint}/examplebucket/mine`)).text()).toBe('mine');
  });
});

describe('an import of rows of every kind', () => {
  it('is stored, also with fields of a later version, and the next start reads them', async () => {
    const dataDir = join(folder, 'kinds');
    const first = await startEmulator({ dataDir, memory: false, auth: 'off' });
    const documents = Object.entries(DOCUMENTS).map(([kind, body]) =>
      document(kind, { ...body, later: 1 }, PLACES[kind]),
    );
    const rows = [
      bucket(),
      object({ headers: '{"content-type":"text/plain"}', location: 1, sizeBytes: 5 }),
      upload(),
      channel(),
      ...documents,
    ];
    expect(await imported(first, await exportOf(rows, NOW, ['hello']))).toMatchObject({ status: 200 });
    await first.stop();
    const second = await start({ dataDir, memory: false });
    const response = await fetch(`${second.endpoint}/_emulator/live/recordings`);
    expect(await response.json()).toMatchObject({ recordings: [{ id: 'r' }] });
    const stored = await fetch(`${second.endpoint}/media/k`);
    expect([stored.headers.get('content-type'), await stored.text()]).toEqual(['text/plain', 'hello']);
  });
});
