/** Reads objects of a bucket as its website says. The rules are in `oss/website/website.ts`. */
import { OssError } from '../../base/errors.ts';
import { splitTarget } from '../../http/address.ts';
import type { Answer } from '../../http/answer.ts';
import { configurationOf } from '../bucket/bucket-configurations.ts';
import { fallbacksOf, indexKey, routeOf, type WebsiteRedirect } from '../website/website.ts';
import type { Operation } from './operation.ts';
import { type BucketCall, emptyAnswer } from './rest-call.ts';

/** Answers GetObject or HeadObject for a call, permission included. */
export type ReadObject = (call: BucketCall) => Promise<Answer>;

/** Headers that ask for a part of the object, or for nothing if it is known already; not of a page of errors. */
const PARTIAL_HEADERS: readonly string[] = [
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
];

/**
 * The answer of the website of the bucket; undefined when it has none, or the call is none for it. Signed calls get
 * the index document of folders, and otherwise the API; those without a signature get pages, on the bucket's own host
 * names.
 */
export async function serveWebsite(
  operation: Operation,
  call: BucketCall,
  read: ReadObject,
): Promise<Answer | undefined> {
  if (!readsObjectOrRoot(operation)) return undefined;
  const website = configurationOf(call.bucket, 'website');
  if (!website) return undefined;
  const index = indexKey(website, call.key);
  if (!isPage(call)) return call.key === '' || index === undefined ? undefined : read({ ...call, key: index });
  if (call.key === '' && index === undefined) return undefined;
  const request = {
    key: call.key,
    rawQuery: splitTarget(call.body.url ?? '').rawQuery,
    headers: call.headers,
    host: call.headers.get('host') ?? '',
    scheme: call.urls.scheme,
  };
  const route = routeOf(website, request, undefined);
  if (route) return redirectAnswer(route);
  try {
    return await read({ ...call, key: index ?? call.key });
  } catch (error) {
    if (!(error instanceof OssError)) throw error;
    const errorRoute = routeOf(website, request, error.status);
    if (errorRoute) return redirectAnswer(errorRoute);
    const answer = error.code === 'NoSuchKey' ? await fallBack(website, call, read) : undefined;
    if (answer) return answer;
    throw error;
  }
}

async function fallBack(
  website: Parameters<typeof fallbacksOf>[0],
  call: BucketCall,
  read: ReadObject,
): Promise<Answer | undefined> {
  for (const fallback of fallbacksOf(website, call.key)) {
    const answer = await readIfExists({ ...call, key: fallback.key, headers: withoutPartial(call.headers) }, read);
    if (!answer) continue;
    if (fallback.kind === 'object') return { ...answer, status: fallback.status };
    await discard(answer);
    return redirectAnswer(fallback.redirect);
  }
  return undefined;
}

async function readIfExists(call: BucketCall, read: ReadObject): Promise<Answer | undefined> {
  try {
    return await read(call);
  } catch (error) {
    if (error instanceof OssError) return undefined;
    throw error;
  }
}

/** Closes the reader of a body that is not sent. */
async function discard({ body }: Answer): Promise<void> {
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) return;
  for await (const _chunk of body) break;
}

function readsObjectOrRoot({ method, level, select }: Operation): boolean {
  return (method === 'GET' || method === 'HEAD') && select === '' && (level === 'object' || level === 'bucket');
}

/** A browser's call: not signed, on a host name of the bucket. */
function isPage({ caller, headers, query, onBucketHost }: BucketCall): boolean {
  if (!onBucketHost) return false;
  if (caller.scheme === 'anonymous') return true;
  const isSigned = headers.has('authorization') || query.has('Signature') || query.has('x-oss-signature');
  return caller.scheme === 'unchecked' && !isSigned;
}

function redirectAnswer({ status, location }: WebsiteRedirect): Answer {
  return emptyAnswer(status, { location });
}

function withoutPartial(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...headers].filter(([name]) => !PARTIAL_HEADERS.includes(name)));
}
