import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { OssError } from '../base/errors.ts';
import { wait } from '../base/wait.ts';
import { FAREWELL_MS } from '../net/reset-connection.ts';
import { refusalText } from './refused-request.ts';
import { newRequestId } from './request-id.ts';

const SHUTTING_DOWN = new OssError('ServiceUnavailable', 'The server is shutting down. Please try again later.', {
  headers: { 'retry-after': '1' },
});

export interface RequestsInFlightOptions {
  readonly clock: Clock;
  readonly onRequest: RequestListener;
  /** Whether the answer may have no end, as that of a stream of events: nobody waits for it. */
  readonly isEndless: (request: IncomingMessage) => boolean;
}

/** The requests without an answer, which the end of the server waits for. */
export class RequestsInFlight {
  readonly #options: RequestsInFlightOptions;
  readonly #open = new Map<ServerResponse, IncomingMessage>();
  /** The connections of refused requests, until their clients have closed them. */
  readonly #leaving = new Set<Socket>();
  #isEnding = false;
  #onLess: () => void = () => {};

  constructor(options: RequestsInFlightOptions) {
    this.#options = options;
  }

  readonly serve: RequestListener = (request, response) => {
    if (this.#isEnding) {
      this.#refuse(request, response);
      return;
    }
    this.#open.set(response, request);
    response.once('close', () => {
      this.#open.delete(response);
      this.#onLess();
    });
    this.#options.onRequest(request, response);
  };

  /**
   * From now on refuses every request. Resolves when all others are answered: those that are not after the delay are refused
   * too, so that no client is cut off without an answer, unless a part of one was sent already.
   *
   * @param accepted resolves when no request comes any more on a new connection
   */
  async end(graceMs: number, accepted?: Promise<void>): Promise<void> {
    this.#isEnding = true;
    for (const [response, request] of this.#open) {
      if (this.#options.isEndless(request)) this.#refuse(request, response);
      else if (!response.headersSent) response.shouldKeepAlive = false;
    }
    await Promise.all([accepted, this.#until(() => this.#open.size === 0, graceMs)]);
    for (const [response, request] of this.#open) this.#refuse(request, response);
    await this.#until(() => this.#leaving.size === 0, FAREWELL_MS);
  }

  /** Cuts the answers that are not complete, before their connections are closed: whoever writes one is told why. */
  cut(reason: Error): void {
    for (const response of this.#open.keys()) response.destroy(reason);
  }

  /**
   * Answers directly on the connection. It stays open for reading: closed with unread bytes, it would be reset, and the client
   * would lose the answer.
   */
  #refuse(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    if (response.headersSent) {
      if (this.#options.isEndless(request)) response.end();
      return;
    }
    this.#open.delete(response);
    if (this.#leaving.has(socket) || !socket.writable) return;
    this.#leaving.add(socket);
    socket.once('close', () => {
      this.#leaving.delete(socket);
      this.#onLess();
    });
    // What its handler answers goes nowhere: a write after the end would close the connection.
    if (response.socket === socket) response.detachSocket(socket);
    socket.end(refusalText(SHUTTING_DOWN, newRequestId()));
    request.resume();
  }

  async #until(isDone: () => boolean, delayMs: number): Promise<void> {
    if (isDone()) return;
    const done = new AbortController();
    this.#onLess = () => {
      if (isDone()) done.abort();
    };
    await wait(this.#options.clock, delayMs, done.signal);
    this.#onLess = () => {};
  }
}
