/**
 * `Authorization: OSS2 AccessKeyId:<id>[,AdditionalHeaders:<a;b>],Signature:<base64(hmac-sha256)>`.
 * Source: EC pages 0002-00000104 to 110.
 */
import { invalidArgument } from '../../base/errors.ts';
import { isAccessKeyId } from './access-keys.ts';
import { headerText } from './canonical.ts';
import type { Claim, ClaimContext, Evidence } from './claim.ts';
import { checkRequestTime, requestTimeText } from './request-time.ts';
import { v2Claim } from './v2.ts';

const FIELDS = ['AccessKeyId', 'AdditionalHeaders', 'Signature'];

/** @throws OssError when the header is malformed, or the time is missing or too far from the present */
export function readV2Header({ headers }: Evidence, context: ClaimContext): Claim {
  const evidence = parseV2Authorization(headerText(headers, 'authorization'));
  checkRequestTime(headers, context);
  return v2Claim({ ...evidence, dateLine: (message) => requestTimeText(message.headers) });
}

function parseV2Authorization(authorization: string) {
  const malformed = (ec: string, what: string) =>
    invalidArgument('Authorization', authorization, `Authorization header is invalid: ${what}.`, ec);
  const fields = new Map<string, string>();
  for (const part of authorization.replace(/^OSS2 */, '').split(',')) {
    const colon = part.indexOf(':');
    const name = part.slice(0, Math.max(0, colon)).trim();
    if (!FIELDS.includes(name))
      throw malformed('0002-00000104', 'the fields are AccessKeyId, AdditionalHeaders, Signature');
    fields.set(name, part.slice(colon + 1).trim());
  }
  const accessKeyId = fields.get('AccessKeyId');
  const signature = fields.get('Signature');
  const additionalHeaders = fields.get('AdditionalHeaders');
  if (accessKeyId === undefined) throw malformed('0002-00000105', 'no AccessKeyId');
  if (accessKeyId === '') throw malformed('0002-00000106', 'the AccessKeyId is empty');
  if (!isAccessKeyId(accessKeyId)) throw malformed('0002-00000107', 'the AccessKeyId has illegal characters');
  if (!signature) throw malformed('0002-00000108', 'no Signature');
  if (additionalHeaders === '') throw malformed('0002-00000110', 'AdditionalHeaders is empty');
  return { accessKeyId, signature, additionalHeaders: additionalHeaders ?? '' };
}
