/** The HTTP server of all sides: Node's, with the rules that Node's parser and server do not have. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { OssError } from '../base/errors.ts';
import { socketAddresses } from '../net/socket-addresses.ts';
import type { AnsweredRequest } from './observer.ts';
import { headRefusal, type ParserError, parserRefusal, refusalAnswer, refusalText } from './refused-request.ts';
import { RequestFraming } from './request-framing.ts';
import { newRequestId } from './request-id.ts';
import { sendAnswer } from './send.ts';

/** SDKs keep idle connections for up to a minute; a server that closes them first makes the next request fail. */
const KEEP_ALIVE_MS = 65_000;
/** How long a client that was refused may still send and not close; its bytes are dropped. */
const FAREWELL_MS = 2_000;
/** Methods whose requests may announce a body and send none: presigned URLs that were signed with a Content-Length. */
const BODILESS_METHODS: readonly string[] = ['GET', 'HEAD', 'DELETE'];

/** Of bytes that are no request, only a method and a target are worth an entry in the request log. */
const REQUEST_LINE = /^([A-Z]{1,20}) ([!-~]{1,4096})/;

export interface HttpServerOptions {
  readonly clock: Clock;
  readonly onRequest: RequestListener;
  /** Called for every request that is refused before `onRequest`, after its answer was handed to the connection. */
  readonly onRefused: (request: AnsweredRequest) => void;
}

/** A connection, as far as this file must know it. */
interface Connection {
  readonly socket: Socket;
  readonly framing: RequestFraming;
  /** Requests without an answer. */
  unanswered: number;
  latest: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined;
  /** What comes is dropped: a request before was refused, or asked for the end of the connection. */
  isOver: boolean;
}

/** Makes the function that serves the requests of an accepted connection. */
export function createHttpServer({ clock, onRequest, onRefused }: HttpServerOptions): (socket: Socket) => void {
  const connections = new WeakMap<Duplex, Connection>();
  // A missing Host is refused below: Node would do it without a document.
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requireHostHeader: false });

  server.on('request', (request, response) => {
    const connection = connections.get(request.socket);
    if (connection) {
      connection.unanswered += 1;
      connection.latest = { request, response };
      response.once('close', () => {
        connection.unanswered -= 1;
      });
    }
    const refusal = headRefusal(request);
    if (refusal) {
      if (connection) connection.isOver = true;
      const requestId = newRequestId();
      request.resume();
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
    const requestId = newRequestId();
    stream.end(refusalText(refusal, requestId));
    onRefused(describe(refusal, requestId, connection.socket, method, url));
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
    // A body that is being read would keep the rest from being dropped.
    connection.socket.resume();
    refuseBytes(error, connection);
  });

  function refuseBytes(error: ParserError, connection: Connection): void {
    const { socket, latest, framing } = connection;
    const isWithinBody = latest !== undefined && !latest.request.complete;
    // The answers of the requests before come first.
    if (latest && connection.unanswered > (isWithinBody ? 1 : 0)) {
      latest.response.once('close', () => refuseBytes(error, connection));
      return;
    }
    if (!socket.writable) return;
    const patience = clock.setTimeout(() => socket.destroy(), FAREWELL_MS);
    socket.once('close', () => patience.cancel());
    if (isWithinBody && latest.response.headersSent) {
      socket.end();
      return;
    }
    const refusal = parserRefusal(error);
    const requestId = newRequestId();
    socket.end(refusalText(refusal, requestId));
    const [, method, target] = REQUEST_LINE.exec(framing.requestLine) ?? [];
    onRefused(describe(refusal, requestId, socket, method, target));
  }

  return (socket) => {
    const connection: Connection = {
      socket,
      framing: new RequestFraming(),
      unanswered: 0,
      latest: undefined,
      isOver: false,
    };
    connections.set(socket, connection);
    server.emit('connection', socket);
    // The listener by which Node's server reads a connection.
    const [parse] = socket.listeners('data');
    if (!parse) return;
    socket.removeAllListeners('data');
    socket.on('data', (bytes: Buffer) => {
      for (const passed of connection.isOver ? [] : connection.framing.pass(bytes)) parse.call(socket, passed);
    });
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
