import { shownTarget } from '../../aliyun/auth/shown-target.ts';
import type { EventOf } from '../../events/events.ts';
import type { AnsweredRequest } from '../../http/observer.ts';

/** Longer strings to sign are cut, because thousands of events are kept. */
const MAX_COMPARED_CHARS = 4096;

/** The event of a REST request: with what helps a person, and without secrets. */
export function requestEvent(request: AnsweredRequest): Omit<EventOf<'request.answered'>, 'id' | 'atMs'> {
  const { requestId, remoteAddr, method, target, operation, bucket, key, status, durationMs, refusal } = request;
  return {
    type: 'request.answered',
    api: 'oss',
    requestId,
    remoteAddr,
    method,
    target: shownTarget(target),
    status,
    durationMs,
    ...(operation !== undefined && { operation }),
    ...(bucket !== undefined && { bucket }),
    ...(key !== undefined && { key }),
    ...(refusal && { refusal: describe(refusal) }),
  };
}

function describe(refusal: NonNullable<AnsweredRequest['refusal']>) {
  const { code, ec, message, reason, comparison } = refusal;
  return {
    code,
    message,
    ...(ec !== undefined && { ec }),
    ...(reason !== undefined && { reason }),
    ...(comparison && {
      comparison: {
        expected: comparison.expected.slice(0, MAX_COMPARED_CHARS),
        ...(comparison.signed !== undefined && { signed: comparison.signed.slice(0, MAX_COMPARED_CHARS) }),
      },
    }),
  };
}
