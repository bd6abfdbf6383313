import type { MediaStat } from '../channel/sessions.ts';
import type { Clock } from '../clock.ts';
import type { Events } from '../events/events.ts';
import type { StreamFinding } from '../events/findings.ts';
import { Recorder, recordingPosition } from '../fragments/recorder.ts';
import type { Shelf } from '../fragments/shelf.ts';
import type { OnlineStream, StreamPush } from '../live/live-streams.ts';
import type { Log } from '../log.ts';
import type { MetadataStore } from '../metadata/store.ts';
import type { ObjectStore } from '../objects/store.ts';
import type { MediaMessage, PublishEnd, Publisher, PublishSink } from '../rtmp/publish.ts';
import { cuttingRule, type MuxerFactory, type Segmenter } from '../segmenter/segmenter.ts';
import { createSegmenter } from '../segmenter/session.ts';
import { Diagnosis } from './diagnosis.ts';
import { Fanout, type FrameOutput } from './fanout.ts';
import { Intake } from './intake.ts';

/** What key frames are judged by, whether the stream is recorded or not: the shortest slices there are. */
const USUAL_SLICE_MS = 5_000;

export interface StreamSessionDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
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
 * change on the way; and others may watch it.
 */
export class StreamSession implements PublishSink, OnlineStream {
  readonly push: StreamPush;
  /** Resolves when everything is stored and everybody who observes streams was told. */
  readonly ended: Promise<void>;
  readonly #start: StreamSessionStart;
  readonly #deps: StreamSessionDeps;
  readonly #log: Log;
  readonly #fanout = new Fanout((output) => this.#wait(output));
  readonly #intake: Intake;
  /** What the publisher is made to wait for. */
  readonly #waitingFor = new Set<unknown>();
  #recording: Recording | undefined;
  #resolveEnded: () => void = () => {};

  constructor(start: StreamSessionStart, deps: StreamSessionDeps) {
    const { id, source } = start.push;
    const { domain, app, stream } = source;
    this.push = start.push;
    this.#start = start;
    this.#deps = deps;
    this.#log = deps.log.with({ session: id, domain, app, stream });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const diagnosis = new Diagnosis({
      fragDurationMs: USUAL_SLICE_MS,
      report: (finding, detail) => this.#tell(finding, detail),
    });
    this.#intake = new Intake({ clock: deps.clock, log: this.#log, segmenter: this.#fanout, diagnosis });
  }

  message(message: MediaMessage): void {
    try {
      this.#intake.take(message);
    } catch (error) {
      // A bug, then; it must cost this push only.
      this.#fail('intake', error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The peer is gone, or was sent away. */
  end(reason: PublishEnd): void {
    this.#finish(reason)
      .catch((error) => this.#log.error('session.end-failed', { error: String(error) }))
      .finally(this.#resolveEnded);
  }

  stat(): MediaStat {
    return this.#intake.stats.stat(this.#deps.clock.now());
  }

  cut(code: string, description: string): void {
    this.#start.publisher.close({ code, description });
  }

  stop(reason: string): Promise<void> {
    this.cut('NetConnection.Connect.AppShutdown', reason);
    return this.ended;
  }

  /** Somebody watches, until the returned function is called. */
  watch(output: FrameOutput): () => void {
    this.#fanout.add(output);
    return () => {
      this.#fanout.remove(output);
      this.#goOn(output);
    };
  }

  async record(shelf: Shelf, sliceDurationSec: number): Promise<void> {
    const { clock, metadata, objects, muxer } = this.#deps;
    const position = await recordingPosition(metadata, shelf);
    const recorder = new Recorder(
      {
        ...{ clock, metadata, objects, shelf, sessionId: this.push.id },
        onFailure: (error) => this.#fail('recorder', error),
        onBusy: (until) => {
          this.#wait(until);
          until.then(() => this.#goOn(until));
        },
      },
      position,
    );
    const segmenter = createSegmenter({
      ...{ rule: cuttingRule(sliceDurationSec), muxer, sink: recorder },
      onDrain: () => this.#goOn(segmenter),
      onFailure: (error) => this.#fail('segmenter', error),
    });
    this.#recording = { segmenter, recorder };
    this.#fanout.add(segmenter);
  }

  async stopRecording(): Promise<void> {
    const recording = this.#recording;
    if (!recording) return;
    this.#recording = undefined;
    const { segmenter, recorder } = recording;
    this.#fanout.remove(segmenter);
    this.#goOn(segmenter);
    // What a failed muxer could not give is lost; what it gave is stored all the same.
    await segmenter.end().catch((error) => this.#log.error('segmenter.end-failed', { error: String(error) }));
    await recorder.flushed();
  }

  async #finish(reason: PublishEnd): Promise<void> {
    await this.stopRecording();
    this.#log.info('publish.ended', { cause: reason.cause, detail: 'detail' in reason ? reason.detail : undefined });
    await this.#start.onEnded(reason.cause);
  }

  #tell(finding: StreamFinding, detail: string): void {
    const { id: sessionId, source } = this.push;
    const { domain, app, stream } = source;
    this.#log.warn('stream.finding', { finding, detail });
    this.#deps.events.emit({ type: 'live.finding', domain, app, stream, sessionId, finding, detail });
  }

  #fail(what: string, error: Error): void {
    this.#log.error('session.failed', { what, error: error.stack ?? error.message });
    this.cut('NetStream.Publish.Failed', `InternalError: the ${what} failed`);
  }

  #wait(reason: unknown): void {
    if (this.#waitingFor.size === 0) this.#start.publisher.pause();
    this.#waitingFor.add(reason);
  }

  #goOn(reason: unknown): void {
    if (this.#waitingFor.delete(reason) && this.#waitingFor.size === 0) this.#start.publisher.resume();
  }
}
