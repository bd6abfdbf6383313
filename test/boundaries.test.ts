import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The rules of docs/architecture.md about who may import whom. */
const SOURCE = fileURLToPath(new URL('../src/', import.meta.url));

/** The districts of src/, from the ground up: a file imports its own district and those before it. */
const DISTRICTS = [
  'base',
  'media',
  'storage',
  'aliyun',
  'events',
  'net',
  'http',
  'config',
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
  '.',
];

/** The composition root: who chooses between adapters and wires everything. */
const COMPOSITION = /^emulator\/|^watch\/audio\/find-opus-encoder\.ts$/;

/** Adapters of a port: only the composition root and the adapter itself know them. */
const ADAPTERS = [
  'watch/audio/ffmpeg-opus',
  'watch/audio/find-opus-encoder',
  'watch/audio/libav',
  'storage/metadata/sqlite',
  'storage/objects/filesystem',
  'storage/objects/memory',
  'recording/segmenter/ffmpeg-muxer',
  'recording/segmenter/mpeg-ts-muxer',
];

/** No input or output and no time: bytes and values in, bytes and values out. */
const PURE =
  /^(aliyun\/(auth|xml)|recording\/playlist|media)\/|^rtmp\/(amf0|chunks|messages|commands)\.ts$|^aliyun\/endpoint\.ts$/;
const PURE_MAY_USE = ['node:crypto', 'sax', 'xml2js'];

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

/** Every offence as one readable line, so that a failure names what to mend. */
function offences(check: (file: SourceFile) => readonly string[]): readonly string[] {
  return files.flatMap((file) => check(file).map((imported) => `${file.path} -> ${imported}`));
}

describe('imports', () => {
  it('go down only', () => {
    const floor = (path: string) => DISTRICTS.indexOf(path.includes('/') ? path.slice(0, path.indexOf('/')) : '.');
    const bad = offences(({ path, ours }) => ours.filter((target) => floor(target) > floor(path)));
    expect(bad).toEqual([]);
    expect(files.filter(({ path }) => floor(path) < 0)).toEqual([]);
  });

  it('of adapters are left to the composition root', () => {
    const bad = offences(({ path, ours }) =>
      ours.filter((target) => {
        const adapter = ADAPTERS.find((prefix) => target.startsWith(prefix));
        return adapter !== undefined && !COMPOSITION.test(path) && !path.startsWith(adapter);
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
    const clocks = ['base/clock.ts', 'console/browser-clock.ts'];
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
