import type { Clock } from '../base/clock.ts';
import { errorStack, toError } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import { lostMediaText } from '../events/lost-media.ts';
import type { MediaMessage } from '../media/flv/media-message.ts';
import type { MediaStat, MediaTotals } from '../media/stat.ts';
import type { SnapshotCamera } from '../notify/snapshot/camera.ts';
import type { LostRecording } from '../recording/fragments/recorder.ts';
import type { PublishEnd, Publisher, PublishSink } from '../rtmp/publish.ts';
import { LeaseLost } from '../storage/leases/lease-lost.ts';
import { isStoreAway, machineFault } from '../storage/machine-fault.ts';
import type { BackPressure } from './back-pressure.ts';
import type { Diagnosis } from './diagnosis.ts';
import { type FrameInput, Intake } from './intake.ts';
import { lossFields } from './recording-loss.ts';

/** What a push is composed of. */
export interface PushParts {
  readonly publisher: Publisher;
  readonly clock: Clock;
  /** Its lines say which push it is. */
  readonly log: Log;
  readonly backPressure: BackPressure;
  /** Where the frames go: a segmenter, or a fanout. */
  readonly frames: FrameInput;
  readonly diagnosis: Diagnosis;
  readonly camera?: SnapshotCamera | undefined;
  /** Tells that the push ends because another node may have its source now. */
  readonly reportLost?: (reason: string) => void;
  /** Called once, when nothing more arrives. The push has ended when it resolves: to what of it was lost, if something was. */
  readonly finish: (cause: PublishEnd['cause']) => Promise<LostRecording | undefined>;
}

/**
 * One push, from its admission until everything it sent is stored: publishing, then ending (the peer is gone, the last
 * fragment is being stored), then ended. Its name is taken until then, so that the next push finds all of this one.
 */
export class Push implements PublishSink {
  /** Resolves when `finish` has resolved or rejected. */
  readonly ended: Promise<void>;
  readonly #parts: PushParts;
  readonly #intake: Intake;
  #isLost = false;
  #resolveEnded: () => void = () => {};

  constructor(parts: PushParts) {
    this.#parts = parts;
    this.#intake = new Intake(parts);
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  message(message: MediaMessage): void {
    try {
      if (!this.#intake.take(message)) this.#parts.backPressure.wait(this.#parts.frames);
    } catch (error) {
      // A bug; it must cost this push only.
      this.fail('intake', toError(error));
    }
  }

  /** The peer is gone, or was cut. */
  end(reason: PublishEnd): Promise<void> {
    this.#finish(reason)
      .catch((error) => this.#parts.log.error('session.end-failed', { error: errorStack(error) }))
      .finally(this.#resolveEnded);
    return this.ended;
  }

  stat(): MediaStat {
    return this.#intake.stats.stat(this.#parts.clock.elapsed());
  }

  /** As of now: later frames do not change it. */
  totals(): MediaTotals {
    return { ...this.#intake.stats.totals };
  }

  /** Ends the push; code and description are sent to the publisher. */
  cut(code: string, description: string): void {
    this.#parts.publisher.close({ code, description });
  }

  /** Ends the push because the emulator stops or is reset; resolves when it has ended. */
  stop(reason: string): Promise<void> {
    this.cut('NetConnection.Connect.AppShutdown', reason);
    return this.ended;
  }

  /** Ends the push because the lease of its source is not held any longer. */
  lose(reason: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#parts.log.warn('session.lost', { reason });
    this.#parts.reportLost?.(reason);
    this.cut('NetStream.Publish.Failed', `ServiceUnavailable: ${reason}. Please try again.`);
  }

  /** Ends the push because one of its parts failed. */
  fail(what: 'intake' | 'recorder' | 'segmenter', error: Error): void {
    if (error instanceof LeaseLost) {
      this.lose(error.message);
      return;
    }
    // Where a machine has failed, the stack tells nothing.
    this.#parts.log.error('session.failed', { what, error: machineFault(error) ?? errorStack(error) });
    const code = isStoreAway(error) ? 'ServiceUnavailable' : 'InternalError';
    this.cut('NetStream.Publish.Failed', `${code}: the ${what} failed`);
  }

  async #finish(reason: PublishEnd): Promise<void> {
    const { log, finish } = this.#parts;
    try {
      this.#intake.end();
    } catch (error) {
      // A bug; what was passed on before it is still stored.
      log.error('session.failed', { what: 'intake', error: errorStack(error) });
    }
    const lost = lossFields(await finish(reason.cause));
    const how = { cause: reason.cause, detail: 'detail' in reason ? reason.detail : undefined };
    const lossText = lostMediaText(lost);
    if (lossText === undefined) log.info('publish.ended', how);
    else log.error('publish.ended', { ...how, ...lost, reason: lossText });
  }
}
