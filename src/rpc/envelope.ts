/** The form of answers: the same content as JSON or XML. Source: "Responses" page of the RPC style. */

import { isAcs3, type RpcRequest } from '../aliyun/auth/rpc-request.ts';
import type { RpcError } from '../aliyun/rpc-error.ts';
import { writeXml } from '../aliyun/xml/write.ts';
import type { BodyShape } from '../http/observer.ts';
import type { RpcContent } from './rpc-call.ts';

export type Format = 'JSON' | 'XML';

export interface RpcAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Set by a fault rule. */
  readonly shape?: BodyShape | undefined;
}

/** The pages name different defaults of the format; clients that sign headers expect JSON. */
export function wishedFormat(request: RpcRequest): Format {
  const text = request.parameters.get('Format')?.toUpperCase() ?? '';
  if (isFormat(text)) return text;
  return isAcs3(request) || request.headers.get('accept')?.includes('json') ? 'JSON' : 'XML';
}

export function isFormat(text: string): text is Format {
  return text === 'JSON' || text === 'XML';
}

/** The Tea clients parse an error as XML only with exactly this type. */
const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  JSON: 'application/json;charset=utf-8',
  XML: 'text/xml;charset=utf-8',
};

export function successAnswer(format: Format, action: string, requestId: string, content: RpcContent): RpcAnswer {
  return answer(200, format, `${action}Response`, { RequestId: requestId, ...content });
}

/**
 * @param host the Host header as received
 * @param recommend URL of the explanation, if there is one
 */
export function rpcErrorAnswer(
  format: Format,
  error: RpcError,
  requestId: string,
  host: string,
  recommend?: string,
): RpcAnswer {
  return answer(error.status, format, 'Error', {
    RequestId: requestId,
    HostId: host,
    Code: error.code,
    Message: error.message,
    ...(recommend !== undefined && { Recommend: recommend }),
  });
}

function answer(status: number, format: Format, root: string, content: RpcContent): RpcAnswer {
  return {
    status,
    headers: {
      'content-type': CONTENT_TYPES[format],
      'x-acs-request-id': String(content.RequestId),
      'access-control-allow-origin': '*',
    },
    body: format === 'JSON' ? JSON.stringify(content) : writeXml(root, content),
  };
}
