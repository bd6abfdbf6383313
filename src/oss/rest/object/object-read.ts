import { invalidArgument, OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import type { ObjectRecord } from '../../../storage/metadata/records.ts';
import { selectRange } from '../../../storage/objects/byte-range.ts';
import { checkConditions, isRangeValid, readConditions } from '../../../storage/objects/conditions.ts';
import type { ObjectReader } from '../../../storage/objects/object-store.ts';
import type { OpenObject } from '../../../storage/objects/objects.ts';
import { requireReadable } from '../../../storage/objects/restore.ts';
import { lastAccessMs } from '../../access-monitor/last-access.ts';
import { noteAccess } from '../../access-monitor/note-access.ts';
import { type BucketCall, type Call, emptyAnswer, type Services } from '../rest-call.ts';
import { compressAnswer } from './compression.ts';
import { expirationHeader } from './expiration-header.ts';
import { objectHeaders } from './object-headers.ts';
import { findTarget, linkTarget, throughLink } from './symlink.ts';
import { requestedTrafficLimit, type TrafficLimit } from './traffic-limit.ts';
import { requestedVersion, versionHeaders } from './versions.ts';

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
  const { record, reader, bytesOf } = await openFollowing(call, services);
  try {
    const nowMs = services.clock.now();
    requireReadable(bytesOf, call.bucket.storageClass, nowMs);
    checkConditions(readConditions(call.headers), record);
    await noteAccess(call.bucket, bytesOf, services);
    const expiration = expirationHeader(record, call.bucket);
    const headers = { ...objectHeaders(record, call.bucket, nowMs), ...expiration, ...overrides };
    return contentAnswer(call, record, reader, headers, traffic);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

export async function headObject(call: BucketCall, services: Services): Promise<Answer> {
  const named = await services.objects.get(call.bucketName, call.key, requestedVersion(call));
  const target = linkTarget(named);
  const record = target === undefined ? named : throughLink(named, await findTarget(call, target, services));
  checkConditions(readConditions(call.headers), record);
  const headers = {
    ...objectHeaders(record, call.bucket, services.clock.now()),
    ...expirationHeader(record, call.bucket),
  };
  const whole = { ...headers, 'content-length': String(record.sizeBytes) };
  return compressAnswer({ status: 200, headers: whole }, call, record.sizeBytes);
}

/** Only ETag, length and dates (GetObjectMeta page). The length is in the answer to HEAD only, because no body follows. */
export async function getObjectMeta(call: BucketCall, services: Services): Promise<Answer> {
  const record = await services.objects.get(call.bucketName, call.key, requestedVersion(call));
  const accessMs = lastAccessMs(call.bucket, record);
  const headers = {
    ...versionHeaders(record, call.bucket),
    etag: `"${record.etag}"`,
    'last-modified': new Date(record.lastModifiedMs).toUTCString(),
    ...(accessMs !== undefined && { 'x-oss-last-access-time': new Date(accessMs).toUTCString() }),
  };
  if (call.body.method !== 'HEAD') return emptyAnswer(200, headers);
  return { status: 200, headers: { ...headers, 'content-length': String(record.sizeBytes) } };
}

export interface FollowedObject extends OpenObject {
  /** The object whose bytes these are: the target of a link, otherwise the object itself. */
  readonly bytesOf: ObjectRecord;
}

/** The object and its bytes; of a symbolic link, the bytes of the current version of its target. */
export async function openFollowing(call: BucketCall, services: Services): Promise<FollowedObject> {
  const { objects } = services;
  const opened = await objects.open(call.bucketName, call.key, requestedVersion(call));
  const target = linkTarget(opened.record);
  if (target === undefined) return { ...opened, bytesOf: opened.record };
  await opened.reader.close();
  await findTarget(call, target, services);
  const { record, reader } = await objects.open(call.bucketName, target);
  return { record: throughLink(opened.record, record), reader, bytesOf: record };
}

function contentAnswer(
  call: BucketCall,
  record: ObjectRecord,
  reader: ObjectReader,
  headers: Readonly<Record<string, string>>,
  traffic: TrafficLimit,
): Answer {
  const isStandard = call.headers.get('x-oss-range-behavior') === 'standard';
  const rangeHeader = isRangeValid(call.headers.get('if-range'), record) ? call.headers.get('range') : undefined;
  const range = selectRange(rangeHeader, record.sizeBytes, isStandard);
  const body = traffic.pace(reader.chunks(range));
  if (!range) {
    const whole = { ...headers, 'content-length': String(record.sizeBytes) };
    return compressAnswer({ status: 200, headers: whole, body }, call, record.sizeBytes);
  }
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
      throw invalidArgument(OVERRIDE_PREFIX + name, value, 'A response header must not contain control characters.');
    }
    overrides[name] = Buffer.from(value).toString('latin1');
  }
  return overrides;
}
