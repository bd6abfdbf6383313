import type { StreamFinding } from './findings.ts';
import type { RoomSubject, StreamSubject } from './subjects.ts';

/** Events of streams of ApsaraVideo Live. */
export type LiveEvent =
  | ({ readonly type: 'live.published'; readonly remoteAddr: string } & StreamEvent)
  | ({
      readonly type: 'live.ended';
      readonly cause: string;
      /** How many slices of its recordings could not be stored; absent: none. */
      readonly lostFragments?: number;
      /** How much media was in them, in milliseconds. */
      readonly lostMs?: number;
    } & StreamEvent)
  /** At most once per push and finding. */
  | ({ readonly type: 'live.finding'; readonly finding: StreamFinding; readonly detail: string } & StreamEvent)
  | ({
      readonly type: 'live.slice-stored';
      readonly bucket: string;
      readonly key: string;
      readonly durationMs: number;
      readonly sizeBytes: number;
      readonly sequence: number;
    } & StreamEvent)
  | ({ readonly type: 'live.record-started'; readonly recordingId: string } & StreamEvent)
  | ({ readonly type: 'live.record-paused'; readonly recordingId: string } & StreamEvent)
  | ({ readonly type: 'live.record-resumed'; readonly recordingId: string } & StreamEvent)
  /** The m3u8 file of a recording is stored. */
  | ({
      readonly type: 'live.record-finished';
      readonly recordingId: string;
      readonly bucket: string;
      readonly key: string;
      readonly durationMs: number;
      readonly startMs: number;
      readonly endMs: number;
    } & StreamEvent)
  | ({ readonly type: 'live.callback-delivered'; readonly attempts: number } & CallbackEvent)
  | ({ readonly type: 'live.callback-retried'; readonly attempt: number; readonly reason: string } & CallbackEvent)
  /** A callback was dropped after all attempts to deliver it had failed. */
  | ({ readonly type: 'live.callback-failed'; readonly attempts: number; readonly reason: string } & CallbackEvent);

/** Fields of every event of a stream. A type, because an interface is not assignable to an index signature. */
export type StreamEvent = StreamSubject & {
  /** Of the push. */
  readonly sessionId: string;
};

/**
 * Fields of every event of a callback. It is about a user of a room, or about a stream; the domain is then the one
 * whose configuration requests the callback.
 */
export type CallbackEvent = (StreamSubject | RoomSubject) & {
  /** e.g. `publish`, `record_file` or `Join`. */
  readonly action: string;
  readonly url: string;
};
