/** What a CPU profile of V8 says of a bundled program: how long each part of it ran. */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The part of the profile that is read here, as `Profiler.stop` of the inspector gives it. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** The node at the top of the stack, by its id. */
  readonly samples: readonly number[];
  /** Both in microseconds. */
  readonly startTime: number;
  readonly endTime: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** Both from 0: where the function begins. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** Where a function is written. Undefined for those of Node and of V8. */
export type SourceOf = (frame: CallFrame) => string | undefined;

/** The part that a source file belongs to; undefined when its time is that of its caller. */
export type PartOf = (source: string) => string | undefined;

/** Time that is no function's, by what V8 calls it. */
export const GARBAGE = '(garbage collector)';
export const NATIVE = '(program)';
const IDLE = '(idle)';
/** Functions of Node, and of packages, that no function of the program has called. */
export const NODE = 'node';

/**
 * A function of Node, of V8 or of a file that is no part counts for the nearest caller that is one. Every sample counts the same,
 * and not for the time since the last one: while a thread waits for a processor or for the disk, only one is taken. The time in
 * which the event loop waits for events or reads sockets is in no part.
 *
 * @returns milliseconds by part, and by `GARBAGE`, `NATIVE` and `NODE`
 */
export function timeByPart(profile: CpuProfile, sourceOf: SourceOf, partOf: PartOf): ReadonlyMap<string, number> {
  const { nodes, samples, startTime, endTime } = profile;
  const parts = partsOfNodes(nodes, sourceOf, partOf);
  const sampleMs = (endTime - startTime) / 1000 / samples.length;
  const timesMs = new Map<string, number>();
  for (const id of samples) {
    const part = parts.get(id) ?? NODE;
    if (part !== IDLE) timesMs.set(part, (timesMs.get(part) ?? 0) + sampleMs);
  }
  return timesMs;
}

function partsOfNodes(nodes: readonly ProfileNode[], sourceOf: SourceOf, partOf: PartOf): ReadonlyMap<number, string> {
  const parts = new Map<number, string>();
  // V8 lists a node before its children.
  for (const { id, callFrame, children = [] } of nodes) {
    const inherited = parts.get(id) ?? NODE;
    const part = ownPart(callFrame, sourceOf, partOf) ?? inherited;
    parts.set(id, part);
    for (const child of children) parts.set(child, part);
  }
  return parts;
}

function ownPart(frame: CallFrame, sourceOf: SourceOf, partOf: PartOf): string | undefined {
  if (frame.url === '' && [GARBAGE, NATIVE, IDLE].includes(frame.functionName)) return frame.functionName;
  const source = sourceOf(frame);
  return source === undefined ? undefined : partOf(source);
}

/** By the source maps beside the files of the program, e.g. `src/rtmp/chunks.ts`. */
export function sourcesByMaps(): SourceOf {
  const maps = new Map<string, SourceMap | undefined>();
  return ({ url, lineNumber, columnNumber }) => {
    if (!/^(file:)?\//.test(url)) return undefined;
    const path = url.startsWith('file:') ? fileURLToPath(url) : url;
    if (!maps.has(path)) maps.set(path, mapOf(path));
    const entry = maps.get(path)?.findEntry(lineNumber, columnNumber);
    return entry && 'originalSource' in entry ? entry.originalSource.replace(/^(\.\.\/)+/, '') : undefined;
  };
}

function mapOf(path: string): SourceMap | undefined {
  const map = `${path}.map`;
  return existsSync(map) ? new SourceMap(JSON.parse(readFileSync(map, 'utf8'))) : undefined;
}
