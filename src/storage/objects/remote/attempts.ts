import { type Clock, startStopwatch } from '../../../base/clock.ts';
import { isError } from '../../../base/error-code.ts';
import { causeText } from '../../../base/error-text.ts';
import { redact } from '../../../base/redact.ts';
import { wait } from '../../../base/wait.ts';
import { StoreUnavailable } from '../object-store.ts';
import type { RequestLimits } from './remote-bucket.ts';

/** An attempt without a body. A store that hangs costs no more before the next one. */
const ATTEMPT_MS = 3_000;
/** What a body adds to that: 512 KiB/s is a slow store. */
const BYTES_PER_MS = 512;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
/** Requests that take longer than one attempt are told together, once in so long a time. */
const NOTICE_MS = 30_000;

export interface RepeatedRequest<Result> {
  /** For people, e.g. `PUT`. */
  readonly what: string;
  /** All attempts together take no longer than this. */
  readonly limitMs: number;
  readonly bodyBytes?: number;
  /** Its reason is that of the failure. */
  readonly signal?: AbortSignal;
  readonly act: (limits: RequestLimits) => Promise<Result>;
}

/** Requests to a store that may be slow, away or overloaded: repeated until a deadline, which ends the request. */
export class Attempts {
  readonly #clock: Clock;
  /** The store, for people. */
  readonly #shown: string;
  readonly #onWaiting: ((reason: StoreUnavailable) => void) | undefined;
  #nextNoticeMs = 0;

  /** @param onWaiting called when requests take longer than an attempt, or half of their time, every half a minute at most */
  constructor(clock: Clock, shown: string, onWaiting?: (reason: StoreUnavailable) => void) {
    this.#clock = clock;
    this.#shown = shown;
    this.#onWaiting = onWaiting;
  }

  /** @throws StoreUnavailable when no attempt succeeded, or the store refused in a way that a repetition does not mend */
  async run<Result>(request: RepeatedRequest<Result>): Promise<Result> {
    const attemptMs = ATTEMPT_MS + Math.ceil((request.bodyBytes ?? 0) / BYTES_PER_MS);
    const noticeMs = Math.min(attemptMs, request.limitMs / 2);
    let reason: unknown = noAnswer(noticeMs);
    const notice = this.#clock.setTimeout(() => this.#notice(request.what, reason), noticeMs);
    const onFailure = (error: unknown) => {
      reason = error;
    };
    try {
      return await this.#repeat(request, attemptMs, onFailure);
    } finally {
      notice.cancel();
    }
  }

  async #repeat<Result>(
    { what, limitMs, signal, act }: RepeatedRequest<Result>,
    attemptMs: number,
    onFailure: (error: unknown) => void,
  ): Promise<Result> {
    const passedMs = startStopwatch(this.#clock);
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        const leftMs = Math.max(1, limitMs - passedMs());
        // The time of all attempts: what is left for the last one tells nobody anything.
        return await this.#once(act, Math.min(leftMs, attemptMs), noAnswer(limitMs), signal);
      } catch (error) {
        onFailure(error);
        // Nodes that failed together do not come back together.
        const restMs = pauseMs * (0.5 + Math.random() / 2);
        const isOver = passedMs() + restMs >= limitMs;
        if (isOver || signal?.aborted || !isPassing(error)) throw this.unavailable(what, error);
        await wait(this.#clock, restMs, signal);
      }
    }
  }

  unavailable(what: string, error: unknown): StoreUnavailable {
    if (error instanceof StoreUnavailable) return error;
    const status = statusOf(error);
    const reason = redact(causeText(error)) + (status === undefined ? '' : ` (${status})`);
    return new StoreUnavailable(`${this.#shown}: ${what}: ${reason}`);
  }

  #notice(what: string, error: unknown): void {
    const nowMs = this.#clock.elapsed();
    if (nowMs < this.#nextNoticeMs) return;
    this.#nextNoticeMs = nowMs + NOTICE_MS;
    this.#onWaiting?.(this.unavailable(what, error));
  }

  async #once<Result>(
    act: (limits: RequestLimits) => Promise<Result>,
    timeoutMs: number,
    late: Error,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    if (signal?.aborted) throw signal.reason;
    const ending = new AbortController();
    const over = new Promise<never>((_, reject) => {
      ending.signal.addEventListener('abort', () => reject(ending.signal.reason));
    });
    const abort = () => ending.abort(signal?.reason);
    signal?.addEventListener('abort', abort);
    const timer = this.#clock.setTimeout(() => ending.abort(late), timeoutMs);
    try {
      return await Promise.race([act({ signal: ending.signal, timeoutMs }), over]);
    } catch (error) {
      throw ending.signal.aborted ? ending.signal.reason : error;
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', abort);
    }
  }
}

function noAnswer(withinMs: number): Error {
  return new Error(`no answer within ${withinMs / 1000} s`);
}

/** The status of an answer, in the errors of the AWS SDK and of ali-oss; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const status = '$metadata' in error ? httpStatusCode(error.$metadata) : 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 100 ? status : undefined;
}

/** Undefined when the store says that there is no such key. */
export async function unlessMissing<Result>(answer: Promise<Result>): Promise<Result | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 404 && !isBucketMissing(error)) return undefined;
    throw error;
  }
}

function httpStatusCode(metadata: unknown): unknown {
  return typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
    ? metadata.httpStatusCode
    : undefined;
}

/** What the store refuses by 4xx it refuses again, except when it is too busy or a body came too slowly. */
function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status >= 500 || status < 400 || status === 408 || status === 429;
}

/** Only answers with a body tell: that of HEAD has none. */
function isBucketMissing(error: unknown): boolean {
  return isError(error) && /^NoSuchBucket/.test(error.name);
}
