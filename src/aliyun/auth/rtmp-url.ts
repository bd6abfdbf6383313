/**
 * Signed RTMP ingest URLs: `?OSSAccessKeyId=...&Expires=...&Signature=...` and any further parameters, all of them signed.
 * Not the V1 URL signature: no verb and no sub-resources, and the resource is `/bucket/channel` without `live`.
 * Source: "RTMP ingest URLs and signatures" page; EC pages 0002-00000801 to 808; the SDKs named below.
 */
import { invalidArgument, OssError, withAdvice } from '../../base/errors.ts';
import type { ChannelName } from '../../base/push-source.ts';
import { findAccessKey, isAccessKeyId } from './access-keys.ts';
import { compareText, percentEncode, resourcePath } from './canonical.ts';
import { type Claim, findFit, hmacBase64, type SignedMessage } from './claim.ts';
import { mismatch } from './explain.ts';
import { trimPasted, whyMissing } from './pasted-url.ts';
import { requestExpired, unknownAccessKey } from './refusals.ts';
import { isoTime } from './request-time.ts';
import { rtmpSlips } from './rtmp-slips.ts';
import { type AccessKey, type KeyRing, type QueryParameter, queryValue } from './signed-request.ts';

/** The parameters that carry the signature itself. `SecurityToken` is an older spelling that the page mentions. */
const UNSIGNED = ['OSSAccessKeyId', 'Expires', 'Signature', 'SecurityToken'];
/** The parameters of other signature versions; their algorithms are not published. */
const OTHER_VERSION = ['SignatureVersion', 'x-oss-signature-version'];
/** A smaller `Expires` is a number of seconds from now. */
const LONGEST_DURATION_SEC = 100_000_000;
const CREDENTIALS = ['OSSAccessKeyId', 'Expires', 'Signature', ...OTHER_VERSION];

export interface VerifiedRtmpUrl extends ChannelName {
  readonly key: AccessKey;
  /** What the signature was computed of. */
  readonly stringToSign: string;
}

/** Whether the query claims to be signed; if so it must verify, even for a public bucket. */
export function hasRtmpCredentials(query: readonly QueryParameter[]): boolean {
  return query.some(({ name }) => CREDENTIALS.includes(name));
}

/** What a query is verified with. */
export interface RtmpUrlContext {
  readonly nowMs: number;
  readonly keys: KeyRing;
}

/**
 * Verifies the query of an ingest URL. `candidates` are the channels its path may mean, best first:
 * some SDKs leave the bucket out, and only the signature shows which one is meant.
 * @throws OssError when the query is not signed, its time is over, or the signature fits no candidate
 */
export function verifyRtmpUrl(
  query: readonly QueryParameter[],
  candidates: readonly ChannelName[],
  context: RtmpUrlContext,
): VerifiedRtmpUrl {
  const read = readSignedQuery(query, candidates, context);
  const found = findSigned(read, candidates);
  if (found) return found;
  const [best] = candidates;
  if (!best) {
    throw new OssError('NoSuchLiveChannel', 'The specified live channel does not exist.', { ec: '0026-00000021' });
  }
  throw mismatch(read.claim, rtmpMessage(query, best.bucket, best.channel), read.key, context.keys);
}

/**
 * The channel that the query was signed for, if it is one of these.
 * @throws OssError when the query is not signed or its time is over
 */
export function findSignedChannel(
  query: readonly QueryParameter[],
  channels: readonly ChannelName[],
  context: RtmpUrlContext,
): VerifiedRtmpUrl | undefined {
  return findSigned(readSignedQuery(query, channels, context), channels);
}

/** A query that may be valid: only its signature is not compared yet. */
interface SignedQuery {
  readonly query: readonly QueryParameter[];
  readonly claim: Claim;
  readonly key: AccessKey;
}

/** @throws OssError when the query is not signed, its time is over, or its key is unknown or has no right to be used */
function readSignedQuery(
  query: readonly QueryParameter[],
  candidates: readonly ChannelName[],
  { nowMs, keys }: RtmpUrlContext,
): SignedQuery {
  const claim = readRtmpClaim(query, nowMs, candidates[0]?.channel ?? '');
  const { accessKeyId } = claim;
  if (!keys.find(accessKeyId)) throw foreignKey({ query, claim }, candidates, keys);
  checkLines(query);
  const securityToken = queryValue(query, 'security-token') ?? queryValue(query, 'SecurityToken');
  // The Node and C++ SDKs leave the token of a temporary key out of the URL.
  const key = findAccessKey(keys, { accessKeyId, securityToken, needsNoToken: true }, nowMs);
  return { query, claim, key };
}

/**
 * Every parameter is one line `name:value` of the string to sign. With a line break, or with a colon in its name, other
 * parameters would have the same string, and so the same signature.
 * @throws OssError InvalidArgument
 */
function checkLines(query: readonly QueryParameter[]): void {
  const ambiguous = query.find(({ name, value }) => /[:\r\n]/.test(name) || /[\r\n]/.test(value));
  if (!ambiguous) return;
  const { name, value } = ambiguous;
  throw invalidArgument(name, value, 'A parameter of an RTMP URL must have no line break, and no colon in its name.');
}

function findSigned(
  { query, claim, key }: SignedQuery,
  candidates: readonly ChannelName[],
): VerifiedRtmpUrl | undefined {
  for (const { bucket, channel } of candidates) {
    const fit = findFit(claim, rtmpMessage(query, bucket, channel), key.accessKeySecret);
    if (fit) return { key, bucket, channel, stringToSign: fit.stringToSign };
  }
  return undefined;
}

/** The refusal of an unknown access key. Which keys are known is told to those who hold the secret of one. */
function foreignKey(
  { query, claim }: Omit<SignedQuery, 'key'>,
  candidates: readonly ChannelName[],
  keys: KeyRing,
): OssError {
  const signer = [...keys.all()].find((key) => !key.disabled && findSigned({ query, claim, key }, candidates));
  const { accessKeyId } = claim;
  const known = [...keys.all()].map((key) => key.accessKeyId).join(', ') || 'none';
  const error = unknownAccessKey(accessKeyId, `unknown access key id; known are: ${known}`);
  return signer
    ? withAdvice(error, `The signature is that of ${signer.accessKeyId}: OSSAccessKeyId is wrong.`)
    : withAdvice(error, 'OSSAccessKeyId is misspelt, or the key of another account.');
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

function readRtmpClaim(query: readonly QueryParameter[], nowMs: number, channel: string): Claim {
  const accessKeyId = queryValue(query, 'OSSAccessKeyId') ?? '';
  const expires = queryValue(query, 'Expires') ?? '';
  const signature = queryValue(query, 'Signature') ?? '';
  const version = query.find(({ name }) => OTHER_VERSION.includes(name));
  const invalid = (ec: string, message: string, name: string, given: string, advice?: string) => {
    const error = invalidArgument(name, given, message, `0002-00000${ec}`);
    return advice === undefined ? error : withAdvice(error, advice, `${error.reason} ${advice}`);
  };
  const missing = (ec: string, name: string) =>
    invalid(ec, `${name} is missing.`, name, '', whyMissing(query, name, channel));
  if (version) throw invalid('808', 'The signature version is not supported for RTMP.', version.name, version.value);
  if (accessKeyId.trim() === '') throw missing('801', 'OSSAccessKeyId');
  if (!isAccessKeyId(accessKeyId)) {
    const advice = describePasted(accessKeyId, 'OSSAccessKeyId') ?? whyMissing(query, 'Expires', channel);
    throw invalid('802', 'OSSAccessKeyId has illegal characters.', 'OSSAccessKeyId', accessKeyId, advice);
  }
  if (expires.trim() === '') throw missing('803', 'Expires');
  if (!/^\d{1,19}$/.test(expires)) {
    const advice = describePasted(expires, 'Expires') ?? 'It is the time of expiry in whole seconds since 1970.';
    throw invalid('804', 'Expires is not an integer.', 'Expires', expires, advice);
  }
  if (signature.trim() === '') throw missing('806', 'Signature');
  const expiresSec = Number(expires);
  if (nowMs > expiresSec * 1000) {
    const error = requestExpired('0002-00000805', expiresSec * 1000, nowMs);
    throw withAdvice(error, adviseOnExpiry(expiresSec, nowMs));
  }
  return rtmpClaim(accessKeyId, signature, expires);
}

function describePasted(text: string, name: string): string | undefined {
  const { found } = trimPasted(text);
  return found.length === 0 ? undefined : `There is ${found.map((what) => `${what} ${name}`).join(' and ')}.`;
}

function adviseOnExpiry(expiresSec: number, nowMs: number): string {
  if (expiresSec < LONGEST_DURATION_SEC) {
    return `Expires is ${expiresSec}: it must be a time in seconds since 1970, not a duration.`;
  }
  return `It was valid until ${isoTime(expiresSec * 1000)}, and it is ${isoTime(nowMs)}: ${durationText(nowMs / 1000 - expiresSec)} too late.`;
}

/** `3 d 4 h`, `2 h 5 min`, `1 min 10 s`. */
function durationText(durationSec: number): string {
  const total = Math.max(1, Math.round(durationSec));
  const parts = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor(total / 3600) % 24, 'h'],
    [Math.floor(total / 60) % 60, 'min'],
    [total % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

function rtmpClaim(accessKeyId: string, signature: string, expires: string): Claim {
  return {
    accessKeyId,
    // Some encoders decode a plus to a space; base64 has no spaces.
    signature: signature.replaceAll(' ', '+'),
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
    *slips(message) {
      const claimOf = (otherSignature: string, otherExpires: string) =>
        rtmpClaim(accessKeyId, otherSignature, otherExpires);
      yield* rtmpSlips(message, { signature, expires, claimOf });
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
  const lines = query
    .filter(({ name }) => !UNSIGNED.includes(name))
    .toSorted((a, b) => compareText(a.name, b.name))
    .map(({ name, value }) => `${name}:${value}\n`);
  return `${expires}\n${lines.join('')}${resourcePath(resource)}`;
}

function rtmpMessage(query: readonly QueryParameter[], bucket: string, channel: string): SignedMessage {
  return { method: '', headers: new Map(), query, resource: { bucket, key: channel } };
}
