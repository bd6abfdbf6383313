import * as v from 'valibot';
import { choice, documented, fields, text } from '../../base/schema.ts';
import type { IndexFile, IndexFiles } from '../../live/recordings/index-files.ts';
import { RECORD_FORMATS, type RecordConfig } from '../../live/recordings/record-config.ts';
import type { Recording } from '../../live/recordings/recording.ts';
import type { Recordings } from '../../live/recordings/recordings.ts';
import type { FragmentEntry } from '../../storage/metadata/records.ts';
import type { StoredDocument } from '../../storage/metadata/stored-documents.ts';
import { count, streamName, timeMs, type ViewOf } from './view-fields.ts';

/** What AddLiveAppRecordConfig stored. */
export const recordConfigView = fields({
  domain: text,
  app: documented(text, '`*` for all applications.'),
  stream: documented(text, '`*` for all streams.'),
  bucket: text,
  createdMs: timeMs,
  onDemand: documented(count, 'What starts a recording: 0 the stream, 7 an operation.'),
  delayTimeSec: documented(count, 'How long a recording waits for the next push.'),
  startMs: documented(v.nullable(v.number()), 'Null: no limit.'),
  endMs: v.nullable(v.number()),
  formats: v.array(
    fields({
      format: choice(RECORD_FORMATS),
      objectPrefix: text,
      sliceObjectPrefix: v.string(),
      cycleDurationSec: count,
      sliceDurationSec: count,
    }),
  ),
});

export type RecordConfigView = ViewOf<typeof recordConfigView>;

/** What was, or is being, recorded of a stream. */
export const recordingView = fields({
  id: text,
  ...streamName,
  bucket: text,
  folder: documented(v.nullable(v.string()), 'Where its slices lie; null while there is none.'),
  key: documented(v.nullable(text), 'Of its m3u8 file; null while it may grow.'),
  startedMs: timeMs,
  endedMs: documented(v.nullable(v.number()), 'Null while it may grow.'),
  durationMs: v.number(),
  slices: count,
  url: documented(v.nullable(text), 'Where the file plays; signed where the bucket is private.'),
});

export type RecordingView = ViewOf<typeof recordingView>;

/** What CreateLiveStreamRecordIndexFiles made. */
export const indexFileView = fields({
  recordId: text,
  domain: documented(text, 'As it was asked for.'),
  app: text,
  stream: text,
  bucket: text,
  key: text,
  startTime: documented(text, 'As requested.'),
  endTime: text,
  createdMs: timeMs,
  durationMs: v.number(),
  url: documented(text, 'Where it plays; signed where the bucket is private.'),
});

export type IndexFileView = ViewOf<typeof indexFileView>;

export interface RecordingQuery {
  /** Only recordings of this application. */
  readonly app?: string;
  /** Only recordings of a stream of this name. */
  readonly stream?: string;
  /** At most this many, the latest. */
  readonly limit: number;
}

/** The URL of a playlist; `isAbsolute` when its slices lie in another bucket. */
export type PlaylistUrl = (playlist: {
  readonly bucket: string;
  readonly key: string;
  readonly isAbsolute?: boolean;
}) => Promise<string>;

export function viewRecordConfig({ createdMs, body }: StoredDocument<RecordConfig>): RecordConfigView {
  const { domain, app, stream, bucket, onDemand, delayTimeSec, startMs, endMs, formats, transcodeFormats } = body;
  return {
    domain,
    app,
    stream,
    bucket,
    createdMs,
    onDemand,
    delayTimeSec,
    startMs,
    endMs,
    formats: [...formats, ...transcodeFormats],
  };
}

/** The latest first. */
export async function viewRecordings(
  query: RecordingQuery,
  recordings: Recordings,
  playlistUrl: PlaylistUrl,
): Promise<readonly RecordingView[]> {
  const all = (await recordings.list()).filter(({ source }) => fits(source, query));
  const latest = all.toSorted((a, b) => b.startedMs - a.startedMs).slice(0, query.limit);
  return Promise.all(
    latest.map(async (recording) =>
      viewRecording(recording, await recordings.slices(recording), recordings, playlistUrl),
    ),
  );
}

/** The latest first. */
export async function viewIndexFiles(
  query: RecordingQuery,
  indexFiles: IndexFiles,
  recordings: Recordings,
  playlistUrl: PlaylistUrl,
): Promise<readonly IndexFileView[]> {
  const all = (await indexFiles.list()).filter((file) => fits(file, query));
  const latest = all.toSorted((a, b) => b.createdMs - a.createdMs).slice(0, query.limit);
  // The slices of one file lie in one bucket.
  const slicePlaces = new Set((await recordings.list()).map(({ source, config }) => placeOf(source, config.bucket)));
  return Promise.all(
    latest.map((file) => viewIndexFile(file, !slicePlaces.has(placeOf(file, file.bucket)), playlistUrl)),
  );
}

async function viewRecording(
  recording: Recording,
  slices: readonly FragmentEntry[],
  recordings: Recordings,
  playlistUrl: PlaylistUrl,
): Promise<RecordingView> {
  const { id, source, config, startedMs, endedMs } = recording;
  const { domain, app, stream } = source;
  const file = recordings.fileOf(recording, slices);
  const key = (endedMs !== null && file?.key) || null;
  return {
    id,
    domain,
    app,
    stream,
    bucket: config.bucket,
    key,
    startedMs,
    endedMs,
    folder: folderOf(slices),
    durationMs: file?.durationMs ?? 0,
    slices: slices.length,
    url: key === null ? null : await playlistUrl({ bucket: config.bucket, key }),
  };
}

async function viewIndexFile(file: IndexFile, isAbsolute: boolean, playlistUrl: PlaylistUrl): Promise<IndexFileView> {
  const { recordId, domain, app, stream, bucket, object: key, startTime, endTime, createdMs, durationMs } = file;
  const url = await playlistUrl({ bucket, key, isAbsolute });
  return { recordId, domain, app, stream, bucket, key, startTime, endTime, createdMs, durationMs, url };
}

/** The folder of the latest slice, without the bucket and with a slash at its end; empty at the top of the bucket. */
function folderOf(slices: readonly FragmentEntry[]): string | null {
  const path = slices.at(-1)?.path;
  return path ? path.slice(path.indexOf('/') + 1, path.lastIndexOf('/') + 1) : null;
}

function placeOf({ app, stream }: { readonly app: string; readonly stream: string }, bucket: string): string {
  return `${bucket}/${app}/${stream}`;
}

function fits(source: { readonly app: string; readonly stream: string }, { app, stream }: RecordingQuery): boolean {
  return (app === undefined || source.app === app) && (stream === undefined || source.stream === stream);
}
