import { OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import type { ObjectRecord } from '../../../storage/metadata/metadata-store.ts';
import { selectRange } from '../../../storage/objects/byte-range.ts';
import { checkConditions, readConditions } from '../../../storage/objects/conditions.ts';
import type { ObjectReader } from '../../../storage/objects/object-store.ts';
import type { OpenObject } from '../../../storage/objects/objects.ts';
import type { BucketCall, Call, Services } from '../rest-call.ts';
import { expirationHeader } from './expiration-header.ts';
import { objectHeaders } from './object-headers.ts';
import { linkTarget, readTarget } from './symlink.ts';

const OVERRIDE_PREFIX = 'response-';
/** Headers of the answer that a query parameter can replace. */
const OVERRIDABLE: readonly string[] = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

export async function getObject(call: BucketCall, services: Services): Promise<Answer> {
  const overrides = responseOverrides(call);
  const { record, reader } = await openFollowing(call, services);
  try {
    checkConditions(readConditions(call.headers), record);
    return contentAnswer(call, record, reader, overrides);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

export async function headObject(call: BucketCall, services: Services): Promise<Answer> {
  const named = await services.objects.get(call.bucketName, call.key);
  const target = linkTarget(named);
  const record =
    target === undefined ? named : await readTarget(target, (key) => services.objects.get(call.bucketName, key));
  checkConditions(readConditions(call.headers), record);
  const headers = {
    ...objectHeaders(record, call.bucket),
    ...expirationHeader(record, call.bucket),
    'content-length': String(record.sizeBytes),
  };
  return { status: 200, headers };
}

/** Only ETag, length and date (GetObjectMeta page). */
export async function getObjectMeta(call: BucketCall, services: Services): Promise<Answer> {
  const record = await services.objects.get(call.bucketName, call.key);
  const headers = {
    etag: `"${record.etag}"`,
    'last-modified': new Date(record.lastModifiedMs).toUTCString(),
    'content-length': String(record.sizeBytes),
  };
  return { status: 200, headers };
}

async function openFollowing({ bucketName, key }: Call, { objects }: Services): Promise<OpenObject> {
  const opened = await objects.open(bucketName, key);
  const target = linkTarget(opened.record);
  if (target === undefined) return opened;
  await opened.reader.close();
  return readTarget(target, (targetKey) => objects.open(bucketName, targetKey));
}

function contentAnswer(
  call: BucketCall,
  record: ObjectRecord,
  reader: ObjectReader,
  overrides: Readonly<Record<string, string>>,
): Answer {
  const isStandard = call.headers.get('x-oss-range-behavior') === 'standard';
  const range = selectRange(call.headers.get('range'), record.sizeBytes, isStandard);
  const headers = { ...objectHeaders(record, call.bucket), ...expirationHeader(record, call.bucket), ...overrides };
  if (!range) {
    return { status: 200, headers: { ...headers, 'content-length': String(record.sizeBytes) }, body: reader.chunks() };
  }
  const partHeaders = {
    'content-range': `bytes ${range.start}-${range.end}/${record.sizeBytes}`,
    'content-length': String(range.end - range.start + 1),
  };
  return { status: 206, headers: { ...headers, ...partHeaders }, body: reader.chunks(range) };
}

/**
 * @throws OssError InvalidRequest for anonymous callers (GetObject page), InvalidArgument for a value that no header
 * can have
 */
function responseOverrides(call: Call): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const name of OVERRIDABLE) {
    const value = call.query.get(OVERRIDE_PREFIX + name);
    if (value === undefined) continue;
    if (call.caller.scheme === 'anonymous') {
      throw new OssError('InvalidRequest', 'Response headers can not be overridden by an anonymous request.');
    }
    if (/\p{Cc}/u.test(value)) {
      throw new OssError('InvalidArgument', 'A response header must not contain control characters.', {
        details: { ArgumentName: OVERRIDE_PREFIX + name, ArgumentValue: value },
      });
    }
    overrides[name] = Buffer.from(value).toString('latin1');
  }
  return overrides;
}
