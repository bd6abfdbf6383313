/**
 * Explains why a signature does not fit. The secret is known here, so every mistake that clients make can be repeated
 * until one gives the signature that was received. This costs a few hundred HMACs, and only when a request is refused.
 * The caller need not hold any secret, so the work is bounded: of a very long request, the most likely mistakes are tried.
 */
import { cutText } from '../../base/cut-text.ts';
import { type OssError, withAdvice } from '../../base/errors.ts';
import { percentDecodeAgain, percentEncode, percentEncodePath, resourcePath } from './canonical.ts';
import { type Claim, type ComputedSignature, findFit, type SignedMessage, type Slip } from './claim.ts';
import { signatureMismatch } from './refusals.ts';
import type { AccessKey, KeyRing } from './signed-request.ts';

/** At most this many parameters and headers are left out, one at a time. */
const MAX_LEFT_OUT = 32;
/**
 * What may be read again in search of the mistake, in characters: 250 readings of a request of 4,000, which is a long
 * signed URL with its headers.
 */
const MAX_READ_CHARS = 1_000_000;
/** What a parameter or header costs besides its characters. */
const ENTRY_CHARS = 64;
/** Of a line that is quoted. */
const MAX_QUOTED_CHARS = 1_024;

/**
 * The refusal of a claim that fits no reading of the address; its reason, for the log, names the likely mistake.
 * @throws RangeError when the scheme computes no signature, which is a bug
 */
export function mismatch(claim: Claim, message: SignedMessage, key: AccessKey, keys: KeyRing): OssError {
  const [documented] = claim.compute(message, key.accessKeySecret);
  if (!documented) throw new RangeError('a scheme computes at least one signature');
  const { because, difference, signed } = explain(claim, message, documented, key, keys);
  const advice = `${because.charAt(0).toUpperCase()}${because.slice(1)}.`;
  return withAdvice(signatureMismatch(claim, documented, because + difference, signed), advice);
}

interface Explanation {
  /** One sentence, without its full stop. */
  readonly because: string;
  /** The first line in which the client's text differs from the expected one, if a mistake was found. */
  readonly difference: string;
  /** What the client signed, if a mistake was found. */
  readonly signed?: ComputedSignature;
}

function explain(
  claim: Claim,
  message: SignedMessage,
  documented: ComputedSignature,
  key: AccessKey,
  keys: KeyRing,
): Explanation {
  let leftChars = MAX_READ_CHARS;
  for (const slip of slips(claim, message, key, keys)) {
    leftChars -= charsOf(slip.message ?? message);
    if (leftChars < 0) {
      return { because: 'the request is too long to compare it with every usual mistake', difference: '' };
    }
    const fit = findFit(slip.claim ?? claim, slip.message ?? message, slip.secret ?? key.accessKeySecret);
    if (fit) return { because: slip.because, difference: describeDifference(fit, documented), signed: fit };
  }
  return { because: describeUnexplained(claim, documented, key), difference: '' };
}

/** What one reading of the message costs. */
function charsOf({ query, headers, resource }: SignedMessage): number {
  let chars = resource.bucket.length + resource.key.length;
  for (const { name, value } of query) chars += ENTRY_CHARS + name.length + value.length;
  for (const [name, value] of headers) chars += ENTRY_CHARS + name.length + value.length;
  return chars;
}

/** Only lengths are compared: how many characters are right would give a valid signature away, one by one. */
function describeUnexplained({ signature }: Claim, documented: ComputedSignature, { accessKeyId }: AccessKey): string {
  const { length } = documented.signature;
  if (signature.length !== length) {
    const what = signature.length < length ? 'it was cut off' : 'something was added to it';
    return `the signature has ${signature.length} characters and not ${length}: ${what}`;
  }
  return `no usual mistake explains it: most likely the client's secret is not that of ${accessKeyId}, or what it signed was changed on the way`;
}

function* slips(claim: Claim, message: SignedMessage, key: AccessKey, keys: KeyRing): Generator<Slip> {
  yield* signatureSlips(claim);
  yield* secretSlips(key, keys);
  yield* claim.slips(message);
  yield* methodSlips(message);
  yield* headerSlips(message);
  yield* resourceSlips(message);
  yield* querySlips(message);
}

function* signatureSlips(claim: Claim): Generator<Slip> {
  const { signature } = claim;
  const readings: readonly [string, string][] = [
    [percentDecodeAgain(signature), 'the signature was percent-encoded twice'],
    [signature.trim(), 'there are blanks around the signature'],
    [`${signature}=`, 'the signature was cut off before its "="'],
    [signature.toLowerCase(), 'the hex digits of the signature are in upper case'],
  ];
  for (const [reading, because] of readings) yield { because, claim: { ...claim, signature: reading } };
}

function* secretSlips(key: AccessKey, keys: KeyRing): Generator<Slip> {
  const secret = key.accessKeySecret;
  for (const padded of [`${secret}\n`, `${secret}\r\n`, `${secret}\r`, `${secret} `, ` ${secret}`, `${secret}\t`]) {
    yield { because: 'the client has whitespace around its secret', secret: padded };
  }
  yield { because: 'our secret has whitespace around it, the client has not', secret: secret.trim() };
  yield { because: "the client's secret is empty", secret: '' };
  yield { because: 'the client signed with the access key id in place of the secret', secret: key.accessKeyId };
  for (const other of keys.all()) {
    if (other.accessKeyId === key.accessKeyId) continue;
    yield { because: `the client signed with the secret of ${other.accessKeyId}`, secret: other.accessKeySecret };
  }
}

function* methodSlips(message: SignedMessage): Generator<Slip> {
  for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS']) {
    const because = `${method} was signed, but ${message.method} was sent`;
    if (method !== message.method) yield { because, message: { ...message, method } };
  }
}

function* headerSlips(message: SignedMessage): Generator<Slip> {
  const { headers } = message;
  const names = ['content-type', 'content-md5', ...[...headers.keys()].filter((name) => name.startsWith('x-oss-'))];
  for (const name of names.filter((candidate) => headers.has(candidate)).slice(0, MAX_LEFT_OUT)) {
    const others = new Map([...headers].filter(([other]) => other !== name));
    yield { because: `${name} was not signed, or was added on the way`, message: { ...message, headers: others } };
  }
  for (const type of ['application/octet-stream', 'application/xml', 'application/x-www-form-urlencoded', 'text/xml']) {
    const changed = new Map(headers).set('content-type', type);
    const because = `content-type "${type}" was signed, but "${headers.get('content-type') ?? ''}" arrived`;
    yield { because, message: { ...message, headers: changed } };
  }
}

function* resourceSlips(message: SignedMessage): Generator<Slip> {
  const { resource } = message;
  const { bucket, key } = resource;
  const signed = (path: string, because: string): Slip => ({
    because,
    message: { ...message, resource: { bucket: '', key: path.slice(1) } },
  });
  yield signed(`/${key}`, 'the path was signed without the bucket');
  yield signed(`/${bucket}/${bucket}/${key}`, 'the path was signed with the bucket twice');
  yield signed(percentEncodePath(resourcePath(resource)), 'the path was signed still percent-encoded');
  yield signed(`/${bucket}/${percentEncode(key)}`, 'the path was signed still percent-encoded, slashes included');
  yield signed(`/${bucket}//${key}`, 'the path was signed with a slash too many after the bucket');
  yield signed(`${resourcePath(resource)}/`, 'the path was signed with a slash at its end');
  yield signed(resourcePath(resource).replace(/\/$/, ''), 'the path was signed without the slash at its end');
  yield signed(`/${bucket}/live/${key}`, 'the path was signed with "live/" before the channel');
}

function* querySlips(message: SignedMessage): Generator<Slip> {
  const { query } = message;
  for (const { name } of query.slice(0, MAX_LEFT_OUT)) {
    const others = query.filter((parameter) => parameter.name !== name);
    yield { because: `the query parameter ${name} was not signed`, message: { ...message, query: others } };
  }
  yield { because: 'no query parameter was signed', message: { ...message, query: [] } };
  const encoded = query.map((parameter) => ({ ...parameter, value: percentEncode(parameter.value) }));
  yield { because: 'query values were signed still percent-encoded', message: { ...message, query: encoded } };
  const plus = query.map((parameter) => ({ ...parameter, value: parameter.value.replaceAll(' ', '+') }));
  yield { because: 'a plus in the query was not sent as %2B', message: { ...message, query: plus } };
}

function describeDifference(fit: ComputedSignature, documented: ComputedSignature): string {
  const [name, theirs, ours] =
    fit.canonicalRequest !== documented.canonicalRequest
      ? ['canonical request', fit.canonicalRequest, documented.canonicalRequest]
      : ['string to sign', fit.stringToSign, documented.stringToSign];
  const theirLines = theirs?.split('\n') ?? [];
  const ourLines = ours?.split('\n') ?? [];
  const index = theirLines.findIndex((line, i) => line !== ourLines[i]);
  if (index < 0) return '';
  const [signed, expected] = [theirLines[index] ?? '', ourLines[index] ?? ''].map((line) =>
    cutText(line, MAX_QUOTED_CHARS),
  );
  return ` (line ${index + 1} of the ${name}: signed "${signed}", expected "${expected}")`;
}
