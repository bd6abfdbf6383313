import type { Duplex } from 'node:stream';
import { errorDocument } from '../aliyun/xml/error-document.ts';
import { OssError } from '../base/errors.ts';
import { newRequestId } from './request-id.ts';

/**
 * For the `clientError` event of an HTTP server: bytes that are no request are answered with an error document like any
 * other refusal, then the connection closes.
 */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const refusal = clientRefusal(error.code);
  const requestId = newRequestId();
  const document = errorDocument(refusal, requestId, '');
  const head = [
    `HTTP/1.1 ${refusal.status} Bad Request`,
    'Server: AliyunOSS',
    `x-oss-request-id: ${requestId}`,
    'Content-Type: application/xml',
    `Content-Length: ${Buffer.byteLength(document)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${document}`);
}

function clientRefusal(code: string | undefined): OssError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new OssError(
      'RequestTimeout',
      'Your socket connection to the server was not read from or written to in time.',
    );
  }
  if (code === 'HPE_HEADER_OVERFLOW') return new OssError('BadRequest', 'The request header section is too large.');
  return new OssError('BadRequest', 'The request is not valid HTTP.');
}
