import type { StreamFinding } from './findings.ts';
import type { RoomSubject, StreamSubject } from './subjects.ts';

/** Events of rooms of ApsaraVideo Live. */
export type RoomEvent =
  | ({ readonly type: 'room.joined'; readonly remoteAddr: string } & ParticipantEvent)
  | ({ readonly type: 'room.left'; readonly cause: string } & ParticipantEvent)
  /** At most once per push and finding. */
  | ({ readonly type: 'room.finding'; readonly finding: StreamFinding; readonly detail: string } & RoomSubject & {
        /** Of the push. */
        readonly sessionId: string;
      });

/** Events of viewers, of rooms and of streams. */
export type WatchEvent =
  | ({ readonly type: 'viewer.joined'; readonly remoteAddr: string } & ViewerEvent)
  | ({ readonly type: 'viewer.left'; readonly cause: string } & ViewerEvent);

export type ParticipantEvent = RoomSubject & {
  readonly role: 'publisher' | 'viewer';
  /** Of the push, or of the viewer. */
  readonly sessionId: string;
};

export type ViewerEvent = (RoomSubject | StreamSubject) & {
  readonly viewerId: string;
  readonly protocol: 'rts' | 'whep' | 'flv';
};
