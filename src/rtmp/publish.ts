/**
 * The contract between the RTMP server and the code that takes its streams. The server does not know what a stream name
 * means: it calls the handler, and answers the peer when the handler has decided.
 */
import type { MediaMessage } from '../media/flv/media-message.ts';

/** NetConnection.connect as the peer sent it. Strings are still percent-encoded. */
export interface ConnectCommand {
  readonly app: string;
  readonly tcUrl: string;
  readonly flashVer: string;
  /** `ip:port` of the peer. */
  readonly remoteAddr: string;
  /** `ip:port` the connection was accepted on. */
  readonly localAddr: string;
}

/** NetStream.publish as the peer sent it, with the `connect` before it. */
export interface PublishCommand extends ConnectCommand {
  /** The publish name exactly as sent, with its query. */
  readonly streamName: string;
}

/** A refusal with a code of NetConnection or NetStream: sent to the peer, then the connection is closed. */
export interface Refusal {
  /** e.g. `NetStream.Publish.BadName`. */
  readonly code: string;
  readonly description: string;
}

/** Why a push ended. */
export type PublishEnd =
  /** FCUnpublish, closeStream or deleteStream. */
  | { readonly cause: 'unpublished' }
  /** The peer closed or reset the connection without an unpublish, or its process died. */
  | { readonly cause: 'disconnected'; readonly detail: string }
  /** Nothing arrived for the idle time. */
  | { readonly cause: 'idle'; readonly detail: string }
  /** The peer broke the protocol or a limit. */
  | { readonly cause: 'protocol-error'; readonly detail: string }
  /** `Publisher.close` was called. */
  | { readonly cause: 'closed-by-server'; readonly detail: string };

/** The receiving side of an accepted push. `end` is called exactly once, after the last message. */
export interface PublishSink {
  message(message: MediaMessage): void;
  end(reason: PublishEnd): void;
}

/** What fault rules do to a peer. */
export interface Peer {
  /** Resets the TCP connection, without an RTMP message. */
  reset(): void;
  /** Stops reading, as if the peer had stopped sending. Unlike during a pause, the idle time runs. */
  freeze(): void;
  thaw(): void;
}

/** The peer of an accepted push. */
export interface Publisher extends Peer {
  /** Stops reading from the peer (back-pressure). The idle time does not run meanwhile. */
  pause(): void;
  resume(): void;
  /** `true`: messages are wanted without delay, because there are viewers. `false`: they may be delayed a little. */
  readAtOnce(wanted: boolean): void;
  /** Sends the reason to the peer in an error onStatus, then closes. The sink's `end` is called before this returns. */
  close(refusal: Refusal): void;
}

export type PublishDecision =
  | { readonly accepted: true; readonly sink: PublishSink }
  | ({ readonly accepted: false } & Refusal);

export interface RtmpHandler {
  /** Called for `connect`. A refusal is answered with `_error`. */
  connect(command: ConnectCommand, peer: Peer): Refusal | undefined;
  /**
   * Called for `publish`. NetStream.Publish.Start is sent only after this resolved with `accepted: true`; until then
   * nothing more is read from the peer. If the peer has left meanwhile, the `end` of an accepted sink is called at once.
   * A rejection is answered as a refusal and reported to `rejected` with its stack.
   */
  publish(command: PublishCommand, publisher: Publisher): Promise<PublishDecision>;
  /**
   * The connection ended and had not published: no RTMP, a stalled handshake, a player, a refusal.
   *
   * @param isProbe the peer left before its first command: it only looked whether the port answers
   */
  rejected(peer: { readonly remoteAddr: string }, detail: string, isProbe: boolean): void;
}
