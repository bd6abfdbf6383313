/** What there is to watch, and by which address. Filled by those who know streams and rooms; `egress` shows what it finds. */
import type { RoomSubject, StreamSubject } from '../events/subjects.ts';
import type { WatchableStream } from './watchable.ts';

export interface Watched {
  readonly subject: StreamSubject | RoomSubject;
  readonly stream: WatchableStream;
}

/** WebRTC addresses have none. */
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

/** A viewer who gave a name. */
export interface NamedViewer {
  readonly id: string;
  readonly name: string;
  readonly joinedMs: number;
  /** `ip:port`. */
  readonly remoteAddr: string;
  /** Sends the viewer away. */
  remove(reason: string): void;
}

export interface WatchDirectory {
  /** Whether a host is a domain that streams are played from. */
  isLiveDomain(host: string): boolean;
  /** Whether something is live there, for whomever. */
  isLive(address: WatchAddress): boolean;
  /**
   * Undefined when nothing is live there.
   * @throws WatchRefused
   */
  find(address: WatchAddress): Watched | undefined;
  findUser(user: RoomSubject): Watched | undefined;
  /** A viewer with a name takes part in the room. Returns what ends that. */
  enter(room: RoomSubject, viewer: NamedViewer): (cause: string) => void;
}

/** Nobody may watch this so. */
export class WatchRefused extends Error {
  readonly status: number;
  /** For the log, where the viewer is not told. */
  readonly reason: string;

  constructor(status: number, message: string, reason = message) {
    super(message);
    this.name = 'WatchRefused';
    this.status = status;
    this.reason = reason;
  }
}
