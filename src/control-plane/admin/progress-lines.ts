/** Answers that tell how far a call is, in lines of JSON, and end with its answer. */
import type { ServerResponse } from 'node:http';
import * as v from 'valibot';
import type { Clock } from '../../base/clock.ts';
import { PROGRESS_UNITS, type Progress } from '../../base/progress.ts';
import { choice, fields, integer, text } from '../../base/schema.ts';
import { turnOfTheLoop } from '../../base/turn-of-the-loop.ts';
import { UNBUFFERED } from './unbuffered.ts';

export const LINES_TYPE = 'application/x-ndjson';

/** People see no more than so many lines. */
const LINE_MS = 100;

const progress = fields({ done: integer(0), total: integer(0), unit: choice(PROGRESS_UNITS) });

/** One line. The last one has the answer of the call, or the error and the status that it would have had. */
export const progressLine = v.union([
  fields({ progress }),
  fields({ result: v.unknown() }),
  fields({ error: text, status: integer(400, 599) }),
]);

export type ProgressLine = v.InferOutput<typeof progressLine>;

export class ProgressLines {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  #lastMs: number | undefined;

  /** @param clock the real time */
  constructor(response: ServerResponse, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
  }

  /** Whether a line was sent, and with it the status 200. */
  get hasBegun(): boolean {
    return this.#response.headersSent;
  }

  /** Sends some of the many reports, the last one of each unit among them; none while the caller does not read. */
  async report(progress: Progress): Promise<void> {
    const nowMs = this.#clock.elapsed();
    const isEarly = this.#lastMs !== undefined && nowMs - this.#lastMs < LINE_MS;
    if (isEarly && progress.done < progress.total) return;
    this.#lastMs = nowMs;
    if (!this.#response.writableNeedDrain) this.#write({ progress });
    // The work may wait for nothing but what is done in this process: without a turn the line would not be sent.
    await turnOfTheLoop();
  }

  end(last: ProgressLine): void {
    this.#write(last);
    this.#response.end();
  }

  #write(line: ProgressLine): void {
    if (!this.#response.headersSent) {
      this.#response.writeHead(200, { 'content-type': `${LINES_TYPE}; charset=utf-8`, ...UNBUFFERED });
    }
    this.#response.write(`${JSON.stringify(line)}\n`);
  }
}
