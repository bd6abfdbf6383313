import { randomUUID } from 'node:crypto';
import type { StreamSource } from '../source.ts';
import type { RecordConfig } from './record-config.ts';

/**
 * One recording: what a configuration makes of a stream until its cycle is full or the stream stays away. It becomes one
 * m3u8 file. A configuration without m3u8 has recordings too, which hold nothing.
 */
export interface Recording {
  readonly id: string;
  readonly source: StreamSource;
  readonly config: RecordConfig;
  readonly startedMs: number;
  /** Null while it may grow. */
  readonly endedMs: number | null;
}

export function newRecording(source: StreamSource, config: RecordConfig, startedMs: number): Recording {
  return { id: randomUUID(), source, config, startedMs, endedMs: null };
}
