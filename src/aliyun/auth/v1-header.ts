/**
 * `Authorization: OSS <AccessKeyId>:<base64(hmac-sha1)>`.
 * Source: "Include signatures in the Authorization header" page; EC pages 0002-00000061 to 65.
 */
import { invalidArgument } from '../../base/errors.ts';
import { isAccessKeyId } from './access-keys.ts';
import { headerText } from './canonical.ts';
import type { Claim, ClaimContext, Evidence } from './claim.ts';
import { checkRequestTime, requestTimeText } from './request-time.ts';
import { v1Claim } from './v1.ts';

const SCHEME = 'OSS ';

/** @throws OssError when the header is malformed, or the time is missing or too far from the present */
export function readV1Header({ headers }: Evidence, context: ClaimContext): Claim {
  const evidence = parseV1Authorization(headerText(headers, 'authorization'));
  checkRequestTime(headers, context);
  return v1Claim({ ...evidence, dateLine: (message) => requestTimeText(message.headers) });
}

function parseV1Authorization(authorization: string): { accessKeyId: string; signature: string } {
  const malformed = (ec: string, message: string) => invalidArgument('Authorization', authorization, message, ec);
  if (!authorization.startsWith(SCHEME)) {
    throw malformed('0002-00000061', 'Authorization header is invalid: "OSS" and a blank must come first.');
  }
  const credentials = authorization.slice(SCHEME.length).trim();
  const colon = credentials.indexOf(':');
  if (colon < 0) throw malformed('0002-00000062', 'Authorization header is invalid: there is no colon.');
  const accessKeyId = credentials.slice(0, colon);
  const signature = credentials.slice(colon + 1);
  if (accessKeyId === '') throw malformed('0002-00000063', 'Authorization header is invalid: no AccessKeyId.');
  if (!isAccessKeyId(accessKeyId)) {
    throw malformed('0002-00000064', 'Authorization header is invalid: the AccessKeyId has illegal characters.');
  }
  if (signature === '') throw malformed('0002-00000065', 'Authorization header is invalid: no signature.');
  return { accessKeyId, signature };
}
