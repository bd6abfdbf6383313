/** How long the page waits for the emulator, and when it was last heard of. */
import type { Clock, Timer } from '../base/clock.ts';
import { CallFailed } from './call-failed.ts';

/** How long nothing may come, and no byte may go. */
export interface Limit {
  readonly ms: number;
  /** It is enough that the emulator is heard of by another call, for work that has nothing to send meanwhile. */
  readonly isOfAll: boolean;
  /** What a user is to know when it is over. */
  readonly advice?: string;
}

const MAY_BE_DONE = 'What was asked for may still be done when it goes on: look before you repeat it.';

/** Every wait has one of these, so that nothing stays as it is for ever when the emulator, or what is between, hangs. */
export const LIMITS = {
  /**
   * A short question, and the stream of events, in which the emulator sends something every five seconds. The emulator itself tries
   * a store for ten seconds before it answers that it is away.
   */
  question: { ms: 15_000, isOfAll: false },
  /** A request of REST that changes nothing, or a file that comes: as long as the SDKs wait. A fault rule may delay it. */
  request: { ms: 60_000, isOfAll: false },
  /** The emulator may wait for others: a push that it begins, a server that it calls. */
  change: { ms: 60_000, isOfAll: false, advice: MAY_BE_DONE },
  /** A seed, a reset, an import, a VOD playlist, and an export until it comes. */
  work: { ms: 120_000, isOfAll: true, advice: MAY_BE_DONE },
} as const satisfies Record<string, Limit>;

/** Nothing has come for as long as the limit says. */
export class NoAnswerInTime extends CallFailed {
  constructor({ ms, advice }: Limit) {
    super(
      ['The emulator has not answered for', `${ms / 1000} s.`, ...(advice === undefined ? [] : [advice])].join(' '),
    );
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
  #heardCount = 0;

  /** The page itself has just come from the emulator. @param clock of the machine on which the page is shown */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastMs = clock.now();
  }

  /** When the emulator was last heard of, by the clock of the machine on which the page is shown. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /**
   * The answer to a request, as soon as it begins.
   * @throws CallFailed when the emulator cannot be reached, or does not answer within the limit
   */
  async answer(limit: Limit, request: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
    const response = await this.within(limit, ({ signal }) =>
      request(signal).catch(() => {
        // `fetch` gives no reason.
        throw new CallFailed('The emulator does not answer.');
      }),
    );
    this.#heard();
    return response;
  }

  /**
   * The body of an answer. What is not read to its end is broken off.
   * @throws CallFailed when it does not come to its end, or stands still for longer than the limit
   */
  async *chunks(limit: Limit, { body }: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const reader = body?.getReader();
    if (!reader) return;
    const read = () =>
      reader.read().catch(() => {
        throw new CallFailed('The emulator did not answer to the end.');
      });
    try {
      for (;;) {
        const { done, value } = await this.within(limit, read);
        if (done) return;
        this.#heard();
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
      const begin = () => {
        timer?.cancel();
        if (isOver) return;
        const heardBefore = this.#heardCount;
        timer = this.#clock.setTimeout(() => {
          if (limit.isOfAll && this.#heardCount > heardBefore) return begin();
          end();
          reject(new NoAnswerInTime(limit));
          ending.abort();
        }, limit.ms);
      };
      begin();
      act({ signal: ending.signal, moved: begin }).then(resolve, reject).finally(end);
    });
  }

  #heard(): void {
    this.#heardCount += 1;
    this.#lastMs = this.#clock.now();
  }
}
