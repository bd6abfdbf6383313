import { shownTarget } from '../../aliyun/auth/shown-target.ts';
import { isOfSignature } from '../../aliyun/auth/signature-parameters.ts';
import { parseQuery, type QueryParameter } from '../../aliyun/auth/signed-request.ts';
import { HIDDEN, redact } from '../../base/redact.ts';
import { splitTarget } from '../../http/address.ts';
import type { AnsweredRequest } from '../../http/observer.ts';

/** What the log remembers of a request so that it can be made again. It holds no secret and no signature. */
export interface KeptRequest {
  readonly requestId: string;
  readonly operation: string | undefined;
  readonly method: string;
  /** Empty for a request to the service. */
  readonly bucket: string;
  /** Empty for a request to a bucket. */
  readonly key: string;
  /** Without those of the signature. */
  readonly query: readonly QueryParameter[];
  /** Those that say what is asked for, by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: KeptBody;
  /** What the request had besides, and what is not remembered: `parameter callback`, `header x-oss-meta-a`. */
  readonly missing: readonly string[];
  /** Bucket, key and parameters are those that the request had. */
  readonly isAddressKept: boolean;
}

export type KeptBody =
  | { readonly state: 'none' }
  | { readonly state: 'kept'; readonly text: string }
  | { readonly state: 'dropped' };

const MAX_REQUESTS = 1_000;
const MAX_BODY_BYTES = 8 * 1024;
const MAX_HEADER_CHARS = 1_024;

/** Documents in which the service has no place for a secret. Contents of objects are never kept. */
const OPERATIONS_WITH_KEPT_BODY: readonly (string | undefined)[] = [
  'PutLiveChannel',
  'PutBucket',
  'PutBucketCors',
  'PutBucketLifecycle',
  'PutBucketVersioning',
  'DeleteMultipleObjects',
];

const KEPT_HEADERS: ReadonlySet<string> = new Set([
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'range',
  'x-oss-acl',
  'x-oss-copy-source',
  'x-oss-forbid-overwrite',
  'x-oss-metadata-directive',
  'x-oss-object-acl',
  'x-oss-storage-class',
]);

/** What was answered, with the parts that are kept of it. */
type Remembered = Omit<KeptRequest, 'query' | 'isAddressKept'> & {
  /** Of what is missing, that of its path. */
  readonly missingOfPath: readonly string[];
  /** Of the query: read only when somebody asks, because every request is remembered. */
  readonly shownQuery: string;
};

/** The latest requests to OSS that this node answered. Their number and what is kept of each are bounded. */
export class KeptRequests {
  /** By request id, oldest first. */
  readonly #latest = new Map<string, Remembered>();

  note(request: AnsweredRequest): void {
    this.#latest.set(request.requestId, remember(request));
    const [oldest] = this.#latest.size > MAX_REQUESTS ? this.#latest.keys() : [];
    if (oldest !== undefined) this.#latest.delete(oldest);
  }

  find(requestId: string): KeptRequest | undefined {
    const found = this.#latest.get(requestId);
    if (!found) return undefined;
    const { shownQuery, missingOfPath, missing, ...rest } = found;
    const { query, missing: missingOfQuery } = readShown(shownQuery);
    const isAddressKept = missingOfPath.length === 0 && missingOfQuery.length === 0;
    return { query, isAddressKept, missing: [...missingOfPath, ...missing, ...missingOfQuery], ...rest };
  }

  clear(): void {
    this.#latest.clear();
  }
}

function remember(request: AnsweredRequest): Remembered {
  const { requestId, operation, method, target } = request;
  const { bucket, key, missingOfPath } = keptPath(request);
  const { headers, missing } = keptHeaders(request);
  const shown = shownTarget(target);
  const mark = shown.indexOf('?');
  return {
    requestId,
    operation,
    method,
    bucket,
    key,
    headers,
    body: keptBody(request),
    missingOfPath,
    missing,
    shownQuery: mark < 0 ? '' : shown.slice(mark + 1),
  };
}

function keptPath({
  operation,
  target,
  bucket = '',
  key = '',
}: AnsweredRequest): Pick<Remembered, 'bucket' | 'key' | 'missingOfPath'> {
  // Its path could not be decoded, or was not: it is no request to the service.
  if (bucket === '' && splitTarget(target).rawPath !== '/') return { bucket, key, missingOfPath: ['path'] };
  // This one has its key in the form.
  const sentKey = operation === 'PostObject' ? '' : key;
  const place = `${bucket}/${sentKey}`;
  if (redact(place) === place) return { bucket, key: sentKey, missingOfPath: [] };
  return { bucket: redact(bucket), key: redact(sentKey), missingOfPath: ['key'] };
}

function keptHeaders({ headers = new Map() }: AnsweredRequest): Pick<KeptRequest, 'headers' | 'missing'> {
  const kept = new Map<string, string>();
  const missing: string[] = [];
  for (const [name, value] of headers) {
    const isKept = KEPT_HEADERS.has(name);
    if (isKept && isHarmless(value)) kept.set(name, value);
    else if (isKept || (name.startsWith('x-oss-') && !isOfSignature(name))) {
      missing.push(`header ${redact(name)}`);
    }
  }
  return { headers: kept, missing };
}

function isHarmless(value: string): boolean {
  return value.length <= MAX_HEADER_CHARS && /^[\x20-\x7e]*$/.test(value) && redact(value) === value;
}

function keptBody({ headers, operation, document }: AnsweredRequest): KeptBody {
  const length = headers?.get('content-length') ?? '0';
  if (length === '0' && !headers?.has('transfer-encoding')) return { state: 'none' };
  if (!OPERATIONS_WITH_KEPT_BODY.includes(operation)) return { state: 'dropped' };
  if (!document || document.length > MAX_BODY_BYTES) return { state: 'dropped' };
  const text = document.toString();
  return isText(document, text) && redact(text) === text ? { state: 'kept', text } : { state: 'dropped' };
}

/** Other bytes would be others in the command and in the call that send them again. */
function isText(bytes: Buffer, text: string): boolean {
  return bytes.equals(Buffer.from(text)) && !/(?![\t\n\r])\p{Cc}/u.test(text);
}

function readShown(shownQuery: string): Pick<KeptRequest, 'query' | 'missing'> {
  const query: QueryParameter[] = [];
  const missing: string[] = [];
  const parameters = readQueryIfPossible(shownQuery).filter(({ name }) => !isOfSignature(name));
  for (const parameter of parameters) {
    const { name, value } = parameter;
    if (name.includes(HIDDEN) || value.includes(HIDDEN)) missing.push(`parameter ${name}`);
    else if (query.some((before) => before.name === name)) missing.push(`repeated parameter ${name}`);
    else query.push(parameter);
  }
  return { query, missing };
}

/** A query that is not percent-encoded was refused with the request. */
function readQueryIfPossible(text: string): readonly QueryParameter[] {
  try {
    return parseQuery(text);
  } catch {
    return [{ name: HIDDEN, value: '', hasEquals: false }];
  }
}
