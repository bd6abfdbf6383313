/** The port by which watching finds streams and rooms. `live/` implements it. */
import type { RoomSubject, StreamSubject } from '../events/subjects.ts';
import type { NodeView } from '../storage/leases/leases.ts';
import type { WatchableStream } from './watchable.ts';

/** What is watched: a stream, or a user of a room. */
export type WatchSubject = StreamSubject | RoomSubject;

/** One of the other nodes. */
export type OtherNode = Omit<NodeView, 'ageMs'>;

export interface Watched {
  readonly subject: WatchSubject;
  readonly stream: WatchableStream;
}

/** The address of a WebRTC stream has no extension. */
export type PlayExtension = '.flv' | '.m3u8';

export interface WatchAddress {
  /** Lower case, without port. */
  readonly host: string;
  readonly app: string;
  /** Without extension. */
  readonly name: string;
  readonly extension: '' | PlayExtension;
  /** Value of the `auth_key` parameter. */
  readonly authKey: string | undefined;
}

/** A viewer with a name of its own: a participant of a room. */
export interface NamedViewer {
  readonly id: string;
  readonly name: string;
  readonly joinedMs: number;
  /** `ip:port`. */
  readonly remoteAddr: string;
  /** Ends the viewing; `reason` is for the log. */
  remove(reason: string): void;
}

export interface WatchDirectory {
  /** Whether a host is a domain that streams are played from. */
  isLiveDomain(host: string): boolean;
  /** Whether a stream is being pushed to the address. Access is not checked. */
  isPublishing(address: WatchAddress): boolean;
  /**
   * Undefined when nothing is pushed to the address.
   *
   * @throws WatchRefused when the address does not permit to watch
   */
  find(address: WatchAddress): Watched | undefined;
  findSubject(subject: WatchSubject): Watched | undefined;
  /** The other node that such a subject is pushed to, where nodes share a database; nothing of it is here. */
  elsewhere(isMeant: (subject: WatchSubject) => boolean): OtherNode | undefined;
  /** The other node that such a subject was pushed to a short time ago. */
  endedElsewhere(isMeant: (subject: WatchSubject) => boolean): OtherNode | undefined;
  /** Undefined: it is not one of the others, or is not there any longer. */
  otherNode(id: string): OtherNode | undefined;
  /** Whether the address is one of the subject, pushed or not. Access is not checked. */
  isAddressOf(address: WatchAddress, subject: WatchSubject): boolean;
  /** @throws WatchRefused when the address does not permit to watch the subject */
  check(address: WatchAddress, subject: WatchSubject): void;
  /** Whether a participant of the room has this name. */
  isInRoom(room: RoomSubject, name: string): boolean;
  /** Adds the viewer to the participants of the room. Returns a function that removes it. */
  enter(room: RoomSubject, viewer: NamedViewer): (cause: string) => void;
}

/** Equal for the same subject only. */
export function subjectKey(subject: WatchSubject): string {
  return JSON.stringify(
    'stream' in subject
      ? [subject.domain, subject.app, subject.stream]
      : [subject.appId, subject.channelId, subject.userId],
  );
}

/** The request of a viewer is refused. */
export class WatchRefused extends Error {
  readonly status: number;
  /** For the log; may say more than the message, which the viewer gets. */
  readonly reason: string;

  constructor(status: number, message: string, reason = message) {
    super(message);
    this.name = 'WatchRefused';
    this.status = status;
    this.reason = reason;
  }
}
