import type { IncomingMessage } from 'node:http';
import type { Answer } from '../http/answer.ts';
import { busyRefusal } from '../http/refused-request.ts';
import { newRequestId } from '../http/request-id.ts';
import { mnsBusyAnswer } from '../notify/mns/mns-app.ts';
import { ossErrorAnswer } from '../oss/rest/error-answer.ts';
import { rpcBusyAnswer } from '../rpc/rpc-http.ts';

/** The refusal of a request that would have to wait for too long, in the form of the side that it is for. */
export function busyAnswer(request: IncomingMessage, retryAfterSec: number): Answer {
  const answer = rpcBusyAnswer(request) ?? mnsBusyAnswer(request) ?? ossBusyAnswer(request, retryAfterSec);
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterSec) } };
}

function ossBusyAnswer({ method = '', headers: { host = '' } }: IncomingMessage, retryAfterSec: number): Answer {
  const requestId = newRequestId();
  const answer = ossErrorAnswer(busyRefusal(retryAfterSec), method, requestId, host);
  return { ...answer, headers: { server: 'AliyunOSS', 'x-oss-request-id': requestId, ...answer.headers } };
}
