/** The form of answers: the same content as JSON or XML. Source: "Responses" page of the RPC style. */

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
 * @param recommend URL of the explanation
 */
export function rpcErrorAnswer(
  format: Format,
  error: RpcError,
  requestId: string,
  host: string,
  recommend: string,
): RpcAnswer {
  return answer(error.status, format, 'Error', {
    RequestId: requestId,
    HostId: host,
    Code: error.code,
    Message: error.message,
    Recommend: recommend,
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
