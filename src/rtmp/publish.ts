import type { MediaMessage } from '../media/flv/media-message.ts';
/**
 * What the RTMP server and the code that takes its streams say to each other. The protocol knows nothing of what a
 * stream name means; it asks, and answers the peer only after the answer came.
 */

/** The parameters of NetConnection.connect that identify the peer's wish. Strings as sent, still percent-encoded. */
export interface ConnectRequest {
  readonly app: string;
  readonly tcUrl: string;
  readonly flashVer: string;
  /** `ip:port` of the peer. */
  readonly remoteAddr: string;
  /** `ip:port` the connection was accepted on. */
  readonly localAddr: string;
}

export interface PublishRequest extends ConnectRequest {
  /** The publish name exactly as sent, with its query. */
  readonly streamName: string;
}

/** A refusal in the words of NetConnection/NetStream: sent to the peer, then the connection is closed. */
export interface Refusal {
  /** e.g. `NetStream.Publish.BadName`. */
  readonly code: string;
  readonly description: string;
}

/** Why a push ended. */
export type PublishEnd =
  /** FCUnpublish, closeStream or deleteStream. */
  | { readonly cause: 'unpublished' }
  /** The peer closed or reset the connection without a word, or its process died. */
  | { readonly cause: 'disconnected'; readonly detail: string }
  /** Nothing arrived for the idle time. */
  | { readonly cause: 'idle'; readonly detail: string }
  /** It broke the protocol or a limit. */
  | { readonly cause: 'protocol-error'; readonly detail: string }
  /** `Publisher.close` was called. */
  | { readonly cause: 'closed-by-server'; readonly detail: string };

/** The receiving side of an accepted push. `end` is called exactly once, after the last message. */
export interface PublishSink {
  message(message: MediaMessage): void;
  end(reason: PublishEnd): void;
}

/** Rough treatment of a peer, for those who want to see what it makes of it. */
export interface Peer {
  /** Resets the connection, without a word. */
  reset(): void;
  /** Reads nothing more, as if the peer had stopped sending: unlike in a pause, the idle time runs. */
  freeze(): void;
  thaw(): void;
}

/** Our handle on the peer of an accepted push. */
export interface Publisher extends Peer {
  /** Stops reading from the peer (back-pressure). The idle time does not run meanwhile. */
  pause(): void;
  resume(): void;
  /** Whether what arrives is wanted without delay, because somebody watches, or may gather for a while. */
  readAtOnce(wanted: boolean): void;
  /** Tells the peer why with an error onStatus, then closes. The sink's `end` is called before this returns. */
  close(refusal: Refusal): void;
}

export type PublishDecision =
  | { readonly accepted: true; readonly sink: PublishSink }
  | ({ readonly accepted: false } & Refusal);

export interface RtmpHandler {
  /** Called for `connect`; a refusal is answered with `_error`. */
  connect(request: ConnectRequest, peer: Peer): Refusal | undefined;
  /**
   * Called for `publish`. The peer hears NetStream.Publish.Start only after this resolved with `accepted: true`; until
   * then nothing more is read from it. When it left meanwhile, an accepted sink's `end` is called at once. A rejection is
   * answered as a refusal and reported to `rejected` with its stack.
   */
  publish(request: PublishRequest, publisher: Publisher): Promise<PublishDecision>;
  /** The connection ended without ever having published: noise, a stalled handshake, a player, a refusal. */
  rejected(peer: { readonly remoteAddr: string }, detail: string): void;
}
