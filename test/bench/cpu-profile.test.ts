import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CallFrame, type CpuProfile, sourcesByMaps, timeByPart } from '../../scripts/bench/cpu-profile.ts';
import { EVENT_LOOP, OTHER_THREADS, PART_NAMES, PARTS, partOfSource } from '../../scripts/bench/ingest-parts.ts';
import { shareOut } from '../../scripts/bench/ingest-profile.ts';
import { bundledCommand } from '../crash/bundled.ts';

const SOURCES: Readonly<Record<string, string>> = {
  read: 'src/rtmp/chunks.ts',
  write: 'src/storage/objects/filesystem/file-writer.ts',
  lock: 'src/base/keyed-lock.ts',
  compile: 'node_modules/kysely/dist/index.js',
};

const sourceOf = ({ functionName }: CallFrame) => SOURCES[functionName];

/** A sample for each stack, from the outermost function to the one that runs; one millisecond each. */
function profileOf(...stacks: readonly string[]): CpuProfile {
  const ids = new Map<string, number>([['(root)', 1]]);
  const children = new Map<number, number[]>();
  const samples = stacks.map((stack) =>
    stack.split(' > ').reduce(
      ({ path, id }, name) => {
        const own = `${path} > ${name}`;
        const ownId = ids.get(own) ?? ids.size + 1;
        if (!ids.has(own)) children.set(id, [...(children.get(id) ?? []), ownId]);
        ids.set(own, ownId);
        return { path: own, id: ownId };
      },
      { path: '(root)', id: 1 },
    ),
  );
  const nodes = [...ids].map(([path, id]) => ({
    id,
    callFrame: { functionName: path.split(' > ').at(-1) ?? '', url: '', lineNumber: 0, columnNumber: 0 },
    children: children.get(id) ?? [],
  }));
  return { nodes, samples: samples.map(({ id }) => id), startTime: 5_000, endTime: 5_000 + 1_000 * stacks.length };
}

it.each([
  {
    what: 'what runs is of a part',
    stacks: ['read', 'read > write', 'write'],
    ms: { 'RTMP: chunks, messages': 1, 'writing files': 2 },
  },
  {
    what: 'Node runs for a part',
    stacks: ['onread > read > copy', 'write > writev'],
    ms: { 'RTMP: chunks, messages': 1, 'writing files': 1 },
  },
  {
    what: 'a package, or what is for all, runs for a part',
    stacks: ['write > compile', 'write > lock > open'],
    ms: { 'writing files': 2 },
  },
  { what: 'nobody has called Node or a package', stacks: ['onread', 'compile', 'lock'], ms: { node: 3 } },
  {
    what: 'V8 works',
    stacks: ['(program)', 'read > (garbage collector)'],
    ms: { '(program)': 1, '(garbage collector)': 1 },
  },
  { what: 'nothing runs', stacks: ['(idle)', '(idle)', 'read'], ms: { 'RTMP: chunks, messages': 1 } },
])('the time is counted when $what', ({ stacks, ms }) => {
  expect(Object.fromEntries(timeByPart(profileOf(...stacks), sourceOf, partOfSource))).toEqual(ms);
});

describe('the parts', () => {
  const sources = readdirSync(join(import.meta.dirname, '../../src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `src/${path.replaceAll('\\', '/')}`);

  it.each(PARTS.flatMap(({ name, paths }) => paths.map((path) => ({ name, path }))))(
    '$path is some file, and of $name',
    ({ name, path }) => {
      expect(sources.filter((source) => source.startsWith(path)).map(partOfSource)).toContain(name);
    },
  );

  it('each file is of one, or is for all', () => {
    expect(sources.filter((source) => partOfSource(source) === undefined && !source.startsWith('src/base/'))).toEqual(
      [],
    );
  });
});

describe('the time of a process', () => {
  const sum = (parts: ReadonlyMap<string, number>) => [...parts.values()].reduce((all, ms) => all + ms, 0);

  it.each([
    { what: 'less than its main thread has used', mainThreadMs: 600, read: 250, rest: 100 },
    { what: 'more, on a busy machine', mainThreadMs: 300, read: 150, rest: 0 },
  ])('is all in parts, when the profiler has seen $what', ({ mainThreadMs, read, rest }) => {
    // Of four milliseconds of one stream, each part has one: 250 in a second.
    const profile = profileOf('read', 'write', '(idle)', '(idle)');
    const cpu = { userMs: mainThreadMs + 7, systemMs: 1, mainThreadMs };
    const { partsMs } = shareOut(cpu, profile, 1, sourceOf);
    expect(partsMs.get('RTMP: chunks, messages')).toBeCloseTo(read);
    expect(partsMs.get(EVENT_LOOP)).toBeCloseTo(rest);
    expect(partsMs.get(OTHER_THREADS)).toBeCloseTo(8);
    expect(sum(partsMs)).toBeCloseTo(mainThreadMs + 8);
    expect([...partsMs.keys()].filter((name) => !PART_NAMES.includes(name))).toEqual([]);
  });
});

describe('the functions of the program', () => {
  const program = bundledCommand();

  it('are found in its sources, those of Node are not', () => {
    const find = sourcesByMaps();
    const frame = { functionName: 'a', lineNumber: 0, columnNumber: 0 };
    expect(find({ ...frame, url: 'node:net' })).toBeUndefined();
    expect(find({ ...frame, url: '' })).toBeUndefined();
    expect(find({ ...frame, url: '/nowhere/a.js' })).toBeUndefined();
    const folder = join(program.path, '..');
    const name = readdirSync(folder).find((file) => /^program-\w+\.js$/.test(file)) ?? '';
    const found = Array.from({ length: 4_000 }, (_, lineNumber) =>
      find({ ...frame, lineNumber, url: join(folder, name) }),
    );
    expect(found).toContain('src/rtmp/chunks.ts');
    expect(
      found.filter((source) => source !== undefined && !/^(src|node_modules)\/|^program\.ts$/.test(source)),
    ).toEqual([]);
  });
});
