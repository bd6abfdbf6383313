import type { Clock } from '../base/clock.ts';
import { errorStack, toError } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import type { StreamFinding } from '../events/findings.ts';
import type { MediaMessage } from '../media/flv/media-message.ts';
import type { Frame } from '../media/frame.ts';
import type { MediaStat, MediaTotals } from '../media/stat.ts';
import type { PublishEnd, Publisher, PublishSink } from '../rtmp/publish.ts';
import type { FrameOutput, StreamOutput, WatchableStream } from '../watch/watchable.ts';
import { Diagnosis } from './diagnosis.ts';
import { Fanout } from './fanout.ts';
import { Intake } from './intake.ts';

/** What key frames are judged by, whether the stream is recorded or not: the shortest slices there are. */
const USUAL_SLICE_MS = 5_000;

export interface LiveSessionStart {
  readonly publisher: Publisher;
  readonly clock: Clock;
  /** Says whose push it is by itself. */
  readonly log: Log;
  readonly report: (finding: StreamFinding, detail: string) => void;
  /** Nothing more comes; everything is over when it resolves. */
  readonly finish: (cause: PublishEnd['cause']) => Promise<void>;
}

/** One push that is nobody's recording by itself: whoever wants its frames attaches an output, and takes it off again. */
export class LiveSession implements PublishSink, WatchableStream {
  /** Resolves when `finish` did. */
  readonly ended: Promise<void>;
  readonly #start: LiveSessionStart;
  readonly #fanout = new Fanout({
    onFull: (output) => this.wait(output),
    onViewerFailed: (error) => this.#start.log.error('viewer.failed', { error: String(error) }),
  });
  readonly #intake: Intake;
  /** What the publisher is made to wait for. */
  readonly #waitingFor = new Set<unknown>();
  #resolveEnded: () => void = () => {};

  constructor(start: LiveSessionStart) {
    const { clock, log, report } = start;
    this.#start = start;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const diagnosis = new Diagnosis({ fragDurationMs: USUAL_SLICE_MS, report });
    this.#intake = new Intake({ clock, log, segmenter: this.#fanout, diagnosis });
  }

  message(message: MediaMessage): void {
    try {
      this.#intake.take(message);
    } catch (error) {
      // A bug, then; it must cost this push only.
      this.fail('intake', toError(error));
    }
  }

  /** The peer is gone, or was sent away. */
  end(reason: PublishEnd): void {
    this.#fanout.end();
    this.#finish(reason)
      .catch((error) => this.#start.log.error('session.end-failed', { error: String(error) }))
      .finally(this.#resolveEnded);
  }

  stat(): MediaStat {
    return this.#intake.stats.stat(this.#start.clock.now());
  }

  totals(): MediaTotals {
    return this.#intake.stats.totals;
  }

  cut(code: string, description: string): void {
    this.#start.publisher.close({ code, description });
  }

  stop(reason: string): Promise<void> {
    this.cut('NetConnection.Connect.AppShutdown', reason);
    return this.ended;
  }

  get recent(): readonly Frame[] {
    return this.#fanout.recent;
  }

  watch(output: StreamOutput): () => void {
    this.#fanout.addViewer(output);
    this.#start.publisher.readAtOnce(true);
    return () => {
      this.#fanout.removeViewer(output);
      this.#start.publisher.readAtOnce(this.#fanout.isWatched);
    };
  }

  /** From now on the output gets the frames, and the publisher waits when it asks for that. */
  attach(output: FrameOutput): void {
    this.#fanout.add(output);
  }

  detach(output: FrameOutput): void {
    this.#fanout.remove(output);
    this.goOn(output);
  }

  /** Makes the publisher wait until `goOn` was called with the same reason. */
  wait(reason: unknown): void {
    if (this.#waitingFor.size === 0) this.#start.publisher.pause();
    this.#waitingFor.add(reason);
  }

  goOn(reason: unknown): void {
    if (this.#waitingFor.delete(reason) && this.#waitingFor.size === 0) this.#start.publisher.resume();
  }

  fail(what: string, error: Error): void {
    this.#start.log.error('session.failed', { what, error: errorStack(error) });
    this.cut('NetStream.Publish.Failed', `InternalError: the ${what} failed`);
  }

  async #finish(reason: PublishEnd): Promise<void> {
    const { log, finish } = this.#start;
    await finish(reason.cause);
    log.info('publish.ended', { cause: reason.cause, detail: 'detail' in reason ? reason.detail : undefined });
  }
}
