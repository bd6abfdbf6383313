/** Recognizes the HTTP requests that are RPC calls, and answers them. OSS uses the same port. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAcs3, isForm, type RpcRequest, readRpcRequest } from '../aliyun/auth/rpc-request.ts';
import type { ReceivedRequest } from '../aliyun/auth/signed-request.ts';
import { type Endpoint, readHost, urlBaseFor } from '../aliyun/endpoint.ts';
import { RpcError } from '../aliyun/rpc-error.ts';
import { splitTarget } from '../http/address.ts';
import type { Answer } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import { shapeAnswer } from '../http/observer.ts';
import { localAuthority, receiveRequest } from '../http/receive-request.ts';
import { newRequestId } from '../http/request-id.ts';
import { sendAnswer } from '../http/send.ts';
import { resetConnection } from '../net/reset-connection.ts';
import { socketAddresses } from '../net/socket-addresses.ts';
import { rpcErrorAnswer, wishedFormat } from './envelope.ts';
import type { RpcApi } from './rpc-api.ts';

/** The body of a call consists of parameters, of which the longest has some KiB; a longer body is an upload. */
const MAX_BODY_BYTES = 256 * 1024;

export interface RpcHttpDeps {
  readonly api: RpcApi;
  readonly endpoint: Endpoint;
  readonly publicUrl?: string;
}

/** Answers a request and resolves to true if it is an RPC call; otherwise nothing was done. */
export function createRpcHttp(
  deps: RpcHttpDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  return async (request, response) => {
    const received = receiveCall(request);
    if (!received) return false;
    const { method, rawQuery, headers } = received;
    const body = await readBody(request, MAX_BODY_BYTES);
    const call = body && readRpcRequest(method, rawQuery, headers, body);
    if (!call || !isCall(call)) return false;
    const host = headers.get('host') ?? localAuthority(request);
    const { style, aliyun } = readHost(host, deps.endpoint);
    // The URLs of an answer have the bucket in the path, so a host with a bucket cannot be their base.
    const reading = { style: 'path', aliyun: aliyun || style === 'bucket' } as const;
    const urls = urlBaseFor(reading, host, localAuthority(request), deps.publicUrl);
    const { remoteAddr, isSecure } = socketAddresses(request.socket);
    const arrival = {
      host,
      urls,
      remoteAddr,
      isSecure,
      reset: () => resetConnection(request.socket),
    };
    const { shape, ...answer } = await deps.api.answer(call, arrival);
    await sendAnswer(shapeAnswer(answer, shape), response);
    return true;
  };
}

/** The answer to a call that nobody can work on now; undefined for a request that is no call. Its body is not read. */
export function rpcBusyAnswer(request: IncomingMessage): Answer | undefined {
  const received = receiveCall(request);
  if (!received) return undefined;
  const { method, rawQuery, headers } = received;
  const call = readRpcRequest(method, rawQuery, headers, Buffer.alloc(0));
  const error = new RpcError('ServiceUnavailable');
  return rpcErrorAnswer(wishedFormat(call), error, newRequestId(), headers.get('host') ?? '');
}

/** Undefined when the request is no call for certain. */
function receiveCall(request: IncomingMessage): ReceivedRequest | undefined {
  // No request with another path is an RPC call, and players need a fast answer.
  if (splitTarget(request.url ?? '/').rawPath !== '/') return undefined;
  const received = receiveRequest(request);
  return mayBeCall(received.method, received.rawQuery, received.headers) ? received : undefined;
}

/** Whether the request may be a call, which its body decides. OSS has no operation at `/` with a form of this type. */
function mayBeCall(method: string, rawQuery: string, headers: ReadonlyMap<string, string>): boolean {
  if (isAcs3({ headers }) || headers.has('x-acs-action')) return true;
  if (new URLSearchParams(rawQuery).has('Action')) return true;
  return method === 'POST' && isForm(headers) && !headers.has('authorization');
}

function isCall(request: RpcRequest): boolean {
  if (isAcs3(request) || request.headers.has('x-acs-action')) return true;
  const { parameters } = request;
  return parameters.has('Action') && ['SignatureNonce', 'AccessKeyId', 'Version'].some((name) => parameters.has(name));
}
