import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The rules of docs/architecture.md about who may import whom. */
const SOURCE = fileURLToPath(new URL('../src/', import.meta.url));

/** Small vocabulary that anybody may use; it uses nothing but itself. */
const SHARED = [
  'bucket-name.ts',
  'clock.ts',
  'controllable-clock.ts',
  'endpoint.ts',
  'errors.ts',
  'fields.ts',
  'keyed-lock.ts',
  'log.ts',
  'media-stat.ts',
  'moment.ts',
  'nearest.ts',
  'package-root.ts',
  'rpc-error.ts',
  'socket-addresses.ts',
  'source.ts',
];

/** What each module may import besides itself and SHARED: whole modules, or single files of them. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  admin: [
    'config.ts',
    'control',
    'egress/viewers.ts',
    'events',
    'faults',
    'mns/errors.ts',
    'publisher',
    'rtmp/client.ts',
    'seed',
  ],
  auth: [],
  certificate: [],
  channel: ['metadata/store.ts', 'playlist'],
  codecs: [],
  // The page; it takes the types of what it talks to, and nothing that runs (see below).
  console: ['admin/api.ts', 'admin/route.ts', 'events', 'faults/rule.ts', 'publisher/request.ts'],
  commands: [
    'admin/api.ts',
    'admin/route.ts',
    'banner.ts',
    'command-line.ts',
    'config.ts',
    'emulator.ts',
    'metadata/data-folder-lock.ts',
    'muxers.ts',
    'publisher',
    'seed',
    'testing',
    'viewing.ts',
  ],
  control: [
    'auth',
    'channel',
    'config.ts',
    'egress/viewers.ts',
    'events',
    'faults',
    'live',
    'metadata/store.ts',
    'mns/dead-letters.ts',
    'objects/store.ts',
    'publisher',
    'rest/observer.ts',
    'seed',
  ],
  // Shows streams to viewers; the frames are handed to it.
  egress: [
    'auth',
    'codecs',
    'events',
    'playlist/m3u8.ts',
    'rest/address.ts',
    'rest/receive-request.ts',
    'rest/send.ts',
    'rtmp/amf0.ts',
    'segmenter/flv-writer.ts',
    'segmenter/mpeg-ts/adts.ts',
    'segmenter/segmenter.ts',
    'segmenter/session.ts',
  ],
  events: [],
  faults: [
    'events',
    'ingest/faults.ts',
    'live/faults.ts',
    'metadata/store.ts',
    'objects/store.ts',
    'rest/observer.ts',
    'rtmp/publish.ts',
    'segmenter/segmenter.ts',
  ],
  fragments: ['events', 'metadata/store.ts', 'objects/store.ts', 'playlist', 'segmenter/segmenter.ts'],
  ingest: [
    'auth',
    'channel',
    'codecs',
    'egress/watchable.ts',
    'events',
    'fragments',
    'live/domains.ts',
    'live/live-rooms.ts',
    'live/rooms/rooms.ts',
    'live/rooms/token.ts',
    'live/live-streams.ts',
    'live/stream-refused.ts',
    'live/streams.ts',
    'metadata/store.ts',
    'objects/store.ts',
    'playlist/store.ts',
    'rtmp',
    'segmenter/segmenter.ts',
    'segmenter/session.ts',
    'snapshot',
  ],
  live: [
    'auth',
    'egress/directory.ts',
    'egress/watchable.ts',
    'events',
    'fragments/shelf.ts',
    'metadata/store.ts',
    'objects/objects.ts',
    'playlist',
    'rest/address.ts',
    'rest/observer.ts',
    'rest/receive-request.ts',
    'rest/send.ts',
    'xml/write.ts',
  ],
  metadata: [],
  mns: ['auth/request.ts', 'events', 'xml'],
  objects: ['metadata/store.ts'],
  playlist: [],
  publisher: ['events', 'rtmp'],
  rest: ['auth', 'metadata/store.ts', 'objects', 'xml'],
  rtmp: [],
  seed: [
    'channel',
    'events',
    'fragments/live-playlist.ts',
    'metadata/store.ts',
    'objects',
    'playlist',
    'publisher/clip.ts',
    'rtmp',
    'segmenter/mpeg-ts/packets.ts',
    'segmenter/mpeg-ts/pes.ts',
    'segmenter/segmenter.ts',
    'segmenter/session.ts',
  ],
  segmenter: ['codecs'],
  snapshot: ['codecs', 'events', 'metadata/store.ts', 'objects', 'segmenter/mpeg-ts/annex-b.ts'],
  testing: ['config.ts', 'control', 'emulator.ts', 'events', 'faults', 'publisher', 'seed'],
  xml: ['metadata/store.ts'],
};

/** The composition root: who chooses between adapters and wires everything. */
const COMPOSITION = ['egress/audio/find-opus-encoder.ts', 'emulator.ts', 'muxers.ts', 'stores.ts', 'viewing.ts'];

/** Adapters of a port: only the composition root and the adapter itself know them. */
const ADAPTERS = [
  'egress/audio/ffmpeg',
  'egress/audio/find-opus-encoder',
  'egress/audio/libav',
  'metadata/sqlite',
  'objects/filesystem',
  'objects/memory',
  'segmenter/ffmpeg',
  'segmenter/mpeg-ts/muxer',
];

/** No input or output and no time: bytes and values in, bytes and values out. */
const PURE = /^(auth|xml|playlist|codecs)\/|^rtmp\/(amf0|chunks|flv-tags|messages|commands)\.ts$|^endpoint\.ts$/;
const PURE_MAY_USE = ['node:crypto', 'xml2js'];

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Paths below src/ of our own files it imports. */
  readonly ours: readonly string[];
  readonly packages: readonly string[];
}

const files = readSources();

function readSources(): readonly SourceFile[] {
  const paths = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path));
  return paths.map((path) => {
    const text = readFileSync(join(SOURCE, path), 'utf8');
    const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
    return {
      path,
      text,
      ours: specifiers.filter(isRelative).map((specifier) => normalize(join(dirname(path), specifier))),
      packages: specifiers.filter((specifier) => !isRelative(specifier)),
    };
  });
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}

function moduleOf(path: string): string | undefined {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined;
}

/** Every offence as one readable line, so that a failure names what to mend. */
function offences(check: (file: SourceFile) => readonly string[]): readonly string[] {
  return files.flatMap((file) => check(file).map((imported) => `${file.path} -> ${imported}`));
}

describe('imports', () => {
  it('go only where the architecture draws an arrow', () => {
    const bad = offences(({ path, ours }) => {
      const module = moduleOf(path);
      if (module === undefined) return [];
      const allowed = MAY_IMPORT[module];
      if (!allowed) return ['(a module without a rule)'];
      return ours.filter((target) => {
        const targetModule = moduleOf(target);
        return !(
          targetModule === module ||
          SHARED.includes(target) ||
          allowed.includes(target) ||
          (targetModule !== undefined && allowed.includes(targetModule))
        );
      });
    });
    expect(bad).toEqual([]);
  });

  it('of shared vocabulary stay within it', () => {
    const bad = offences(({ path, ours }) =>
      SHARED.includes(path) ? ours.filter((target) => !SHARED.includes(target)) : [],
    );
    expect(bad).toEqual([]);
  });

  it('of adapters are left to the composition root', () => {
    const bad = offences(({ path, ours }) =>
      ours.filter((target) => {
        const adapter = ADAPTERS.find((prefix) => target.startsWith(prefix));
        return adapter !== undefined && !COMPOSITION.includes(path) && !path.startsWith(adapter);
      }),
    );
    expect(bad).toEqual([]);
  });

  it('of pure modules reach no input or output', () => {
    const bad = offences(({ path, packages }) =>
      PURE.test(path) ? packages.filter((name) => !PURE_MAY_USE.includes(name)) : [],
    );
    expect(bad).toEqual([]);
  });

  it('of the page into the emulator are types only, so that nothing of it ends up in the bundle', () => {
    const running = /^import (?!type )[^;]*? from '\.[^']*'/gm;
    const bad = offences(({ path, text }) =>
      path.startsWith('console/')
        ? [...text.matchAll(running)].flatMap(([line]) => {
            const target = normalize(join(dirname(path), /'([^']+)'/.exec(line)?.[1] ?? ''));
            return target.startsWith('console/') ? [] : [target];
          })
        : [],
    );
    expect(bad).toEqual([]);
  });

  it('make no cycle', () => {
    const byPath = new Map(files.map((file) => [file.path, file]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      } else if (!done.has(path)) {
        for (const target of byPath.get(path)?.ours ?? []) visit(target, [...trail, path]);
        done.add(path);
      }
    };
    for (const { path } of files) visit(path, []);
    expect(cycles).toEqual([]);
  });
});

describe('sources', () => {
  it('take the time and set timers only through the clock', () => {
    const reading =
      /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|(?<![.#\w])setTimeout\((?!callback: )|\bsetInterval\(/;
    const clocks = ['clock.ts', 'console/browser-clock.ts'];
    const bad = files.filter(({ path, text }) => !clocks.includes(path) && reading.test(text)).map(({ path }) => path);
    expect(bad).toEqual([]);
  });

  it('end the process only in main.ts', () => {
    const bad = files
      .filter(({ path, text }) => path !== 'main.ts' && /process\.exit/.test(text))
      .map(({ path }) => path);
    expect(bad).toEqual([]);
  });

  it('have no drawer for odds and ends', () => {
    expect(files.filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/.test(path))).toEqual([]);
  });
});
