/**
 * What V2 headers and V2 URLs have in common: HMAC-SHA256 over the V1 lines, the names of additional headers, and a
 * resource with all of the query. Source: Go SDK 3.0.2 (oss/auth.go), Python SDK 2.19.1 (ProviderAuthV2); no page
 * documents it.
 */
import {
  canonicalQuery,
  headerLines,
  headerText,
  isOssHeader,
  parseHeaderNames,
  percentEncode,
  resourcePath,
} from './canonical.ts';
import { type Claim, hmacBase64, type SignedMessage } from './claim.ts';

interface V2Evidence {
  readonly accessKeyId: string;
  readonly signature: string;
  readonly expiresSec?: number;
  readonly additionalHeaders: string;
  /** Gives the fourth line: a date for headers, `x-oss-expires` for URLs. */
  readonly dateLine: (message: SignedMessage) => string;
}

export function v2Claim({ dateLine, additionalHeaders, ...claimed }: V2Evidence): Claim {
  const additional = parseHeaderNames(additionalHeaders);
  return {
    // No page names a code for V2; this is the one of V1, because the error document is the same.
    mismatchEc: '0002-00000040',
    *compute(message, secret) {
      const stringToSign = v2StringToSign(message, dateLine(message), additional);
      yield { stringToSign, signature: hmacBase64('sha256', secret, stringToSign) };
    },
    slips: () => [],
    ...claimed,
  };
}

function v2StringToSign(message: SignedMessage, dateLine: string, additional: ReadonlySet<string>): string {
  const { method, headers, resource } = message;
  const path = percentEncode(resourcePath(resource));
  const query = canonicalQuery(message.query.filter(({ name }) => name !== 'x-oss-signature'));
  return [
    method,
    headerText(headers, 'content-md5'),
    headerText(headers, 'content-type'),
    dateLine,
    headerLines(headers, (name) => isOssHeader(name) || additional.has(name)) + [...additional].join(';'),
    query === '' ? path : `${path}?${query}`,
  ].join('\n');
}
