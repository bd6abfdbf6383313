import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { sentBytes } from '../net/sent-bytes.ts';
import { RequestFraming } from './request-framing.ts';
import type { AwaitedProgress, WatchedConnection } from './slow-clients.ts';

/** So many requests of a connection are worked on at once: each may have a file open and a block of it in memory. */
const MAX_PIPELINED = 16;

/** A connection, as far as the server must know it. */
export class HttpConnection implements WatchedConnection {
  readonly socket: Socket;
  readonly framing = new RequestFraming();
  readonly #onBytes: (passed: Buffer) => void;
  /** What comes is dropped: a request before was refused, or asked for the end of the connection. */
  isOver = false;
  #latest: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined;
  #requests = 0;
  readonly #unanswered = new Set<ServerResponse>();
  #receivedBytes = 0;
  /** The latest bytes neither completed the head of a request nor belonged to a body. */
  #isWithinHead = false;
  /** What came in one read and has to wait for the answers before. Until it is passed on, nothing more is read. */
  readonly #held: Buffer[] = [];

  /** @param onBytes the parser */
  constructor(socket: Socket, onBytes: (passed: Buffer) => void) {
    this.socket = socket;
    this.#onBytes = onBytes;
  }

  /** Passes what came on to the parser, one request at a time. */
  receive(bytes: Buffer): void {
    if (this.isOver) return;
    this.#receivedBytes += bytes.length;
    for (const passed of this.framing.pass(bytes)) {
      // The memory of `bytes` is the caller's.
      if (this.#held.length > 0 || this.#mustWait) this.#held.push(Buffer.from(passed));
      else this.#parse(passed);
      if (this.isOver) return;
    }
    if (this.#held.length > 0) this.socket.pause();
  }

  /** Passes on what had to wait, as far as it needs not any more: after an answer, and when Node's server reads again. */
  proceed(): void {
    // Node's server takes its parser from a connection that closes, and gives it to another.
    if (this.#held.length === 0 || this.socket.destroyed) return;
    while (!this.isOver && !this.#mustWait) {
      const passed = this.#held.shift();
      if (!passed) {
        this.socket.resume();
        return;
      }
      this.#parse(passed);
    }
    if (this.isOver) this.socket.resume();
    else this.socket.pause();
  }

  /** Node's parser fails when it gets a request while its server has paused the connection, as it does for unread answers. */
  get #mustWait(): boolean {
    if ('_paused' in this.socket && this.socket._paused === true) return true;
    return !this.isWithinBody && this.#unanswered.size >= MAX_PIPELINED;
  }

  #parse(passed: Buffer): void {
    const { isWithinBody } = this;
    const requestsBefore = this.#requests;
    this.#onBytes(passed);
    if (!this.isOver) this.#isWithinHead = !isWithinBody && this.#requests === requestsBefore;
  }

  /** The head of a request is complete. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#requests += 1;
    this.#unanswered.add(response);
    this.#latest = { request, response };
    response.once('close', () => {
      this.#unanswered.delete(response);
      // What nobody read of the body is read and dropped, or the next request would wait behind it for ever.
      if (!request.complete) request.resume();
      this.proceed();
    });
  }

  /**
   * The connection has closed. Node's server tells only the first response of it: the handlers of those that wait for their turn
   * would keep what they have open for ever.
   */
  abandon(): void {
    this.#held.length = 0;
    for (const response of this.#unanswered) {
      if (response.socket) continue;
      // What its handler still writes goes nowhere.
      response.on('error', () => {}).destroy();
      response.emit('close');
    }
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
    return this.#unanswered.size > (this.isWithinBody ? 1 : 0);
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
