import type { MuxerFactory } from '../recording/segmenter/segmenter.ts';
import type { Peer, PublishSink, Refusal } from '../rtmp/publish.ts';
import type { PushNames } from './push-address.ts';

/** What goes wrong on purpose with a push. A port; the composition gives its adapter. */
export interface IngestFaults {
  /** At `connect`: resets the connection, or returns the refusal to answer with. */
  connect(names: PushNames, peer: Peer): Refusal | undefined;
  /**
   * At `publish`, before anything is checked: waits, resets, or refuses.
   * @throws OssError to refuse with
   */
  publish(names: PushNames, peer: Peer): Promise<void>;
  /** Returns the sink that the peer gets; it passes messages on to the push. */
  sink(inner: PublishSink, names: PushNames, peer: Peer): PublishSink;
  /** Returns the factory that a push gets; it wraps the muxers. */
  muxer(inner: MuxerFactory, names: PushNames): MuxerFactory;
}
