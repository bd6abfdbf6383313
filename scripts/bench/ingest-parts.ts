/** The parts of the emulator that a push goes through, by their source files. */
import { GARBAGE, NATIVE, NODE } from './cpu-profile.ts';

export interface Part {
  readonly name: string;
  /** The beginnings of the paths of its files. The first part that has one is that of a file. */
  readonly paths: readonly string[];
}

export const PARTS: readonly Part[] = [
  { name: 'reading sockets', paths: ['src/net/', 'src/rtmp/transport.ts', 'src/rtmp/read'] },
  { name: 'RTMP: chunks, messages', paths: ['src/rtmp/'] },
  {
    name: 'events, log, statistics',
    paths: [
      'src/events/',
      'src/base/log.ts',
      'src/ingest/media-stats.ts',
      'src/ingest/rate-meter.ts',
      'src/ingest/diagnosis.ts',
      'src/media/stat.ts',
      'src/control-plane/admin/',
    ],
  },
  { name: 'the push: timestamps, who gets a frame', paths: ['src/ingest/', 'src/watch/', 'src/live/'] },
  { name: 'muxing to packets', paths: ['src/media/mpeg-ts/', 'src/recording/segmenter/mpeg-ts-muxer.ts'] },
  { name: 'FLV and AVC to access units', paths: ['src/media/'] },
  { name: 'cutting into fragments', paths: ['src/recording/segmenter/'] },
  { name: 'playlists', paths: ['src/recording/playlist/', 'src/recording/fragments/live-playlist.ts'] },
  { name: 'writing files', paths: ['src/storage/objects/'] },
  { name: 'storing and listing fragments (SQLite)', paths: ['src/storage/', 'src/recording/fragments/'] },
  { name: 'faults, none of which is set', paths: ['src/control-plane/faults/'] },
  { name: 'timers', paths: ['src/base/clock.ts', 'src/base/controllable-clock.ts', 'src/base/following-clock.ts'] },
  { name: 'REST, and everything else', paths: ['src/'] },
];

/** What is for everything counts for who calls it, unless it is a part. */
const FOR_ALL = 'src/base/';

/** What the profiler takes for idle: it is what is left of the time of the main thread. */
export const EVENT_LOOP = 'the rest of the main thread: waking up, reading sockets (libuv, kernel)';

const OUTSIDE: Readonly<Record<string, string>> = {
  [NODE]: "Node's way from the loop to the callbacks",
  [NATIVE]: 'native code outside JavaScript',
  [GARBAGE]: 'garbage collection, main thread',
};

export const OTHER_THREADS = 'other threads: garbage collection, thread pool';

/** In the order of a table. */
export const PART_NAMES: readonly string[] = [
  ...PARTS.map(({ name }) => name),
  ...Object.values(OUTSIDE),
  EVENT_LOOP,
  OTHER_THREADS,
];

export function partOfSource(source: string): string | undefined {
  const part = PARTS.find(({ paths }) => paths.some((path) => source.startsWith(path)));
  return part === PARTS.at(-1) && source.startsWith(FOR_ALL) ? undefined : part?.name;
}

/** @param part of a profile */
export function titleOfPart(part: string): string {
  return OUTSIDE[part] ?? part;
}
