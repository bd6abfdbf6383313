import { setMaxListeners } from 'node:events';
import { type Clock, startStopwatch } from '../../../base/clock.ts';
import { isError } from '../../../base/error-code.ts';
import { causeText, errorTextAt } from '../../../base/error-text.ts';
import { redact } from '../../../base/redact.ts';
import { wait } from '../../../base/wait.ts';
import type { Outages } from '../../outages.ts';
import { StoreUnavailable } from '../object-store.ts';
import type { RequestLimits } from './remote-bucket.ts';

/** An attempt without a body. A store that hangs costs no more before the next one. */
const ATTEMPT_MS = 3_000;
/** What a body adds to that: 512 KiB/s is a slow store. */
const BYTES_PER_MS = 512;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
/** Codes by which stores say that there are too many requests. Source: error codes of S3 and of OSS. */
const TOO_MANY = /^(SlowDown|TooManyRequests|RequestLimitExceeded|QpsLimitExceeded|.*RateLimitExceeded)/;
/** Names and codes of errors of the system, of the AWS SDK (`TimeoutError`) and of ali-oss (the other names). */
const NO_ANSWER =
  /^(ECONN(REFUSED|RESET|ABORTED)|ETIMEDOUT|EPIPE|E(HOST|NET)(UNREACH|DOWN)|ENOTFOUND|EAI_AGAIN|ERR_STREAM_PREMATURE_CLOSE|(Connection|Response)?TimeoutError|(Request|Response)Error)$/;
/** By which a store says that it cannot at present, or a proxy that the store does not answer. One that fails says 500. */
const CANNOT_NOW: readonly (number | undefined)[] = [408, 429, 502, 503, 504];

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

/** The store has not answered, or not to the end. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/**
 * Requests to a store that may be slow, away or overloaded: repeated until a deadline, which ends the request. `outages` is told
 * when a request is not answered for longer than an attempt may take, of each failure after that, and when it has failed.
 */
export class Attempts {
  readonly #clock: Clock;
  /** The store, for people. */
  readonly #shown: string;
  readonly #outages: Pick<Outages, 'failed'> | undefined;

  constructor(clock: Clock, shown: string, outages?: Pick<Outages, 'failed'>) {
    this.#clock = clock;
    this.#shown = shown;
    this.#outages = outages;
  }

  /** @throws StoreUnavailable when no attempt succeeded, or the store refused in a way that a repetition does not mend */
  async run<Result>(request: RepeatedRequest<Result>): Promise<Result> {
    const attemptMs = ATTEMPT_MS + Math.ceil((request.bodyBytes ?? 0) / BYTES_PER_MS);
    const passedMs = startStopwatch(this.#clock);
    let reason: unknown = noAnswer(attemptMs);
    const tell = () => this.#tell(this.#unavailable(request.what, reason), passedMs());
    const notice = this.#clock.setTimeout(tell, attemptMs);
    const onFailure = (error: unknown) => {
      reason = error;
      if (passedMs() >= attemptMs) tell();
    };
    try {
      return await this.#repeat(request, attemptMs, onFailure);
    } catch (error) {
      throw this.failure(request, error, passedMs());
    } finally {
      notice.cancel();
    }
  }

  /**
   * What a request failed with, after `forMs` milliseconds. Of a store that does not answer it is told. One that was given up says
   * nothing of the store, and may have waited for one that is away.
   */
  failure(
    { what, signal }: Pick<RepeatedRequest<unknown>, 'what' | 'signal'>,
    error: unknown,
    forMs = 0,
  ): StoreUnavailable {
    const isGivenUp = signal?.aborted === true;
    const failure = this.#unavailable(what, error, isGivenUp);
    if (isGivenUp) this.#outages?.failed(failure, forMs);
    else this.#tell(failure, forMs);
    return failure;
  }

  /** One attempt. Rejects when the store does not answer, or that it cannot; what it refuses for good is an answer. */
  async probe(act: (limits: RequestLimits) => Promise<unknown>, signal: AbortSignal): Promise<void> {
    try {
      await this.#once(act, ATTEMPT_MS, noAnswer(ATTEMPT_MS), signal);
    } catch (error) {
      if (signal.aborted || mayBeOutage(error)) throw error;
    }
  }

  async #repeat<Result>(
    { limitMs, signal, act }: RepeatedRequest<Result>,
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
        // Nodes that failed together do not come back together.
        const restMs = pauseMs * (0.5 + Math.random() / 2);
        const isOver = passedMs() + restMs >= limitMs;
        if (isOver || signal?.aborted || !isPassing(error)) throw error;
        onFailure(error);
        await wait(this.#clock, restMs, signal);
      }
    }
  }

  #unavailable(what: string, error: unknown, isGivenUp = false): StoreUnavailable {
    if (error instanceof StoreUnavailable) return error;
    const status = statusOf(error);
    const shown = status === undefined ? '' : ` (${status})`;
    const reason = errorTextAt(this.#shown, redact(causeText(error))) + shown;
    return new StoreUnavailable(`${this.#shown}: ${what}: ${reason}`, factsOf(error, shown, isGivenUp));
  }

  #tell(reason: StoreUnavailable, forMs: number): void {
    if (reason.mayBeOutage) this.#outages?.failed(reason, forMs);
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
    // Every request under way listens to it, and removes its listener: Node's warning of a leak would be wrong.
    if (signal) setMaxListeners(0, signal);
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

function noAnswer(withinMs: number): NoAnswer {
  return new NoAnswer(`no answer within ${withinMs / 1000} s`);
}

function factsOf(error: unknown, shownStatus: string, isGivenUp: boolean) {
  if (isGivenUp) return { what: 'the request was given up' };
  const isBusy = statusOf(error) === 429 || TOO_MANY.test(codeOf(error));
  if (isBusy) return { what: 'its object store has too many requests', mayBeOutage: true, isBusy };
  if (!isPassing(error)) return { what: `its object store refuses that${shownStatus}` };
  if (shownStatus !== '') {
    return { what: `its object store answers that it cannot${shownStatus}`, mayBeOutage: mayBeOutage(error) };
  }
  if (mayBeOutage(error)) return { what: 'its object store does not answer', mayBeOutage: true };
  return { what: 'its object store cannot be used' };
}

/** Whether the store has not answered, or only that it cannot at present; not what fails here, such as missing credentials. */
function mayBeOutage(error: unknown): boolean {
  if (CANNOT_NOW.includes(statusOf(error)) || TOO_MANY.test(codeOf(error))) return true;
  if (statusOf(error) !== undefined) return false;
  return error instanceof NoAnswer || NO_ANSWER.test(codeOf(error));
}

/** In the errors of the AWS SDK it is the name. */
function codeOf(error: unknown): string {
  if (!isError(error)) return '';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
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
