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
const session = (changes = {}): Row => ({
  table: 'sessions',
  row: {
    id: 's',
    bucket: 'media',
    channel: 'cam',
    incarnation: 'x',
    startedMs: 1,
    endedMs: 2,
    remoteAddr: '127.0.0.1:1',
    playlistName: 'playlist.m3u8',
    ...changes,
  },
});
const playlist = (changes = {}): Row => ({
  table: 'livePlaylists',
  row: { number: 1, id: 'x/playlist.m3u8', nextSequence: 1, discontinuities: 0, ...changes },
});
const fragment = (changes = {}): Row => ({
  table: 'fragments',
  row: {
    source: 'live:example.com/app/s',
    startMs: 1,
    uploadedMs: 2,
    durationMs: 5_000.5,
    sessionId: 's',
    playlist: 1,
    sequence: 0,
    discontinuity: 0,
    discontinuityCount: 0,
    path: 'media/k',
    widthPx: 640,
    heightPx: 360,
    objectId: null,
    isCovered: 0,
    ...changes,
  },
});
/** A bucket with one configuration. */
const configured = (name: string, configuration: unknown): readonly Row[] => [
  bucket({ configurations: JSON.stringify({ [name]: JSON.stringify(configuration) }) }),
];
const document = (kind: string, body: unknown, changes = {}): Row => ({
  table: 'documents',
  row: { kind, scope: 's', name: 'n', createdMs: NOW.nowMs, body: JSON.stringify(body), ...changes },
});

function exportOf(
  rows: readonly Row[],
  clock: Clock = NOW,
  bytes: readonly string[] = [],
  changes = {},
): Promise<Uint8Array> {
  const head = {
    format: 'oss-livechannel-export',
    version: 1,
    emulator: '0.2.0',
    createdMs: NOW.nowMs,
    clock,
    rows: rows.length,
    byteStrings: bytes.length,
    sizeBytes: bytes.join('').length,
    ...changes,
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
const HALF = 'a\ud83d';
const LONG = 'x'.repeat(70_000);
const AFTER_ALL_NUMBERS = Number.MAX_SAFE_INTEGER;

/** Of each kind of configuration documents that its operation would not store. */
const CONFIGURATIONS: Readonly<Record<string, readonly (readonly [unknown, RegExp])[]>> = {
  accessMonitor: [
    [5, /must be an object/],
    [{ status: 'On', sinceMs: 1 }, /status unknown value "On"/],
    [{ status: 'Enabled', sinceMs: AFTER_ALL_DATES }, /sinceMs must be a time/],
  ],
  versioning: [
    [7, /must be an object/],
    [{ status: 'On' }, /status unknown value "On"/],
  ],
  cors: [
    [5, /must be an object/],
    [{ rules: [{}] }, /allowedOrigins/],
    [{ rules: [] }, /is refused \(there is no CORSRule\)/],
    [
      { rules: [{ allowedOrigins: ['*'], allowedMethods: ['GET'], allowedHeaders: [], exposeHeaders: ['a\nb'] }] },
      /no header can carry/,
    ],
  ],
  encryption: [
    [5, /must be an object/],
    [{ algorithm: 'ROT13' }, /is refused/],
  ],
  lifecycle: [
    [5, /must be an object/],
    [{ rules: [] }, /there is no Rule/],
    [{ rules: [{}] }, /rules\[0\]/],
    [{ rules: [rule({ expiration: { when: { kind: 'zz' } } })] }, /rules\[0\]\.expiration\.when/],
    [{ rules: [rule({ expiration: { when: { kind: 'days', days: 2 ** 31 } } })] }, /Days is not a positive integer/],
    [
      { rules: [rule({ expiration: { when: { kind: 'date', dateMs: AFTER_ALL_DATES } } })] },
      /dateMs must be a time of the years/,
    ],
    [{ rules: [rule({ expiration: { when: { kind: 'date', dateMs: 1_000 } } })] }, /is not a midnight/],
    [{ rules: [rule({ transitions: [{}] })] }, /transitions\[0\]/],
    [{ rules: [rule({}), rule({})] }, /Rule ID must be unique/],
  ],
  referer: [
    [5, /must be an object/],
    [{ referers: [5], blacklist: [] }, /referers\[0\] must be a text/],
  ],
  responseHeader: [
    [5, /must be an object/],
    [{ rules: [{ name: 'r', operations: ['Get Object'], hideHeaders: [] }] }, /Operation of the response header/],
  ],
  redundancy: [
    [5, /must be an object/],
    [{ type: 'XRS' }, /type unknown value "XRS"/],
  ],
  tagging: [
    [5, /must be an object/],
    [{ tags: [{ key: '', value: '' }] }, /must not be empty/],
    [{ tags: [{ key: HALF, value: '' }] }, /halves of surrogate pairs/],
    [{ tags: [{ key: 'a\0', value: '' }] }, /without NUL/],
  ],
  callbackPolicy: [
    [5, /must be an object/],
    [{ items: [{ name: '', callback: 'x', callbackVar: '' }] }, /PolicyName of the callback policy is invalid/],
  ],
  website: [
    [5, /must be an object/],
    [{ rules: [], content: {} }, /none of IndexDocument/],
    [{ index: { suffix: 'i.html' }, rules: [], content: [] }, /none of IndexDocument/],
    [{ index: { suffix: 'i.html' }, rules: [], content: { 'a b': 'x' } }, /content.a b must be the name of an element/],
    [{ index: { suffix: 'i.html' }, rules: [], content: { IndexDocument: {} } }, /none of IndexDocument/],
    [JSON.parse('{"index":{"suffix":"i"},"rules":[],"content":{"__proto__":"x"}}'), /named __proto__/],
  ],
  policy: [
    [5, /must be a text/],
    ['{}', /The policy is invalid/],
    ['x'.repeat(20_000), /larger than 16384 bytes/],
  ],
  requestPayment: [['Nobody', /unknown value "Nobody"/]],
  publicAccessBlock: [['yes', /must be true or false/]],
};

/** Of lifecycle. */
function rule(changes: object) {
  const expiration = { when: { kind: 'days', days: 3 } };
  return {
    id: 'r',
    prefix: 'x/',
    isEnabled: true,
    tags: [],
    expiration,
    transitions: [],
    noncurrentTransitions: [],
    ...changes,
  };
}

/** What is put to each sub-resource of a bucket. */
const STORED: Readonly<Record<string, string>> = {
  accessmonitor: '<AccessMonitorConfiguration><Status>Enabled</Status></AccessMonitorConfiguration>',
  versioning: '<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>',
  cors: '<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><MaxAgeSeconds>5</MaxAgeSeconds></CORSRule></CORSConfiguration>',
  encryption:
    '<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>KMS</SSEAlgorithm></ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>',
  lifecycle: `<LifecycleConfiguration>
    <Rule><Prefix>a/</Prefix><Status>Enabled</Status><Tag><Key>名</Key><Value/></Tag><Expiration><CreatedBeforeDate>2020-01-01T00:00:00.000Z</CreatedBeforeDate></Expiration>
      <Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><Not><Prefix>a/b</Prefix></Not></Filter></Rule>
    <Rule><ID>two</ID><Prefix>b/</Prefix><Status>Disabled</Status><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>
      <Transition><Days>30</Days><StorageClass>IA</StorageClass><IsAccessTime>true</IsAccessTime><ReturnToStdWhenVisit>true</ReturnToStdWhenVisit></Transition>
      <AbortMultipartUpload><Days>1</Days></AbortMultipartUpload>
      <NoncurrentVersionExpiration><NoncurrentDays>9</NoncurrentDays></NoncurrentVersionExpiration>
      <NoncurrentVersionTransition><NoncurrentDays>5</NoncurrentDays><StorageClass>IA</StorageClass></NoncurrentVersionTransition></Rule>
    </LifecycleConfiguration>`,
  referer:
    '<RefererConfiguration><AllowEmptyReferer>true</AllowEmptyReferer><RefererList><Referer>http://a</Referer></RefererList></RefererConfiguration>',
  responseHeader:
    '<ResponseHeaderConfiguration><Rule><Name>r</Name><Filters><Operation>Put*</Operation></Filters><HideHeaders><Header>ETag</Header></HideHeaders></Rule></ResponseHeaderConfiguration>',
  tagging: '<Tagging><TagSet><Tag><Key>k</Key><Value>名</Value></Tag></TagSet></Tagging>',
  'policy&comp=callback':
    '<BucketCallbackPolicy><PolicyItem><PolicyName>p</PolicyName><Callback>e30=</Callback></PolicyItem></BucketCallbackPolicy>',
  website: `<WebsiteConfiguration><IndexDocument><Suffix>i.html</Suffix></IndexDocument><RoutingRules><RoutingRule><RuleNumber>1</RuleNumber>
      <Condition><KeyPrefixEquals>x/</KeyPrefixEquals><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition>
      <Redirect><RedirectType>Mirror</RedirectType><MirrorURL>http://a.example/</MirrorURL><MirrorHeaders><Pass>a</Pass></MirrorHeaders></Redirect></RoutingRule></RoutingRules></WebsiteConfiguration>`,
  policy:
    '{"Version":"1","Statement":[{"Action":["oss:GetObject"],"Effect":"Allow","Principal":["123"],"Resource":["acs:oss:*:*:media/*"]}]}',
  requestPayment: '<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>',
  publicAccessBlock:
    '<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>',
};

/** Columns with values that no operation stores there. */
const COLUMNS: readonly (readonly [string, (changes: object) => readonly Row[], object, RegExp])[] = [
  ...[HALF, 'a\0b'].flatMap((odd) =>
    (
      [
        ['key', (changes: object) => [bucket(), object(changes)], { key: odd }],
        ['key', (changes: object) => [bucket(), upload(changes)], { key: odd }],
        ['description', (changes: object) => [bucket(), channel(changes)], { description: odd }],
        ['id', (changes: object) => [session(changes)], { id: odd }],
        ['id', (changes: object) => [playlist(changes)], { id: odd }],
        ['path', (changes: object) => [playlist(), fragment(changes)], { path: `media/${odd}` }],
        ['scope', (changes: object) => [document('domain', DOCUMENTS.domain, changes)], { scope: odd }],
        ['name', (changes: object) => [document('domain', DOCUMENTS.domain, changes)], { name: odd }],
      ] as const
    ).map(([column, rows, changes]) => {
      const message = new RegExp(`row\\.${column} must (not have a NUL|be Unicode without halves)`);
      return [`${column} is ${JSON.stringify(odd)}`, rows, changes, message] as const;
    }),
  ),
  ...['\u0001', 'me', '', '1'.repeat(33)].map(
    (owner) =>
      [
        `owner is ${JSON.stringify(owner)}`,
        (changes: object) => [bucket(changes)],
        { owner },
        /row\.owner must/,
      ] as const,
  ),
  ...['etag', 'crc64', 'contentMd5'].map(
    (column) =>
      [
        `${column} is very long`,
        (changes: object) => [bucket(), object({ location: 1, ...changes })],
        { [column]: LONG },
        new RegExp(`row\\.${column} must be up to 128 visible ASCII characters`),
      ] as const,
  ),
  ...[
    [{ etag: 'a"b' }, /row\.etag must/],
    [{ versionId: LONG }, /row\.versionId must/],
    [{ versionId: 'abc' }, /row\.versionId must be the id of a version/],
    [{ id: AFTER_ALL_NUMBERS }, /row\.id must be a whole number from 1 to 4503599627370496/],
    [{ id: 2 ** 53 }, /row\.id must be a whole number that JSON carries exactly/],
    [{ sizeBytes: 1e300 }, /row\.sizeBytes must be a whole number that JSON carries exactly/],
    [{ location: LONG }, /row\.location/],
    [{ headers: '{"x-oss-symlink-target":"%zz"}' }, /symbolic link is missing or not URL-encoded/],
    [{ headers: '{"x-oss-symlink-target":"%2Fa"}' }, /row\.headers .*is refused/],
    [{ headers: '{"x-oss-storage-class":"Warm"}' }, /x-oss-storage-class is none/],
    [{ headers: '{"x-oss-server-side-encryption":"ROT13"}' }, /The Encryption request/],
    [{ headers: '{"x-oss-request-id":"a"}' }, /x-oss-request-id is not stored with objects/],
    [{ headers: JSON.stringify({ 'x-oss-meta-a': LONG }) }, /must not exceed 16384 characters/],
    [{ headers: JSON.stringify({ 'x-oss-tagging': LONG }) }, /is longer than 65536 characters/],
  ].map(
    ([changes, message]) =>
      [
        `an object has ${JSON.stringify(changes).slice(0, 60)}`,
        (change: object) => [bucket(), object({ location: 1, ...change })],
        changes,
        message,
      ] as [string, (changes: object) => readonly Row[], object, RegExp],
  ),
  [
    'an upload has a long id',
    (changes) => [bucket(), upload(changes)],
    { uploadId: LONG },
    /row\.uploadId must not be longer/,
  ],
  ['an address has a line break', (changes) => [session(changes)], { remoteAddr: 'a\nb' }, /row\.remoteAddr must/],
  [
    'a playlist has counted to the end',
    (changes) => [playlist(changes)],
    { nextSequence: AFTER_ALL_NUMBERS },
    /row\.nextSequence/,
  ],
  [
    'a playlist has counted its discontinuities to the end',
    (changes) => [playlist(changes)],
    { discontinuities: AFTER_ALL_NUMBERS },
    /row\.discontinuities must be a whole number from 0 to 4503599627370496/,
  ],
  ...[
    [{ durationMs: 1e300 }, /row\.durationMs must not be more than 4294967296/],
    [{ sequence: AFTER_ALL_NUMBERS }, /row\.sequence/],
    [{ discontinuityCount: AFTER_ALL_NUMBERS }, /row\.discontinuityCount/],
    [{ widthPx: 2 ** 31 }, /row\.widthPx must be a whole number from 0 to 2147483647/],
    [{ heightPx: 2 ** 31 }, /row\.heightPx/],
    [{ objectId: AFTER_ALL_NUMBERS }, /row\.objectId/],
    [{ source: 'nope/../x' }, /row\.source must be a channel of a bucket or a stream/],
    [{ source: 'live:example.com/a' }, /row\.source/],
    [{ source: 'live:example.com/app/a\nb' }, /row\.source/],
    [{ path: 'nowhere' }, /row\.path must be a bucket and a key/],
    [{ path: '../k' }, /row\.path/],
    [{ playlist: 99 }, /row 2: there is no playlist 99/],
  ].map(
    ([changes, message]) =>
      [
        `a fragment has ${JSON.stringify(changes)}`,
        (change: object) => [playlist(), fragment(change)],
        changes,
        message,
      ] as [string, (changes: object) => readonly Row[], object, RegExp],
  ),
  [
    'a document has a half of a surrogate pair',
    (changes) => [document('domain', { ...DOCUMENTS.domain, ...changes })],
    { region: HALF },
    /is no document of the kind domain: must be Unicode without NUL and halves of surrogate pairs/,
  ],
];

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
  ...Object.entries(CONFIGURATIONS).flatMap(([name, wrong]) =>
    wrong.map(([configuration, message], index): [string, readonly Row[], RegExp] => [
      `a bucket has a ${name} that cannot be one (${index + 1})`,
      configured(name, configuration),
      new RegExp(`row 1: row\\.configurations has a ${name} that cannot be one: it .*${message.source}`),
    ]),
  ),
  [
    'a bucket has an unknown configuration',
    configured('lifecycel', {}),
    /unknown configuration "lifecycel" \(did you mean/,
  ],
  ...COLUMNS.map(([what, rows, changes, message]): [string, readonly Row[], RegExp] => [what, rows(changes), message]),
];

describe('an import changes nothing when, with a correct checksum,', () => {
  let to: RunningEmulator;
  beforeAll(async () => {
    to = await startEmulator({ auth: 'off' });
    await fetch(`${to.endpoint}/examplebucket/mine`, { method: 'PUT', body: 'mine' });
  });
  afterAll(() => to.stop());

  async function expectRefused(body: Uint8Array, message: RegExp): Promise<void> {
    const refused = await imported(to, body);
    const { error } = JSON.parse(refused.text);
    expect(error).toMatch(message);
    expect(error).toMatch(/^[^\n]{1,400}\.$/);
    expect(refused.status).toBe(400);
    expect(await (await fetch(`${to.endpoint}/examplebucket/mine`)).text()).toBe('mine');
  }

  it.each(REFUSED)('%s', async (_what, rows, message, clock) => {
    await expectRefused(await exportOf(rows, clock), message);
  });

  it.each([
    ['more bytes than its rows name', { sizeBytes: 6 }, /its rows name more or fewer bytes than it says/],
    ['more bytes than there are numbers', { sizeBytes: 1e300 }, /oss-livechannel-export\.json is not as it must be/],
    ['more rows than it has', { rows: 3 }, /it has other rows than it says/],
  ] as const)('it says that it has %s', async (_what, changes, message) => {
    const rows = [bucket(), object({ location: 1, sizeBytes: 5 })];
    await expectRefused(await exportOf(rows, NOW, ['hello'], changes), message);
  });
});

describe('an import of the highest numbers', () => {
  it('leaves numbers for what comes after it', async () => {
    const to = await start({ buckets: [] });
    const highest = 2 ** 52;
    const rows = [
      bucket(),
      object({ id: highest, location: 1, sizeBytes: 5 }),
      channel(),
      playlist({ nextSequence: highest, discontinuities: highest }),
    ];
    expect(await imported(to, await exportOf(rows, NOW, ['hello']))).toMatchObject({ status: 200 });
    for (const body of ['1', '2', '3']) {
      expect((await fetch(`${to.endpoint}/media/new`, { method: 'PUT', body })).status).toBe(200);
    }
    expect(await (await fetch(`${to.endpoint}/media/new`)).text()).toBe('3');
    const push = await to.publish({ bucket: 'media', channel: 'cam', durationSec: 12, speed: 'max' });
    await push.done;
    const live = await (await fetch(`${to.endpoint}/media/cam/playlist.m3u8`)).text();
    expect(live).toContain(`#EXT-X-MEDIA-SEQUENCE:${highest}\n`);
  });
});

describe('an import of what the operations stored', () => {
  it('is answered as before, whatever is configured', async () => {
    const from = await start({ buckets: [] });
    const put = async (path: string, body = '', headers: Record<string, string> = {}) => {
      const response = await fetch(`${from.endpoint}/${path}`, { method: 'PUT', body, headers });
      expect([path, response.status, await response.text()]).toEqual([path, 200, '']);
    };
    await put(
      'media',
      '<CreateBucketConfiguration><DataRedundancyType>ZRS</DataRedundancyType></CreateBucketConfiguration>',
    );
    for (const [name, body] of Object.entries(STORED)) await put(`media?${name}`, body);
    await put('media/link?symlink', '', { 'x-oss-symlink-target': encodeURIComponent('名 /😀\u0001') });
    const kms = { 'x-oss-server-side-encryption': 'KMS', 'x-oss-server-side-data-encryption': 'SM4' };
    await put('media/kms', 'x', { ...kms, 'x-oss-tagging': 'a=%E5%90%8D&b', 'x-oss-meta-long': 'x'.repeat(8_000) });
    const to = await start({ buckets: [] });
    const exported = await fetch(`${from.endpoint}/_emulator/export`);
    expect(await imported(to, new Uint8Array(await exported.arrayBuffer()))).toMatchObject({ status: 200 });
    for (const path of [...Object.keys(STORED).map((name) => `?${name}`), '/link?symlink', '/kms', '/kms?tagging']) {
      const [before, after] = await Promise.all(
        [from, to].map(async ({ endpoint, port }) => {
          const response = await fetch(`${endpoint}/media${path}`);
          const headers = [...response.headers].filter(([name]) => /^x-oss-(meta|server-side|symlink)/.test(name));
          return [response.status, headers, (await response.text()).replaceAll(`:${port}`, ':PORT')];
        }),
      );
      expect([path, after]).toEqual([path, before]);
      expect(before?.[0]).toBe(200);
    }
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
