import type { Clock, Timer } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import { logFailure } from '../storage/machine-fault.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import type { LiveServices } from './services.ts';

const DAY_MS = 24 * 3_600_000;
/**
 * Recordings and index files can be asked for six months (DescribeLiveStreamRecordContent and
 * DescribeLiveStreamRecordIndexFiles pages), of 30 days each because the pages do not say. So their slices are kept as
 * long, although a new index file reaches back three months only. Objects are never deleted.
 */
const RECORD_AGE_MS = 180 * DAY_MS;
/** A stream that was not pushed for three months does not exist for CreateLiveStreamRecordIndexFiles. */
const PUSH_AGE_MS = 90 * DAY_MS;

export interface RetentionDeps extends Pick<LiveServices, 'recordings' | 'streams' | 'indexFiles'> {
  readonly metadata: MetadataStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** Deletes what the service remembers no longer: at the start, and once a day of the clock. */
export class Retention {
  readonly #deps: RetentionDeps;
  #timer: Timer | undefined;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    await this.#forget();
    this.#nextDay();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #nextDay(): void {
    const { clock, log } = this.#deps;
    this.#timer = clock.setTimeout(() => {
      this.#nextDay();
      this.#forget().catch((error) =>
        logFailure(log, 'error', error, 'live.forget-failed', { error: errorText(error) }),
      );
    }, DAY_MS);
  }

  async #forget(): Promise<void> {
    const { metadata, clock, recordings, streams, indexFiles } = this.#deps;
    const nowMs = clock.now();
    await streams.forget(nowMs - PUSH_AGE_MS);
    await metadata.forgetStreamFragments(nowMs - RECORD_AGE_MS);
    await recordings.forget(nowMs - RECORD_AGE_MS);
    await indexFiles.forget(nowMs - RECORD_AGE_MS);
  }
}
