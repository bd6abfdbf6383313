/** How long the page waits for the emulator, and when it was last heard of. */
import type { Clock, Timer } from '../base/clock.ts';
import type { MARK_HEADER } from '../control-plane/admin/answer-mark.ts';
import { CallFailed } from './call-failed.ts';

/** How long nothing may come, and no byte may go. */
export interface Limit {
  readonly ms: number;
  /** Of the call alone; or of the emulator, of which any call may hear: for work that has nothing to send meanwhile. */
  readonly silenceOf: 'the call' | 'the emulator';
  /** What a user is to know when it is over. */
  readonly advice?: string;
}

const MARK: typeof MARK_HEADER = 'x-emulator';
/** One of them is in every answer of the emulator to the page: elsewhere than below `/_emulator/` it is the id of the request. */
const MARKS: readonly string[] = [MARK, 'x-oss-request-id', 'x-acs-request-id', 'x-mns-request-id'];

const MAY_BE_DONE = 'What was asked for may still be done when it goes on: look before you repeat it.';

/**
 * Every wait has one of these, so that nothing stays as it is for ever when the emulator, or what is between, hangs. Work that
 * hangs alone, while other calls are answered, is not told from work that takes long: it is waited for.
 */
export const LIMITS = {
  /**
   * A short question, and the stream of events, in which the emulator sends something every five seconds. The emulator itself tries
   * a store for ten seconds before it answers that it is away.
   */
  question: { ms: 15_000, silenceOf: 'the call' },
  /** A request of REST that changes nothing, or a file that comes: as long as the SDKs wait. A fault rule may delay it. */
  request: { ms: 60_000, silenceOf: 'the call' },
  /** The emulator may wait for others: a push that it begins, a server that it calls. */
  change: { ms: 60_000, silenceOf: 'the call', advice: MAY_BE_DONE },
  /** A seed, a reset, an import, a VOD playlist, an upload that is stored when all of it is sent, and an export until it comes. */
  work: { ms: 120_000, silenceOf: 'the emulator', advice: MAY_BE_DONE },
} as const satisfies Record<string, Limit>;

/** There is nobody at the address of the emulator, or no way to it, or the connection was lost before the answer came. */
export class Unreachable extends CallFailed {
  /** As in `Unanswered`. The advice is left out: mostly nobody was there. */
  readonly mayBeDone: boolean;

  constructor({ advice }: Limit) {
    super('The emulator does not answer.');
    this.mayBeDone = advice === MAY_BE_DONE;
  }
}

/** What was asked for had no whole answer. */
export class Unanswered extends CallFailed {
  /** Something was to be changed, and nobody knows whether it is. */
  readonly mayBeDone: boolean;

  constructor(text: string, { advice }: Limit) {
    super(advice === undefined ? text : `${text} ${advice}`);
    this.mayBeDone = advice === MAY_BE_DONE;
  }
}

/** Something between has answered, as a proxy: nobody knows whether the emulator was asked. */
export class AnsweredByOther extends Unanswered {
  readonly status: number;

  constructor(limit: Limit, status: number) {
    super(`Not the emulator has answered, but something between, as a proxy: HTTP ${status}.`, limit);
    this.status = status;
  }
}

/** Nothing has come for as long as the limit says. */
export class NoAnswerInTime extends Unanswered {
  constructor(limit: Limit) {
    super(`The emulator has not answered for ${limit.ms / 1000} s.`, limit);
  }
}

/** The answer has begun, and not come to its end. */
export class CutOff extends Unanswered {
  constructor(limit: Limit) {
    super('The emulator did not answer to the end.', limit);
  }
}

/** The wait for one thing. */
export interface Waiting {
  /** Aborts when the limit is over. */
  readonly signal: AbortSignal;
  /** Bytes have gone or come: the limit begins anew. */
  readonly moved: () => void;
}

export class Contact {
  readonly #clock: Clock;
  #lastMs: number;
  #lastElapsedMs: number;

  /** The page itself has just come from the emulator. @param clock of the machine on which the page is shown */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastMs = clock.now();
    this.#lastElapsedMs = clock.elapsed();
  }

  /** When the emulator was last heard of, by the clock of the machine on which the page is shown. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** For how long the emulator has not been heard of. */
  get silenceMs(): number {
    return this.#clock.elapsed() - this.#lastElapsedMs;
  }

  /**
   * The answer to a request, as soon as it begins.
   * @throws Unreachable
   * @throws NoAnswerInTime
   */
  async answer(limit: Limit, request: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
    const response = await this.within(limit, ({ signal }) =>
      request(signal).catch(() => {
        // `fetch` gives no reason.
        throw new Unreachable(limit);
      }),
    );
    this.#heardBy(response);
    return response;
  }

  /**
   * As `answer`, and only of the emulator.
   * @throws Unreachable
   * @throws NoAnswerInTime
   * @throws AnsweredByOther
   */
  async answerOfEmulator(limit: Limit, request: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
    const response = await this.answer(limit, request);
    if (isOfEmulator(response.headers)) return response;
    // What nobody reads would keep one of the few connections of the browser.
    response.body?.cancel().catch(() => {});
    throw new AnsweredByOther(limit, response.status);
  }

  /**
   * The body of an answer. What is not read to its end is broken off.
   * @throws CallFailed when it does not come to its end, or stands still for longer than the limit
   */
  async *chunks(limit: Limit, response: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const reader = response.body?.getReader();
    if (!reader) return;
    const read = () =>
      reader.read().catch(() => {
        throw new CutOff(limit);
      });
    try {
      for (;;) {
        const { done, value } = await this.within(limit, read);
        if (done) return;
        this.#heardBy(response);
        yield value;
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  /** @throws CallFailed as `chunks` */
  async text(limit: Limit, response: Response): Promise<string> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of this.chunks(limit, response)) text += decoder.decode(chunk, { stream: true });
    return text + decoder.decode();
  }

  /** @throws NoAnswerInTime when nothing has moved for as long as the limit says; else what `act` throws */
  within<Result>(limit: Limit, act: (waiting: Waiting) => Promise<Result>): Promise<Result> {
    const ending = new AbortController();
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      let isOver = false;
      const end = () => {
        isOver = true;
        timer?.cancel();
      };
      const waitFor = (ms: number) => {
        timer?.cancel();
        if (isOver) return;
        timer = this.#clock.setTimeout(() => {
          const leftMs = limit.silenceOf === 'the emulator' ? limit.ms - this.silenceMs : 0;
          if (leftMs > 0) return waitFor(leftMs);
          end();
          reject(new NoAnswerInTime(limit));
          ending.abort();
        }, ms);
      };
      const begin = () => waitFor(limit.ms);
      begin();
      act({ signal: ending.signal, moved: begin }).then(resolve, reject).finally(end);
    });
  }

  /** It says nothing of the emulator that something between has answered; and one that refuses may be too busy to be used. */
  #heardBy({ ok, headers }: Response): void {
    if (!ok || !isOfEmulator(headers)) return;
    this.#lastMs = this.#clock.now();
    this.#lastElapsedMs = this.#clock.elapsed();
  }
}

/** Whether an answer with these headers is the emulator's. */
export function isOfEmulator(headers: Pick<Headers, 'get'>): boolean {
  return MARKS.some((name) => headers.get(name) !== null);
}
