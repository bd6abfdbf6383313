/**
 * Signed RTMP ingest URLs: `?OSSAccessKeyId=...&Expires=...&Signature=...` and any further parameters, all of them signed.
 * Not the V1 URL signature: no verb and no sub-resources, and the resource is `/bucket/channel` without `live`.
 * Source: "RTMP ingest URLs and signatures" page; EC pages 0002-00000801 to 808; the SDKs named below.
 */
import { OssError } from '../../base/errors.ts';
import type { ChannelName } from '../../base/push-source.ts';
import { checkKeyExpiry, checkSecurityToken, findAccessKey, isAccessKeyId } from './access-keys.ts';
import { compareText, percentEncode, resourcePath } from './canonical.ts';
import { type Claim, findFit, hmacBase64, type SignedMessage } from './claim.ts';
import { mismatch } from './explain.ts';
import { invalidArgument, requestExpired } from './refusals.ts';
import { type AccessKey, type KeyRing, parseQuery, type QueryParameter, queryValue } from './signed-request.ts';

/** The parameters that carry the signature itself. `SecurityToken` is an older spelling that the page mentions. */
const UNSIGNED = ['OSSAccessKeyId', 'Expires', 'Signature', 'SecurityToken'];
/** The parameters of other signature versions; their algorithms are not published. */
const OTHER_VERSION = ['SignatureVersion', 'x-oss-signature-version'];
const CREDENTIALS = ['OSSAccessKeyId', 'Expires', 'Signature', ...OTHER_VERSION];

export interface VerifiedRtmpUrl extends ChannelName {
  readonly key: AccessKey;
}

/**
 * Whether the query (raw, without `?`) claims to be signed; if so it must verify, even for a public bucket.
 * @throws OssError InvalidArgument when it is not percent-encoded UTF-8
 */
export function hasRtmpCredentials(rawQuery: string): boolean {
  return parseQuery(rawQuery).some(({ name }) => CREDENTIALS.includes(name));
}

/**
 * Verifies the query (raw, without `?`) of an ingest URL. `candidates` are the channels its path may mean, best first:
 * some SDKs leave the bucket out, and only the signature shows which one is meant.
 * @throws OssError when the query is not signed, its time is over, or the signature fits no candidate
 */
export function verifyRtmpUrl(
  rawQuery: string,
  candidates: readonly ChannelName[],
  { nowMs, keys }: { readonly nowMs: number; readonly keys: KeyRing },
): VerifiedRtmpUrl {
  const query = parseQuery(rawQuery);
  const claim = readRtmpClaim(query, nowMs);
  const key = findAccessKey(keys, claim.accessKeyId);
  checkRtmpToken(key, query, keys, nowMs);
  for (const { bucket, channel } of candidates) {
    if (findFit(claim, rtmpMessage(query, bucket, channel), key.accessKeySecret)) return { key, bucket, channel };
  }
  const [best] = candidates;
  if (!best) {
    throw new OssError('NoSuchLiveChannel', 'The specified live channel does not exist.', { ec: '0026-00000021' });
  }
  throw mismatch(claim, rtmpMessage(query, best.bucket, best.channel), key, keys);
}

/**
 * The query (without `?`) that lets its holder publish to the channel until `expiresSec` (seconds since the epoch).
 * A security token is added and signed, as the Java and Python SDKs do.
 */
export function signRtmpUrl(
  { bucket, channel }: ChannelName,
  key: AccessKey,
  expiresSec: number,
  parameters: Readonly<Record<string, string>> = {},
): string {
  const { accessKeyId, accessKeySecret, securityToken } = key;
  const signed = Object.entries(
    securityToken === undefined ? parameters : { ...parameters, 'security-token': securityToken },
  );
  const query = signed.map(([name, value]) => ({ name, value, hasEquals: true }));
  const stringToSign = rtmpStringToSign(rtmpMessage(query, bucket, channel), String(expiresSec));
  const pairs: [string, string][] = [
    ['OSSAccessKeyId', accessKeyId],
    ['Expires', String(expiresSec)],
    ['Signature', hmacBase64('sha1', accessKeySecret, stringToSign)],
    ...signed,
  ];
  return pairs.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join('&');
}

function readRtmpClaim(query: readonly QueryParameter[], nowMs: number): Claim {
  const accessKeyId = queryValue(query, 'OSSAccessKeyId') ?? '';
  const expires = queryValue(query, 'Expires') ?? '';
  const signature = queryValue(query, 'Signature') ?? '';
  const version = query.find(({ name }) => OTHER_VERSION.includes(name));
  const invalid = (ec: string, message: string, name: string, given: string) =>
    invalidArgument(`0002-00000${ec}`, message, name, given);
  if (version) throw invalid('808', 'The signature version is not supported for RTMP.', version.name, version.value);
  if (accessKeyId.trim() === '') throw invalid('801', 'OSSAccessKeyId is missing.', 'OSSAccessKeyId', '');
  if (!isAccessKeyId(accessKeyId)) {
    throw invalid('802', 'OSSAccessKeyId has illegal characters.', 'OSSAccessKeyId', accessKeyId);
  }
  if (expires.trim() === '') throw invalid('803', 'Expires is missing.', 'Expires', '');
  if (!/^\d{1,19}$/.test(expires)) throw invalid('804', 'Expires is not an integer.', 'Expires', expires);
  if (signature.trim() === '') throw invalid('806', 'Signature is missing.', 'Signature', '');
  const expiresSec = Number(expires);
  if (nowMs > expiresSec * 1000) throw requestExpired('0002-00000805', expiresSec * 1000, nowMs);
  // Some encoders decode a plus to a space; base64 has no spaces.
  return rtmpClaim(accessKeyId, signature.replaceAll(' ', '+'), expires);
}

function rtmpClaim(accessKeyId: string, signature: string, expires: string): Claim {
  return {
    accessKeyId,
    signature,
    expiresSec: Number(expires),
    mismatchEc: '0002-00000807',
    *compute(message, secret) {
      const withoutToken = message.query.filter(({ name }) => name !== 'security-token');
      // Java and Python sign a security token, Go and C# only send it.
      const queries = withoutToken.length < message.query.length ? [message.query, withoutToken] : [message.query];
      for (const query of queries) {
        const stringToSign = rtmpStringToSign({ ...message, query }, expires);
        yield { stringToSign, signature: hmacBase64('sha1', secret, stringToSign) };
      }
    },
    *slips() {
      yield {
        because: 'it is the signature of a GET URL, not of an RTMP URL',
        claim: urlSignatureClaim(accessKeyId, signature, expires),
      };
    },
  };
}

/** The same parameters read as a V1 URL signature; only to explain a mismatch. */
function urlSignatureClaim(accessKeyId: string, signature: string, expires: string): Claim {
  return {
    ...rtmpClaim(accessKeyId, signature, expires),
    *compute({ resource }, secret) {
      const stringToSign = `GET\n\n\n${expires}\n${resourcePath(resource)}`;
      yield { stringToSign, signature: hmacBase64('sha1', secret, stringToSign) };
    },
  };
}

function rtmpStringToSign({ query, resource }: SignedMessage, expires: string): string {
  const parameters = new Map<string, string>();
  for (const { name, value } of query) {
    if (!UNSIGNED.includes(name) && !parameters.has(name)) parameters.set(name, value);
  }
  const lines = [...parameters].sort(([a], [b]) => compareText(a, b)).map(([name, value]) => `${name}:${value}\n`);
  return `${expires}\n${lines.join('')}${resourcePath(resource)}`;
}

/** The Node and C++ SDKs leave the token of a temporary key out of the URL, so it may be absent. */
function checkRtmpToken(key: AccessKey, query: readonly QueryParameter[], keys: KeyRing, nowMs: number): void {
  const token = queryValue(query, 'security-token') ?? queryValue(query, 'SecurityToken');
  if (token === undefined) checkKeyExpiry(key, nowMs);
  else checkSecurityToken(key, token, keys, nowMs);
}

function rtmpMessage(query: readonly QueryParameter[], bucket: string, channel: string): SignedMessage {
  return { method: '', headers: new Map(), query, resource: { bucket, key: channel } };
}
