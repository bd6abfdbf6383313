/**
 * The tables of the rules: who may import what in `src/`. Paths are below `src/`. An entry that ends in `.ts` is one
 * file, in `/` a folder; any other is both, the file of that name and the folder with its parts.
 */

/** The districts in their order: a file imports its own district and those before it. */
export const DISTRICTS = [
  'base',
  'media',
  'storage',
  'aliyun',
  'events',
  'net',
  'http',
  'config',
  'rpc',
  'sts',
  'rtmp',
  'recording',
  'watch',
  'notify',
  'oss',
  'live',
  'ingest',
  'control-plane',
  'emulator',
  'testing',
  'cli',
  'console',
];

/** The only files beside the districts: the command and the library. They import every district but the page. */
export const ROOT_FILES = ['main.ts', 'index.ts'];

/** The page in the browser, a separate program. */
export const PAGE = 'console/';

/** The only files of the emulator whose code the page has too: pure, so that they run in a browser. */
export const CODE_OF_PAGE = ['base/shell-word.ts', 'base/string-literals.ts', 'events/lost-media.ts'];

/** Chooses the adapters and wires everything. */
export const COMPOSITION = 'emulator/';

/** Each port and the files of each of its adapters. */
export const ADAPTERS: readonly { readonly port: string; readonly files: readonly string[] }[] = [
  { port: 'storage/metadata/metadata-store.ts', files: ['storage/metadata/sqlite'] },
  { port: 'storage/metadata/metadata-store.ts', files: ['storage/metadata/postgres'] },
  { port: 'storage/leases/leases.ts', files: ['storage/leases/in-process-leases.ts'] },
  { port: 'storage/leases/leases.ts', files: ['storage/leases/postgres', 'storage/leases/postgres-leases.ts'] },
  { port: 'storage/message-queues/message-queues.ts', files: ['storage/message-queues/postgres-message-queues.ts'] },
  { port: 'storage/event-log/event-log.ts', files: ['storage/event-log/postgres-event-log.ts'] },
  { port: 'storage/objects/object-store.ts', files: ['storage/objects/filesystem'] },
  { port: 'storage/objects/object-store.ts', files: ['storage/objects/memory.ts'] },
  { port: 'storage/objects/object-store.ts', files: ['storage/objects/remote/remote-store.ts'] },
  {
    port: 'storage/objects/remote/remote-bucket.ts',
    files: ['storage/objects/remote/s3-bucket.ts', 'storage/objects/remote/oss-bucket.ts'],
  },
  { port: 'recording/segmenter/segmenter.ts', files: ['recording/segmenter/ffmpeg-muxer.ts'] },
  { port: 'recording/segmenter/segmenter.ts', files: ['recording/segmenter/mpeg-ts-muxer.ts'] },
  { port: 'watch/audio/opus-encoder.ts', files: ['watch/audio/ffmpeg-opus.ts'] },
  {
    port: 'watch/audio/opus-encoder.ts',
    files: ['watch/audio/libav-opus.ts', 'watch/audio/libav-transcoder.ts'],
  },
];

/**
 * No input or output and no time: bytes and values in, bytes and values out. A pure file imports pure files and the
 * packages named here, nothing else, so that what it reaches is pure too.
 */
export const PURE: readonly { readonly files: string; readonly packages: readonly string[] }[] = [
  { files: 'base/account.ts', packages: [] },
  { files: 'base/cut-text.ts', packages: [] },
  { files: 'base/date-range.ts', packages: [] },
  { files: 'base/dates.ts', packages: ['valibot'] },
  { files: 'base/detached-text.ts', packages: [] },
  { files: 'base/encoded-json.ts', packages: [] },
  { files: 'base/error-code.ts', packages: [] },
  { files: 'base/error-text.ts', packages: [] },
  { files: 'base/errors.ts', packages: [] },
  { files: 'base/push-source.ts', packages: [] },
  { files: 'base/redact.ts', packages: [] },
  { files: 'base/shell-word.ts', packages: [] },
  { files: 'base/string-literals.ts', packages: [] },
  { files: 'base/text-bytes.ts', packages: [] },
  { files: 'media/', packages: [] },
  { files: 'storage/leases/leases.ts', packages: [] },
  { files: 'storage/metadata/metadata-store.ts', packages: [] },
  { files: 'storage/metadata/records.ts', packages: [] },
  { files: 'storage/metadata/stored-rows.ts', packages: [] },
  { files: 'storage/objects/restore.ts', packages: [] },
  { files: 'storage/objects/storage-class.ts', packages: [] },
  { files: 'storage/objects/stored-headers.ts', packages: [] },
  { files: 'aliyun/auth/', packages: ['node:crypto'] },
  { files: 'aliyun/policy/', packages: ['node:net'] },
  { files: 'aliyun/endpoint.ts', packages: [] },
  { files: 'aliyun/rpc-error.ts', packages: [] },
  { files: 'aliyun/xml/', packages: ['xml2js', 'sax', 'saxes'] },
  { files: 'events/lost-media.ts', packages: [] },
  { files: 'rtmp/amf0.ts', packages: [] },
  { files: 'rtmp/amf3.ts', packages: [] },
  { files: 'rtmp/chunks.ts', packages: [] },
  { files: 'rtmp/commands.ts', packages: [] },
  { files: 'rtmp/messages.ts', packages: [] },
  { files: 'rtmp/protocol-error.ts', packages: [] },
  { files: 'rtmp/publish.ts', packages: [] },
  { files: 'rtmp/skipped-messages.ts', packages: [] },
  { files: 'recording/playlist/', packages: [] },
  { files: 'oss/tagging/', packages: [] },
  { files: 'oss/website/website.ts', packages: [] },
  { files: 'oss/lifecycle/check-rules.ts', packages: [] },
  { files: 'oss/lifecycle/lifecycle-rules.ts', packages: [] },
  { files: 'oss/lifecycle/pass-tally.ts', packages: [] },
];

/**
 * The npm packages of `src/` and the files that may import each. Every file may import modules of Node, except pure
 * files.
 */
export const PACKAGES: ReadonlyMap<string, readonly string[]> = new Map([
  ['@aws-sdk/client-s3', ['storage/objects/remote/s3-bucket.ts']],
  ['@fastify/busboy', ['http/multipart-form.ts']],
  ['@koa/router', ['control-plane/admin/']],
  ['@libav.js/variant-mediarecorder-transcoder', ['watch/audio/libav-opus.ts', 'watch/audio/libav-transcoder.ts']],
  ['@preact/signals', [PAGE]],
  ['@valibot/to-json-schema', ['control-plane/admin/']],
  ['ali-oss', ['storage/objects/remote/oss-bucket.ts']],
  ['better-sqlite3', ['storage/sqlite/better-sqlite3.ts']],
  ['cross-spawn', ['cli/commands/exec-command.ts']],
  ['hls.js', [PAGE]],
  ['image-size', ['oss/rest/object/upload-callback.ts']],
  ['koa', ['oss/rest/', 'control-plane/admin/']],
  [
    'kysely',
    [
      'storage/metadata/sql/',
      'storage/metadata/sqlite',
      'storage/metadata/postgres',
      'storage/postgres/',
      'storage/leases/postgres/',
      'storage/event-log/postgres-event-log.ts',
      'storage/message-queues/postgres-message-queues.ts',
    ],
  ],
  ['modern-tar', ['control-plane/export-file/']],
  ['node-forge', ['net/certificate/']],
  ['oss-livechannel-emulator', ['base/package-root.ts']],
  ['pg', ['storage/postgres/']],
  ['p-limit', ['base/', 'notify/', 'storage/objects/remote/']],
  ['preact', [PAGE]],
  ['prom-client', ['control-plane/admin/metrics.ts']],
  ['sax', ['aliyun/xml/']],
  ['saxes', ['aliyun/xml/']],
  [
    'valibot',
    [
      'base/',
      'storage/metadata/',
      'config/',
      'oss/access/',
      'oss/rest/bucket/stored-configurations.ts',
      'live/',
      'control-plane/',
    ],
  ],
  ['werift', ['watch/web-rtc/dtls.ts']],
  ['xml2js', ['aliyun/xml/']],
]);

/** May import a package by a computed name: an optional one, which a test replaces. */
export const COMPUTED_IMPORTS = ['recording/segmenter/ffmpeg-binary.ts', 'emulator/find-opus-encoder.ts'];

/** The only readers of the time and setters of timers. */
export const CLOCKS = ['base/clock.ts', 'console/browser-clock.ts'];

/** The only file that ends the process. */
export const PROCESS_ENDS_IN = 'main.ts';

/** Entries that match no file: such a rule has no effect, e.g. after a file was renamed. */
export function everyEntryNamesAFile(files: readonly { readonly path: string }[]): readonly string[] {
  const entries = [
    ...DISTRICTS.map((district) => `${district}/`),
    ...ROOT_FILES,
    ...ADAPTERS.flatMap((adapter) => [adapter.port, ...adapter.files]),
    ...PURE.map((entry) => entry.files),
    ...[...PACKAGES.values()].flat(),
    ...CODE_OF_PAGE,
    ...COMPUTED_IMPORTS,
    ...CLOCKS,
  ];
  return entries
    .filter((entry) => !files.some(({ path }) => covers(entry, path)))
    .map((entry) => `'${entry}' in test/boundaries/layout.ts names no file of src/: follow the rename or delete it`);
}

/** Whether an entry of these tables names the file. */
export function covers(entry: string, path: string): boolean {
  return path === entry || path === `${entry}.ts` || path.startsWith(entry.endsWith('/') ? entry : `${entry}/`);
}
