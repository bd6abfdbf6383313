import { errorDocument } from '../../aliyun/xml/error-document.ts';
import { OssError } from '../../base/errors.ts';
import type { Answer } from '../../http/answer.ts';
import { awayMessage, isStoreAway, machineFault } from '../../storage/machine-fault.ts';
import { xmlAnswer } from './rest-call.ts';

/**
 * The refusal for the client. A database or an object store that is away is ServiceUnavailable, in the words of the service where
 * fewer requests would succeed, else with the reason; SDKs go by the code and try again. Any other error becomes
 * InternalError: one of the machine, such as a full disk, with its reason, and without one a bug.
 */
export function toOssError(error: unknown): OssError {
  if (error instanceof OssError) return error;
  if (isStoreAway(error)) {
    return new OssError('ServiceUnavailable', error.isBusy ? 'Please reduce your request rate.' : awayMessage(error), {
      headers: { 'retry-after': '1' },
      reason: error.message,
    });
  }
  const reason = machineFault(error);
  return new OssError('InternalError', 'We encountered an internal error. Please try again.', {
    ...(reason !== undefined && { reason }),
  });
}

/**
 * The answer with the error document. The answer to HEAD has no body, so the document is in the header `x-oss-err`,
 * where the SDKs read it.
 *
 * @param host the Host header as received
 */
export function ossErrorAnswer(error: OssError, method: string, requestId: string, host: string): Answer {
  const ecHeader = error.ec !== undefined ? { 'x-oss-ec': error.ec } : {};
  if (error.status === 304) return { status: 304, headers: { ...ecHeader, ...error.headers } };
  const document = errorDocument(error, requestId, host);
  const err = method === 'HEAD' ? { 'x-oss-err': Buffer.from(document).toString('base64') } : {};
  return { ...xmlAnswer(document, { ...ecHeader, ...err, ...error.headers }), status: error.status };
}
