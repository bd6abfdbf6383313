/** Refusals that several schemes share, worded as the service words them (403 error pages, EC pages 0002-...). */
import { cutText } from '../../base/cut-text.ts';
import { OssError } from '../../base/errors.ts';
import type { Claim, ComputedSignature } from './claim.ts';
import { isoTime } from './request-time.ts';

/** Of a text that is answered: more than a long signed URL with its headers. */
const MAX_SHOWN_CHARS = 8 * 1024;

export function accessDenied(ec: string, message: string, reason: string): OssError {
  return new OssError('AccessDenied', message, { ec, reason });
}

/** For URLs this is 403 AccessDenied; the two times show by how much the request is late. */
export function requestExpired(ec: string, expiresMs: number, nowMs: number): OssError {
  return new OssError('AccessDenied', 'Request has expired.', {
    ec,
    details: { Expires: isoTime(expiresMs), ServerTime: isoTime(nowMs) },
    reason: `the URL expired ${Math.ceil((nowMs - expiresMs) / 1000)} s ago`,
  });
}

export function unknownAccessKey(accessKeyId: string, reason: string): OssError {
  return new OssError('InvalidAccessKeyId', 'The OSS Access Key Id you provided does not exist in our records.', {
    ec: '0002-00000902',
    details: { OSSAccessKeyId: accessKeyId },
    reason,
  });
}

/** `computed` is what is expected in the documented form; `signed` is what the client seems to have signed instead. */
export function signatureMismatch(
  claim: Claim,
  computed: ComputedSignature,
  reason: string,
  signed?: ComputedSignature,
): OssError {
  const stringToSign = cutText(computed.stringToSign, MAX_SHOWN_CHARS);
  const canonicalRequest =
    computed.canonicalRequest === undefined ? undefined : cutText(computed.canonicalRequest, MAX_SHOWN_CHARS);
  return new OssError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    {
      ec: claim.mismatchEc,
      details: {
        OSSAccessKeyId: claim.accessKeyId,
        SignatureProvided: claim.signature,
        StringToSign: stringToSign,
        StringToSignBytes: hexBytes(stringToSign),
        ...(canonicalRequest === undefined ? {} : { CanonicalRequest: canonicalRequest }),
      },
      reason,
      comparison: {
        expected: canonicalRequest ?? stringToSign,
        ...(signed && { signed: signed.canonicalRequest ?? signed.stringToSign }),
      },
    },
  );
}

/** `50 55 54 0A `: each byte in upper-case hex, followed by a blank. */
function hexBytes(text: string): string {
  return Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '$& ');
}
