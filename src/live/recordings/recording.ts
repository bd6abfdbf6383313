import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { StreamSource } from '../../base/push-source.ts';
import { optional, text } from '../../base/schema.ts';
import { clockTime, plannedTime } from '../../base/time-schema.ts';
import { recordedTimeMs } from '../../recording/fragments/recorded-time.ts';
import type { FragmentEntry } from '../../storage/metadata/records.ts';
import type { DocumentKind } from '../../storage/metadata/stored-documents.ts';
import { streamSource } from '../streams/stream-name.ts';
import { RECORD_CONFIGS, type RecordConfig, sliceFormat } from './record-config.ts';
import { fillTemplate, valuesOf } from './template.ts';

/**
 * One recording by one configuration. It ends when its cycle is full or when the stream is not published again, and
 * becomes one m3u8 file. A configuration without m3u8 has recordings too, without slices.
 */
export interface Recording {
  readonly id: string;
  readonly source: StreamSource;
  readonly config: RecordConfig;
  readonly startedMs: number;
  /** Null while slices may be added. */
  readonly endedMs: number | null;
  /** Id of the node that goes on with it, and ends it. Recordings of earlier versions have none. */
  readonly owner?: string;
  /** Until then the stream may be published again, to any node; undefined while slices are stored. */
  readonly resumeUntilMs?: number;
}

export const RECORDINGS: DocumentKind<Recording> = {
  kind: 'recording',
  body: v.looseObject({
    id: text,
    source: streamSource,
    config: RECORD_CONFIGS.body,
    startedMs: clockTime,
    endedMs: v.nullable(plannedTime),
    owner: optional(v.string()),
    resumeUntilMs: optional(plannedTime),
  }),
};

export function newRecording(source: StreamSource, config: RecordConfig, startedMs: number, owner?: string): Recording {
  return { id: randomUUID(), source, config, startedMs, endedMs: null, ...(owner !== undefined && { owner }) };
}

/** The m3u8 file of a recording. */
export interface RecordingFile {
  readonly bucket: string;
  readonly key: string;
  readonly durationMs: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** The file of these slices; undefined when there are none, or when the configuration has no m3u8. */
export function recordingFile(
  { source, config }: Recording,
  slices: readonly FragmentEntry[],
  utcOffsetMs: number,
): RecordingFile | undefined {
  const format = sliceFormat(config);
  const [first] = slices;
  if (!format || !first) return undefined;
  const { startMs } = first;
  const endMs = startMs + recordedTimeMs(slices);
  const key = `${fillTemplate(format.objectPrefix, valuesOf({ ...source, startMs, endMs, sequence: 0, utcOffsetMs }))}.m3u8`;
  const durationMs = slices.reduce((sum, slice) => sum + slice.durationMs, 0);
  return { bucket: config.bucket, key, durationMs, startMs, endMs };
}
