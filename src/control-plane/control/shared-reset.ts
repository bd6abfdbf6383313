import { type Clock, startStopwatch } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import { OssError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { wait } from '../../base/wait.ts';
import {
  type Fence,
  type LeaseHolder,
  type Leases,
  type NodeView,
  RESET_LEASE,
  type ResetState,
  type Seen,
  type SeenReset,
} from '../../storage/leases/leases.ts';
import { runAlone, START_LEASE } from '../../storage/leases/run-alone.ts';
import { logFailure } from '../../storage/machine-fault.ts';

/** How often nodes look at each other during a reset. */
const LOOK_MS = 200;
/** A node that is there has this long for a step: its pushes end, and their last fragments are stored. */
const MAX_STEP_MS = 30_000;

/** What a reset does to the rows. */
export interface ResetContent {
  /** Deletes the rows. */
  empty(bucket: string | undefined, fence: Fence | undefined): Promise<void>;
  /** Makes the rows of the start. */
  restore(bucket: string | undefined): Promise<void>;
}

/** What a reset does on one node; each may be repeated. The rows are deleted and made by the node that makes it. */
export interface ResetSteps extends ResetContent {
  /** Ends the pushes, and takes none until `goOn`. */
  end(bucket: string | undefined): Promise<void>;
  /** Drops what is kept in memory of rows that were deleted. */
  forget(bucket: string | undefined): Promise<void>;
  /** Pushes may begin. */
  goOn(bucket: string | undefined, wasReset: boolean): Promise<void>;
}

export interface SharedResetDeps {
  readonly leases: Leases;
  readonly steps: ResetSteps;
  /** Real time. */
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * A reset of all nodes that share the metadata, one at a time. The node that makes it has a lease for it, and tells with its
 * renewals how far it is. The others follow, and each says what it has done. One that does not renew its leases is dead, or
 * finds afterwards that there was a reset.
 */
export class SharedReset implements LeaseHolder {
  readonly #deps: SharedResetDeps;
  readonly #ending = new AbortController();
  /** Of the reset that this node makes. */
  #told: ResetState | undefined;
  #latest: SeenReset | undefined;
  /** Number of the latest reset that this node has made or followed. */
  #known: number | undefined;
  #following: Promise<void> | undefined;

  constructor(deps: SharedResetDeps) {
    this.#deps = deps;
    deps.leases.attach(this);
    deps.leases.onSeen((seen) => this.#note(seen));
  }

  /**
   * @param content what there is afterwards, if not what there was at the start
   * @throws OssError ServiceUnavailable when another node does not follow in time; while pushes are ended, nothing was deleted
   * then
   */
  async make(bucket?: string, content: ResetContent = this.#deps.steps): Promise<void> {
    const { leases, steps } = this.#deps;
    const about = bucket === undefined ? {} : { bucket };
    try {
      await runAlone(leases, RESET_LEASE, async ({ number, fence }) => {
        // What a start finds is not deleted in the middle of it, and a node that is not listed yet takes no push.
        await runAlone(leases, START_LEASE, async () => {
          this.#known = number;
          let isReset = false;
          try {
            this.#told = { step: 'ending', ...about };
            await Promise.all([steps.end(bucket), this.#reached(number, 'ending')]);
            this.#told = { step: 'emptying', ...about };
            await this.#tell();
            await content.empty(bucket, fence);
            await steps.forget(bucket);
            await content.restore(bucket);
            isReset = true;
            this.#told = { step: 'emptied', ...about };
            await this.#reached(number, 'emptied');
          } finally {
            await steps.goOn(bucket, isReset);
          }
        });
      });
    } finally {
      // After the release, which leaves in the row what was told. A renewal of the next reset must not tell it again.
      this.#told = undefined;
    }
  }

  stateOf(source: string) {
    return source === RESET_LEASE && this.#told ? { reset: this.#told } : undefined;
  }

  /** What is deleted is deleted under the fence. */
  lose(): void {}

  end(): void {}

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#following;
  }

  /** A renewal that is on its way may have been sent before. */
  async #tell(): Promise<void> {
    await this.#deps.leases.renewAll();
    await this.#deps.leases.renewAll();
  }

  /** Resolves when all other nodes that are there have done a step. */
  async #reached(number: number, step: ResetState['step']): Promise<void> {
    const { leases, clock } = this.#deps;
    await this.#tell();
    const passedMs = startStopwatch(clock);
    for (;;) {
      const late = (await leases.presentNodes()).filter(
        ({ id, acknowledged }) => id !== leases.owner && acknowledged !== acknowledgement(number, step),
      );
      if (late.length === 0) return;
      if (passedMs() >= MAX_STEP_MS) throw tooLate(late, step);
      await wait(clock, LOOK_MS);
    }
  }

  #note({ reset }: Seen): void {
    this.#latest = reset;
    // What was over at the start is not known here from before.
    if (this.#known === undefined && !reset?.isGoingOn) this.#known = reset?.number ?? 0;
    if (!reset || reset.owner === this.#deps.leases.owner || reset.number <= (this.#known ?? 0) || this.#following)
      return;
    const missed = reset.number - (this.#known ?? reset.number) > 1;
    this.#known = reset.number;
    this.#following = this.#follow(reset, missed).finally(() => {
      this.#following = undefined;
    });
  }

  /** @param missed whether there were others before, of which nothing is known any more */
  async #follow({ number }: SeenReset, missed: boolean): Promise<void> {
    const { leases, steps, clock, log } = this.#deps;
    const { signal } = this.#ending;
    const done = new Set<ResetState['step']>();
    let last: ResetState | undefined;
    const bucketOf = (state: ResetState | undefined) => (missed ? undefined : state?.bucket);
    const follow = async (step: ResetState['step'], action: () => Promise<void>) => {
      if (done.has(step)) return;
      await action();
      done.add(step);
      await leases.acknowledge(acknowledgement(number, step));
    };
    while (!signal.aborted) {
      const reset = this.#latest;
      if (reset?.number === number && reset.state) last = reset.state;
      if (reset?.number !== number || !reset.isGoingOn) break;
      try {
        if (last) await follow('ending', () => steps.end(bucketOf(last)));
        if (last?.step === 'emptied') {
          await follow('emptied', async () => {
            await steps.forget(bucketOf(last));
            await steps.goOn(bucketOf(last), true);
          });
        }
        await wait(clock, LOOK_MS, signal);
        await leases.renewAll();
      } catch (error) {
        logFailure(log, 'warn', error, 'reset.not-followed', { error: errorText(error) });
        await wait(clock, LOOK_MS, signal);
      }
    }
    if (signal.aborted || done.has('emptied')) return;
    // The node that made it has died in the middle, or this one was stopped meanwhile.
    await this.#catchUp(bucketOf(last), missed || last?.step !== 'ending', done.has('ending'));
  }

  async #catchUp(bucket: string | undefined, wasEmptied: boolean, hasEnded: boolean): Promise<void> {
    const { steps, log } = this.#deps;
    try {
      if (wasEmptied) {
        if (!hasEnded) await steps.end(bucket);
        await steps.forget(bucket);
      }
    } catch (error) {
      log.warn('reset.not-followed', { error: errorText(error) });
    } finally {
      if (wasEmptied || hasEnded) await steps.goOn(bucket, wasEmptied);
    }
  }
}

function acknowledgement(number: number, step: ResetState['step']): string {
  return `reset ${number} ${step}`;
}

function tooLate(late: readonly NodeView[], step: ResetState['step']): OssError {
  const names = late.map(({ name }) => name).join(', ');
  return new OssError(
    'ServiceUnavailable',
    step === 'ending'
      ? `Nothing was reset: pushes of other nodes have not ended within ${MAX_STEP_MS / 1000} s (${names}).`
      : `Everything was reset, but other nodes have not said within ${MAX_STEP_MS / 1000} s that they know it (${names}).`,
  );
}
