import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { sentBytes } from '../net/sent-bytes.ts';
import { RequestFraming } from './request-framing.ts';
import type { AwaitedProgress, WatchedConnection } from './slow-clients.ts';

/** A connection, as far as the server must know it. */
export class HttpConnection implements WatchedConnection {
  readonly socket: Socket;
  readonly framing = new RequestFraming();
  /** What comes is dropped: a request before was refused, or asked for the end of the connection. */
  isOver = false;
  #latest: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined;
  #requests = 0;
  #unanswered = 0;
  #receivedBytes = 0;
  /** The latest bytes neither completed the head of a request nor belonged to a body. */
  #isWithinHead = false;
  /** Came in one read with a request at which Node's server paused, because the answers before are unread. */
  readonly #held: Buffer[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Passes what came on to the parser, one request at a time, and none while the connection is paused: Node's parser would fail. */
  receive(bytes: Buffer, parse: (passed: Buffer) => void): void {
    if (this.isOver) return;
    this.#receivedBytes += bytes.length;
    for (const passed of this.framing.pass(bytes)) {
      // The memory of `bytes` is the caller's.
      if (this.#held.length > 0 || this.socket.isPaused()) this.#held.push(Buffer.from(passed));
      else this.#parse(passed, parse);
      if (this.isOver) return;
    }
  }

  /** The connection is read again: passes on what came before. */
  resume(parse: (passed: Buffer) => void): void {
    while (!this.isOver && !this.socket.isPaused()) {
      const passed = this.#held.shift();
      if (!passed) return;
      this.#parse(passed, parse);
    }
  }

  #parse(passed: Buffer, parse: (passed: Buffer) => void): void {
    const { isWithinBody } = this;
    const requestsBefore = this.#requests;
    parse(passed);
    if (!this.isOver) this.#isWithinHead = !isWithinBody && this.#requests === requestsBefore;
  }

  /** The head of a request is complete. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#requests += 1;
    this.#unanswered += 1;
    this.#latest = { request, response };
    response.once('close', () => {
      this.#unanswered -= 1;
      // What nobody read of the body is read and dropped, or the next request would wait behind it for ever.
      if (!request.complete) request.resume();
    });
  }

  /** The client is still sending a request whose answer it has got, or the beginning of it. */
  get hasBegunAnswer(): boolean {
    return this.isWithinBody && this.#latest?.response.headersSent === true;
  }

  get latestResponse(): ServerResponse | undefined {
    return this.#latest?.response;
  }

  get isWithinBody(): boolean {
    return this.#latest !== undefined && !this.#latest.request.complete;
  }

  /** Whether a request before the present one has no answer yet. */
  get hasEarlierUnanswered(): boolean {
    return this.#unanswered > (this.isWithinBody ? 1 : 0);
  }

  awaited(): AwaitedProgress | undefined {
    const { sent, unsent } = sentBytes(this.socket);
    const request = this.#requests;
    if (unsent > 0) return { part: 'answer', request, bytes: sent };
    // Nothing is read while the server itself has not used what came before.
    if (this.socket.isPaused()) return undefined;
    if (this.isWithinBody) return { part: 'body', request, bytes: this.#receivedBytes };
    return this.#isWithinHead ? { part: 'head', request, bytes: this.#receivedBytes } : undefined;
  }
}
