/** The HTTP server of all sides: Node's, with the rules that Node's parser and server do not have. */
import { createServer, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { OssError } from '../base/errors.ts';
import { resetConnection, resetUnlessClosed } from '../net/reset-connection.ts';
import { socketAddresses } from '../net/socket-addresses.ts';
import { HttpConnection } from './http-connection.ts';
import type { AnsweredRequest } from './observer.ts';
import {
  headRefusal,
  type ParserError,
  parserRefusal,
  refusalAnswer,
  refusalText,
  requestTimeout,
} from './refused-request.ts';
import { newRequestId } from './request-id.ts';
import { sendAnswer } from './send.ts';
import { type AwaitedPart, SlowClients } from './slow-clients.ts';

/** SDKs keep idle connections for up to a minute; a server that closes them first makes the next request fail. */
const KEEP_ALIVE_MS = 65_000;
/** Methods whose requests may announce a body and send none: presigned URLs that were signed with a Content-Length. */
const BODILESS_METHODS: readonly string[] = ['GET', 'HEAD', 'DELETE'];

/** Of bytes that are no request, only a method and a target are worth an entry in the request log. */
const REQUEST_LINE = /^([A-Z]{1,20}) ([!-~]{1,4096})/;

export interface HttpServerOptions {
  readonly clock: Clock;
  readonly onRequest: RequestListener;
  /** Called for every request that is refused before `onRequest`, after its answer was handed to the connection. */
  readonly onRefused: (request: AnsweredRequest) => void;
  /** Called for every connection that is ended because its client was too slow. */
  readonly onTimedOut: (part: AwaitedPart) => void;
}

/** Makes the function that serves the requests of an accepted connection. */
export function createHttpServer(options: HttpServerOptions): (socket: Socket) => void {
  const { clock, onRequest, onRefused, onTimedOut } = options;
  const connections = new WeakMap<Duplex, HttpConnection>();
  const slowClients = new SlowClients<HttpConnection>({ clock, onSlow: endSlow });
  // A missing Host is refused below: Node would do it without a document.
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requireHostHeader: false });

  server.on('request', (request, response) => {
    const connection = connections.get(request.socket);
    connection?.begin(request, response);
    const refusal = headRefusal(request);
    if (refusal) {
      if (connection) connection.isOver = true;
      const requestId = newRequestId();
      void sendAnswer(refusalAnswer(refusal, requestId), response);
      onRefused(describe(refusal, requestId, request.socket, request.method, request.url));
      return;
    }
    // The bytes that were announced may be those of the next request: no other request can follow.
    if (BODILESS_METHODS.includes(request.method ?? '') && Number(request.headers['content-length'] ?? 0) > 0) {
      response.shouldKeepAlive = false;
    }
    onRequest(request, response);
  });

  // Node would answer 417 without a document. RFC 9110, 10.1.1, lets a server ignore what it does not know.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));

  // Node would close the connection without an answer.
  server.on('connect', ({ method, url }, stream) => {
    const connection = connections.get(stream);
    if (!connection) return;
    connection.isOver = true;
    const refusal = new OssError('BadRequest', 'The request is not valid HTTP.', { reason: 'this is no proxy' });
    const requestId = refuse(refusal, connection);
    if (requestId !== undefined) onRefused(describe(refusal, requestId, connection.socket, method, url));
  });

  server.on('clientError', (error: ParserError, stream) => {
    const connection = connections.get(stream);
    if (!connection || !stream.writable || error.code === 'ECONNRESET') {
      stream.destroy();
      return;
    }
    if (connection.isOver) return;
    connection.isOver = true;
    // It asked for the end of the connection and sends more: RFC 9112, 9.6, lets a server ignore that.
    if (error.code === 'HPE_CLOSED_CONNECTION') return;
    refuseBytes(error, connection);
  });

  function refuseBytes(error: ParserError, connection: HttpConnection): void {
    // The answers of the requests before come first.
    if (connection.hasEarlierUnanswered) {
      connection.latestResponse?.once('close', () => refuseBytes(error, connection));
      return;
    }
    const { socket, framing } = connection;
    if (!socket.writable) return;
    const refusal = parserRefusal(error);
    const requestId = refuse(refusal, connection);
    if (requestId === undefined) return;
    const [, method, target] = REQUEST_LINE.exec(framing.requestLine) ?? [];
    onRefused(describe(refusal, requestId, socket, method, target));
  }

  /** Answers, unless an answer has begun, and ends the connection. Returns the id of the answer. */
  function refuse(refusal: OssError, connection: HttpConnection): string | undefined {
    const { socket } = connection;
    awaitLeaving(socket);
    if (connection.hasBegunAnswer) {
      socket.end();
      return undefined;
    }
    const requestId = newRequestId();
    socket.end(refusalText(refusal, requestId));
    return requestId;
  }

  /** What a client that was refused still sends is dropped. */
  function awaitLeaving(socket: Socket): void {
    resetUnlessClosed(socket, clock);
    // A body that is being read would keep the rest from being dropped, and the end from being noticed.
    socket.resume();
  }

  function endSlow(connection: HttpConnection, part: AwaitedPart): void {
    const { socket, isOver } = connection;
    // What waits for the answer to a request before is looked at again.
    if (part !== 'answer' && !isOver && connection.hasEarlierUnanswered) return;
    slowClients.remove(connection);
    onTimedOut(part);
    if (part === 'answer' || isOver || !socket.writable) {
      resetConnection(socket);
      return;
    }
    connection.isOver = true;
    // Not its end: a client that does not read would not notice the reset after an end.
    if (!connection.hasBegunAnswer) socket.write(refusalText(requestTimeout(), newRequestId()));
    awaitLeaving(socket);
  }

  return (socket) => {
    let parse: (bytes: Buffer) => void = () => {};
    const connection = new HttpConnection(socket, (bytes) => parse(bytes));
    connections.set(socket, connection);
    slowClients.add(connection);
    socket.once('close', () => {
      slowClients.remove(connection);
      connection.abandon();
    });
    server.emit('connection', socket);
    // The listener by which Node's server reads a connection.
    const [listener] = socket.listeners('data');
    if (!listener) return;
    socket.removeAllListeners('data');
    parse = (bytes) => listener.call(socket, bytes);
    socket.on('data', (bytes: Buffer) => connection.receive(bytes));
    socket.on('resume', () => connection.proceed());
  };
}

/** The entry of the request log. */
function describe(refusal: OssError, requestId: string, socket: Socket, method = '', target = ''): AnsweredRequest {
  return {
    requestId,
    remoteAddr: socketAddresses(socket).remoteAddr,
    method,
    target,
    operation: undefined,
    bucket: undefined,
    key: undefined,
    status: refusal.status,
    durationMs: 0,
    refusal,
  };
}
