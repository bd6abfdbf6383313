import type { MuxerFactory } from '../recording/segmenter/segmenter.ts';
import type { Peer, PublishSink, Refusal } from '../rtmp/publish.ts';

/** The channel a push means, its bucket only where the URL names it; or the stream; of a room nothing. */
export interface PushTarget {
  readonly bucket?: string;
  readonly channel?: string;
  readonly app?: string;
  readonly stream?: string;
}

/** What goes wrong on purpose with a push: a port, filled by whoever puts the emulator together. */
export interface IngestFaults {
  /** At `connect`: resets the connection, or gives the refusal to answer with. */
  connect(target: PushTarget, peer: Peer): Refusal | undefined;
  /** At `publish`, before anything is checked: waits, resets, or throws the OssError to refuse with. */
  publish(target: PushTarget, peer: Peer): Promise<void>;
  /** Stands between the peer and the session it feeds. */
  sink(session: PublishSink, target: PushTarget, peer: Peer): PublishSink;
  /** Stands between a session and its muxers. */
  muxer(inner: MuxerFactory, target: PushTarget): MuxerFactory;
}
