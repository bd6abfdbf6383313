/** What V1 headers and V1 URLs have in common: HMAC-SHA1 over five lines and the resource with its sub-resources. */
import { invalidArgument } from '../../base/errors.ts';
import { compareText, headerLines, headerText, isOssHeader, resourcePath } from './canonical.ts';
import { type Claim, type ComputedSignature, hmacBase64, type SignedMessage } from './claim.ts';
import type { QueryParameter, Resource } from './signed-request.ts';
import { isSubResource } from './sub-resources.ts';

/** Gives the fourth line: a date for headers, `Expires` for URLs. */
type DateLine = (message: SignedMessage) => string;

interface V1Evidence {
  readonly accessKeyId: string;
  readonly signature: string;
  readonly expiresSec?: number;
  readonly dateLine: DateLine;
}

export function v1Claim(evidence: V1Evidence, isSigned: (name: string) => boolean = isSubResource): Claim {
  const { dateLine, ...claimed } = evidence;
  return {
    mismatchEc: '0002-00000040',
    *compute(message, secret) {
      for (const resource of canonicalResources(message.resource, signedParameters(message.query, isSigned))) {
        yield signV1(message, dateLine(message), resource, secret);
      }
    },
    checkFit({ resource, query }) {
      checkHidden(resource, signedParameters(query, isSigned));
    },
    *slips() {
      for (const name of ['prefix', 'marker', 'max-keys', 'delimiter', 'encoding-type', 'playlistName']) {
        yield {
          because: `${name} was signed, which is not a sub-resource`,
          claim: v1Claim(evidence, (signed) => signed === name || isSubResource(signed)),
        };
      }
      yield {
        because: 'query parameters that are not sub-resources were signed too',
        claim: v1Claim(evidence, (name) => !V1_URL_PARAMETERS.includes(name)),
      };
    },
    ...claimed,
  };
}

/** The parameters of a V1 URL that carry the signature itself. */
export const V1_URL_PARAMETERS: readonly string[] = ['OSSAccessKeyId', 'Expires', 'Signature'];

function signV1(message: SignedMessage, dateLine: string, resource: string, secret: string): ComputedSignature {
  const { method, headers } = message;
  const stringToSign = [
    method,
    headerText(headers, 'content-md5'),
    headerText(headers, 'content-type'),
    dateLine,
    headerLines(headers, isOssHeader) + resource,
  ].join('\n');
  return { stringToSign, signature: hmacBase64('sha1', secret, stringToSign) };
}

/** @throws OssError InvalidArgument when a key or a value has what could be a sub-resource */
function checkHidden(resource: Resource, parameters: readonly QueryParameter[]): void {
  const hidden = findHidden(resource, parameters);
  if (hidden === undefined) return;
  const message = 'The request has the same V1 signature as one with other parameters. Use a V4 signature.';
  throw invalidArgument('query', hidden, message);
}

/**
 * What in a key or a value could be a sub-resource. Neither `?` nor `&` is encoded in the string to sign: it is the same
 * for `?partNumber=1&uploadId=a` and for the one parameter `?partNumber=1%26uploadId%3Da`, which would make UploadPart a
 * PutObject; and for `/key?acl` and `/key%3Facl`. So who signs must not sign it either.
 */
export function findHidden({ key }: Resource, parameters: readonly QueryParameter[]): string | undefined {
  return [...key.split('?').slice(1), ...parameters.flatMap(({ value }) => value.split('&').slice(1))].find((text) =>
    isSubResource(text.split(/[=&]/, 1)[0] ?? ''),
  );
}

/** The first of repeated parameters counts. */
function signedParameters(query: readonly QueryParameter[], isSigned: (name: string) => boolean): QueryParameter[] {
  const byName = new Map<string, QueryParameter>();
  for (const parameter of query) {
    if (isSigned(parameter.name) && !byName.has(parameter.name)) byName.set(parameter.name, parameter);
  }
  return [...byName.values()].sort((a, b) => compareText(a.name, b.name));
}

/**
 * The documented form first; then without `continuation-token`, which only some SDKs sign; each also as the C SDK signs
 * a bucket on an IP endpoint, `/bucket` without the slash.
 */
function* canonicalResources(resource: Resource, parameters: readonly QueryParameter[]): Generator<string> {
  const path = resourcePath(resource);
  const paths = resource.bucket !== '' && resource.key === '' ? [path, path.slice(0, -1)] : [path];
  const withoutToken = parameters.filter((parameter) => parameter.name !== 'continuation-token');
  const queries = withoutToken.length < parameters.length ? [parameters, withoutToken] : [parameters];
  for (const query of queries) {
    const text = query.map(({ name, value }) => (value === '' ? name : `${name}=${value}`)).join('&');
    for (const candidate of paths) yield text === '' ? candidate : `${candidate}?${text}`;
  }
}
