import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Events } from '../events/events.ts';
import type { PublishingStream, StreamPush } from '../live/streams/publishing-streams.ts';
import { Recorder, recordingPosition } from '../recording/fragments/recorder.ts';
import type { Shelf } from '../recording/fragments/shelf.ts';
import { cuttingRule, type MuxerFactory, type Segmenter } from '../recording/segmenter/segmenter.ts';
import { createSegmenter } from '../recording/segmenter/segmenting-session.ts';
import type { Publisher } from '../rtmp/publish.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import type { ObjectStore } from '../storage/objects/object-store.ts';
import { LiveSession } from './live-session.ts';

export interface StreamSessionDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  readonly muxer: MuxerFactory;
}

export interface StreamSessionStart {
  readonly push: StreamPush;
  readonly publisher: Publisher;
  /** Everything it sent is stored. */
  readonly onEnded: (cause: string) => Promise<void>;
}

interface Recording {
  readonly segmenter: Segmenter;
  readonly recorder: Recorder;
}

/**
 * One push of a stream. Unlike that of a channel it is not recorded unless it is told to, and then by a rule that may
 * change on the way.
 */
export class StreamSession extends LiveSession implements PublishingStream {
  readonly push: StreamPush;
  readonly #deps: StreamSessionDeps;
  readonly #log: Log;
  #recording: Recording | undefined;

  constructor({ push, publisher, onEnded }: StreamSessionStart, deps: StreamSessionDeps) {
    const { id: sessionId, source } = push;
    const { domain, app, stream } = source;
    const log = deps.log.with({ session: sessionId, domain, app, stream });
    super({
      publisher,
      clock: deps.clock,
      log,
      report: (finding, detail) => {
        log.warn('stream.finding', { finding, detail });
        deps.events.emit({ type: 'live.finding', domain, app, stream, sessionId, finding, detail });
      },
      finish: async (cause) => {
        await this.stopRecording();
        await onEnded(cause);
      },
    });
    this.push = push;
    this.#deps = deps;
    this.#log = log;
  }

  async record(shelf: Shelf, sliceDurationSec: number): Promise<void> {
    const { clock, metadata, bytes, muxer } = this.#deps;
    const position = await recordingPosition(metadata, shelf);
    const recorder = new Recorder(
      {
        clock,
        metadata,
        bytes,
        shelf,
        sessionId: this.push.id,
        onFailure: (error) => this.fail('recorder', error),
        onBusy: (until) => {
          this.wait(until);
          until.then(() => this.goOn(until));
        },
      },
      position,
    );
    const segmenter = createSegmenter({
      rule: cuttingRule(sliceDurationSec),
      muxer,
      sink: recorder,
      onDrain: () => this.goOn(segmenter),
      onFailure: (error) => this.fail('segmenter', error),
    });
    this.#recording = { segmenter, recorder };
    this.attach(segmenter);
  }

  async stopRecording(): Promise<void> {
    const recording = this.#recording;
    if (!recording) return;
    this.#recording = undefined;
    const { segmenter, recorder } = recording;
    this.detach(segmenter);
    // What a failed muxer could not give is lost; what it gave is stored all the same.
    await segmenter.end().catch((error) => this.#log.error('segmenter.end-failed', { error: String(error) }));
    await recorder.flushed();
  }
}
