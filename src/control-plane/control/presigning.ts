import * as v from 'valibot';
import { isOfSignature } from '../../aliyun/auth/signature-parameters.ts';
import type { AccessKey } from '../../aliyun/auth/signed-request.ts';
import { MAX_V4_EXPIRES_SEC, signV4Query } from '../../aliyun/auth/v4-query.ts';
import { httpOrigin, resourceTarget, type UrlBase } from '../../aliyun/endpoint.ts';
import { isBucketName } from '../../base/bucket-name.ts';
import { UsageError } from '../../base/errors.ts';
import { choice, documented, fields, integer, optional, record, text } from '../../base/schema.ts';
import { timeMs, type ViewOf } from './view-fields.ts';

export const REST_METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'] as const;

const DEFAULT_EXPIRES_SEC = 3600;

/** Visible ASCII and blanks: other values are not the same text to all who handle headers. */
const headerValue = v.pipe(v.string('must be a text'), v.regex(/^[\x20-\x7e]*$/, 'must be of ASCII characters'));

/** Names of files may have halves of surrogate pairs, which have no UTF-8. */
const wellFormed = v.check(
  (value: string) => value.isWellFormed(),
  'must be Unicode without halves of surrogate pairs',
);
const name = v.pipe(text, wellFormed);
/** Another one has no address, and is refused by the service. */
const bucketName = v.pipe(
  text,
  v.check(isBucketName, 'must be the name of a bucket: 3 to 63 characters of a-z, 0-9 and -, no - at either end'),
);

/** One request of the REST API of OSS that is to be signed. */
export const presignRequest = fields({
  method: documented(optional(choice(REST_METHODS)), 'Default `GET`.'),
  bucket: documented(optional(bucketName), 'Without one it is a request to the service, as ListBuckets is.'),
  key: documented(optional(name), 'Without one it is a request to the bucket.'),
  query: documented(
    optional(record(name, v.pipe(v.string('must be a text'), wellFormed))),
    'Its parameters; an empty text stands for a name alone, as `acl`.',
  ),
  headers: documented(
    optional(record(text, headerValue)),
    'Those that the request will have, as `content-type` and `x-oss-acl`: what is signed must be sent so.',
  ),
  expiresSec: documented(
    optional(integer(1, MAX_V4_EXPIRES_SEC)),
    `From now; default ${DEFAULT_EXPIRES_SEC}, at most seven days.`,
  ),
});

export type PresignRequest = ViewOf<typeof presignRequest>;

export const presignedUrl = fields({
  url: documented(text, 'Signed with V4, on the address that is given to clients.'),
  path: documented(text, 'The same from its path on, for whoever reaches the emulator at another address.'),
  plainUrl: documented(text, 'Without a signature and parameters.'),
  expiresMs: timeMs,
});

export type PresignedUrl = ViewOf<typeof presignedUrl>;

/** What a URL is signed with. */
export interface Presigner {
  readonly base: UrlBase;
  readonly accessKey: AccessKey;
  readonly region: string;
  readonly nowMs: number;
}

/** @throws UsageError when there is a key without a bucket, or a parameter that the signature adds itself */
export function presign(request: PresignRequest, { base, accessKey, region, nowMs }: Presigner): PresignedUrl {
  const { method = 'GET', bucket = '', key = '', headers = {}, expiresSec = DEFAULT_EXPIRES_SEC } = request;
  if (bucket === '' && key !== '') throw new UsageError('The request: key needs the field bucket.');
  const reserved = Object.keys(request.query ?? {}).find(isOfSignature);
  if (reserved !== undefined) {
    throw new UsageError(`The request: query.${reserved} belongs to the signature, which is added here; leave it out.`);
  }
  const resource = { bucket, key };
  const parameters = Object.entries(request.query ?? {}).map(([name, value]) => ({ name, value, hasEquals: true }));
  const query = signV4Query(
    {
      method,
      resource,
      query: parameters,
      headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    },
    accessKey,
    { region, signedMs: nowMs, expiresSec },
  );
  const target = resourceTarget(resource);
  const plainUrl = `${httpOrigin(base)}${target}`;
  const expiresMs = Math.floor(nowMs / 1000 + expiresSec) * 1000;
  return { url: `${plainUrl}?${query}`, path: `${target}?${query}`, plainUrl, expiresMs };
}
