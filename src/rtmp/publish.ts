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
  /** Over TLS. */
  readonly isSecure?: boolean;
}

/** NetStream.publish as the peer sent it, with the `connect` before it. */
export interface PublishCommand extends ConnectCommand {
  /** The publish name exactly as sent, with its query. */
  readonly streamName: string;
}

/**
 * A refusal with a code of NetConnection or NetStream: sent to the peer, then the connection is closed, because encoders
 * try again on a new one.
 */
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

/** The receiving side of one accepted push. */
export interface PublishSink {
  message(message: MediaMessage): void;
  /**
   * Called once, after the last message. Resolves when everything that was sent is stored and its name is free; never
   * rejects. The next publish of the connection waits for it.
   */
  end(reason: PublishEnd): Promise<void>;
}

/** What fault rules do to a peer. */
export interface Peer {
  /** Resets the TCP connection, without an RTMP message. */
  reset(): void;
  /** Stops reading, as if the peer had stopped sending. Unlike during a pause, the idle time runs. */
  freeze(): void;
  thaw(): void;
}

/** The peer of one push, from its publish to its end; then nothing of this has an effect any more. */
export interface Publisher extends Peer {
  /** Stops reading from the peer (back-pressure). The idle time does not run meanwhile. */
  pause(): void;
  resume(): void;
  /** `true`: messages are wanted without delay, because there are viewers. `false`: they may be delayed a little. */
  readAtOnce(wanted: boolean): void;
  /**
   * A message that is wanted without delay is expected in so many milliseconds; Infinity: none. Only the latest call counts.
   * What comes at other times may be delayed a little.
   */
  readIn(inMs: number): void;
  /**
   * Sends the reason to the peer in an error onStatus, then closes the connection. The sink's `end` is called before this
   * returns.
   */
  close(refusal: Refusal): void;
}

export type PublishDecision =
  | { readonly accepted: true; readonly sink: PublishSink }
  | ({ readonly accepted: false } & Refusal);

/** A message of a peer that is not understood and not needed. */
export interface SkippedMessage {
  /** `ip:port` of the peer. */
  readonly remoteAddr: string;
  /** e.g. `the command onFI`. */
  readonly what: string;
  readonly why: string;
}

/** The end of a connection. */
export interface ConnectionEnd {
  /** `ip:port` of the peer. */
  readonly remoteAddr: string;
  readonly detail: string;
  /**
   * Nothing that anybody must look at: a push told its sink the same, the peer left after its push, or the peer left
   * before `connect` and only looked whether the port answers.
   */
  readonly isUsual: boolean;
}

/** A connection may publish several times, one push after the other. */
export interface RtmpHandler {
  /** Called for `connect`. A refusal is answered with `_error`. */
  connect(command: ConnectCommand, peer: Peer): Refusal | undefined;
  /**
   * Called for each `publish`, after the push before it was stored. NetStream.Publish.Start is sent only after this
   * resolved with `accepted: true`; until then nothing more is read from the peer. If the peer has left meanwhile, the
   * `end` of an accepted sink is called at once. A rejection is answered as a refusal and reported to `closed` with its
   * stack.
   */
  publish(command: PublishCommand, publisher: Publisher): Promise<PublishDecision>;
  /** Called once per connection and kind of message, for a limited number of kinds. The connection goes on. */
  skipped(message: SkippedMessage): void;
  /** Called once per connection, when it has ended, after the `end` of its last sink. */
  closed(end: ConnectionEnd): void;
}
