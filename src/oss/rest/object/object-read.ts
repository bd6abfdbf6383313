import { OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import type { ObjectRecord } from '../../../storage/metadata/metadata-store.ts';
import { selectRange } from '../../../storage/objects/byte-range.ts';
import { checkConditions, readConditions } from '../../../storage/objects/conditions.ts';
import type { ObjectReader } from '../../../storage/objects/object-store.ts';
import type { OpenObject } from '../../../storage/objects/objects.ts';
import { requireReadable } from '../../../storage/objects/restore.ts';
import { lastAccessMs, noteAccess } from '../../access-monitor/last-access.ts';
import { authorizeAction } from '../authorize.ts';
import type { BucketCall, Call, Services } from '../rest-call.ts';
import { requestedTrafficLimit, type TrafficLimit } from '../traffic-limit.ts';
import { objectHeaders } from './object-headers.ts';
import { linkTarget, readTarget } from './symlink.ts';

const READ = { action: 'oss:GetObject', permission: 'read object' } as const;
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
  const traffic = requestedTrafficLimit(call, services);
  const { record, reader } = await openFollowing(call, services);
  try {
    const nowMs = services.clock.now();
    requireReadable(record, call.bucket.storageClass, nowMs);
    checkConditions(readConditions(call.headers), record);
    await noteAccess(call.bucket, record, services);
    const headers = { ...objectHeaders(record, call.bucket, nowMs), ...overrides };
    return contentAnswer(call, record, reader, headers, traffic);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

export async function headObject(call: BucketCall, services: Services): Promise<Answer> {
  const named = await services.objects.get(call.bucketName, call.key);
  const target = linkTarget(named);
  if (target !== undefined) await authorizeAction(READ, { ...call, key: target }, services);
  const record =
    target === undefined ? named : await readTarget(target, (key) => services.objects.get(call.bucketName, key));
  checkConditions(readConditions(call.headers), record);
  const headers = objectHeaders(record, call.bucket, services.clock.now());
  return { status: 200, headers: { ...headers, 'content-length': String(record.sizeBytes) } };
}

/** Only ETag, length and dates (GetObjectMeta page). */
export async function getObjectMeta(call: BucketCall, services: Services): Promise<Answer> {
  const record = await services.objects.get(call.bucketName, call.key);
  const accessMs = lastAccessMs(call.bucket, record);
  const headers = {
    etag: `"${record.etag}"`,
    'last-modified': new Date(record.lastModifiedMs).toUTCString(),
    'content-length': String(record.sizeBytes),
    ...(accessMs !== undefined && { 'x-oss-last-access-time': new Date(accessMs).toUTCString() }),
  };
  return { status: 200, headers };
}

/** A link gives no right to its target. */
async function openFollowing(call: BucketCall, services: Services): Promise<OpenObject> {
  const { bucketName, key } = call;
  const { objects } = services;
  const opened = await objects.open(bucketName, key);
  const target = linkTarget(opened.record);
  if (target === undefined) return opened;
  await opened.reader.close();
  await authorizeAction(READ, { ...call, key: target }, services);
  return readTarget(target, (targetKey) => objects.open(bucketName, targetKey));
}

function contentAnswer(
  call: BucketCall,
  record: ObjectRecord,
  reader: ObjectReader,
  headers: Readonly<Record<string, string>>,
  traffic: TrafficLimit,
): Answer {
  const isStandard = call.headers.get('x-oss-range-behavior') === 'standard';
  const range = selectRange(call.headers.get('range'), record.sizeBytes, isStandard);
  const body = traffic.pace(reader.chunks(range));
  if (!range) return { status: 200, headers: { ...headers, 'content-length': String(record.sizeBytes) }, body };
  const partHeaders = {
    'content-range': `bytes ${range.start}-${range.end}/${record.sizeBytes}`,
    'content-length': String(range.end - range.start + 1),
  };
  return { status: 206, headers: { ...headers, ...partHeaders }, body };
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
