/** One execution of the lifecycle rules of one bucket. */
import type { LifecycleRule, TransitionClass } from '../../aliyun/xml/lifecycle-rule.ts';
import { OssError } from '../../base/errors.ts';
import type { ListedVersion, MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { Bucket, MultipartUpload, ObjectRecord, ObjectVersion } from '../../storage/metadata/records.ts';
import type { Objects } from '../../storage/objects/objects.ts';
import { STORAGE_CLASS_HEADER } from '../../storage/objects/stored-headers.ts';
import type { Uploads } from '../../storage/objects/uploads.ts';
import { configurationOf, isVersioned } from '../bucket/bucket-configurations.ts';
import {
  abortsUpload,
  actionFor,
  indexRules,
  noncurrentActionFor,
  outermostPrefixes,
  type RuleIndex,
  removesDeleteMarker,
} from './lifecycle-rules.ts';
import { noncurrentSubjectOf, subjectOf } from './lifecycle-subject.ts';
import { note, noteTransition, type PassTally } from './pass-tally.ts';

/** Reading and examining a page takes a few milliseconds, which a request may have to wait. */
const PAGE = 100;
/** After so many changes other work has its turn. */
const CHANGES_PER_TURN = 16;

export interface PassDeps {
  readonly metadata: MetadataStore;
  readonly objects: Objects;
  readonly uploads: Uploads;
  /** Resolves when other work has had its turn. */
  readonly turn: () => Promise<void>;
}

interface Pass extends PassDeps {
  readonly bucket: Bucket;
  readonly rules: RuleIndex;
  /** Everything is judged by this time. */
  readonly nowMs: number;
  readonly tally: PassTally;
  readonly signal: AbortSignal;
}

/** A version that is not the current one, and since when. */
interface NoncurrentVersion {
  readonly version: ObjectVersion;
  readonly sinceMs: number;
}

/**
 * Goes through what has a rule in a bucket, page by page, and carries out what is due. It ends early when the signal
 * aborts, and when the configuration is changed: that begins another pass.
 * @param tally receives what was done, also when the pass fails in the middle
 */
export async function passOverBucket(
  bucket: Bucket,
  nowMs: number,
  deps: PassDeps,
  tally: PassTally,
  signal: AbortSignal,
): Promise<void> {
  const rules = indexRules(configurationOf(bucket, 'lifecycle')?.rules ?? []);
  const pass = { ...deps, bucket, rules, nowMs, tally, signal };
  for (const prefix of outermostPrefixes(rules, concernsObjects)) await passOverObjects(prefix, pass);
  if (isVersioned(bucket)) {
    for (const prefix of outermostPrefixes(rules, concernsVersions)) await passOverVersions(prefix, pass);
  }
  for (const prefix of outermostPrefixes(rules, concernsUploads)) await passOverUploads(prefix, pass);
}

function concernsObjects({ expiration, transitions }: LifecycleRule): boolean {
  return expiration?.when !== undefined || transitions.length > 0;
}

function concernsVersions({ expiration, noncurrentExpirationDays, noncurrentTransitions }: LifecycleRule): boolean {
  const removesMarkers = expiration?.expiredObjectDeleteMarker === true;
  return removesMarkers || noncurrentExpirationDays !== undefined || noncurrentTransitions.length > 0;
}

function concernsUploads({ abortMultipartUpload }: LifecycleRule): boolean {
  return abortMultipartUpload !== undefined;
}

async function passOverObjects(prefix: string, pass: Pass): Promise<void> {
  const { metadata, bucket, rules, nowMs } = pass;
  let marker = '';
  while (await mayContinue(pass)) {
    const query = { prefix, marker, limit: PAGE, delimiter: '' };
    const { items, truncated } = await metadata.listObjects(bucket.name, query);
    const records = items.flatMap((item) => ('object' in item ? [item.object] : []));
    const due = records.filter((record) => actionFor(rules, subjectOf(record, bucket), nowMs));
    await inTurns(due, pass, (record) => reviseObject(record.key, pass));
    marker = records.at(-1)?.key ?? marker;
    if (!truncated) return;
  }
}

async function passOverVersions(prefix: string, pass: Pass): Promise<void> {
  const { metadata, bucket } = pass;
  let last: ListedVersion | undefined;
  while (await mayContinue(pass)) {
    const { key = '', versionId = '' } = last?.version ?? {};
    const query = { prefix, marker: key, versionIdMarker: versionId, limit: PAGE, delimiter: '' };
    const { items, truncated } = await metadata.listVersions(bucket.name, query);
    const listed = items.flatMap((item) => ('version' in item ? [item] : []));
    const newer = [last, ...listed];
    // The oldest first: a delete marker goes when it is the only one left.
    const due = listed.flatMap((item, at) => dueVersion(item, newer[at], pass) ?? []).reverse();
    await inTurns(due, pass, (revise) => revise());
    last = listed.at(-1) ?? last;
    if (!truncated) return;
  }
}

async function passOverUploads(prefix: string, pass: Pass): Promise<void> {
  const { metadata, bucket, rules, nowMs } = pass;
  let last: MultipartUpload | undefined;
  while (await mayContinue(pass)) {
    const query = { prefix, marker: last?.key ?? '', uploadIdMarker: last?.uploadId ?? '', delimiter: '', limit: PAGE };
    const { items, truncated } = await metadata.listUploads(bucket.name, query);
    const uploads = items.flatMap((item) => ('upload' in item ? [item.upload] : []));
    const due = uploads.filter(({ key, initiatedMs }) => abortsUpload(rules, key, initiatedMs, nowMs));
    await inTurns(due, pass, (upload) => abort(upload, pass));
    last = uploads.at(-1) ?? last;
    if (!truncated) return;
  }
}

/** Other work has its turn before each page. */
async function mayContinue({ bucket, metadata, signal, turn }: Pass): Promise<boolean> {
  await turn();
  if (signal.aborted) return false;
  const present = await metadata.getBucket(bucket.name);
  return present?.configurations.lifecycle === bucket.configurations.lifecycle;
}

async function inTurns<Item>(
  items: readonly Item[],
  { signal, turn }: Pass,
  change: (item: Item) => Promise<void>,
): Promise<void> {
  for (const [at, item] of items.entries()) {
    if (at % CHANGES_PER_TURN === CHANGES_PER_TURN - 1) await turn();
    if (signal.aborted) return;
    await change(item);
  }
}

/** Judges the object once more, because it may have been replaced since it was listed. */
async function reviseObject(key: string, { objects, bucket, rules, nowMs, tally }: Pass): Promise<void> {
  let storageClass: TransitionClass | undefined;
  const revision = await objects.revise(bucket.name, key, undefined, (present) => {
    storageClass = undefined;
    if (!present || present.version.type === 'DeleteMarker') return undefined;
    const action = actionFor(rules, subjectOf(present.version, bucket), nowMs);
    if (!action) return undefined;
    if (action.kind === 'delete') return { kind: 'delete' };
    storageClass = action.storageClass;
    return { kind: 'amend', record: inClass(present.version, storageClass) };
  });
  if (revision?.kind === 'delete') note(tally.expired, key);
  if (storageClass) noteTransition(tally, storageClass, key);
}

/** What is to be done about a version; `newer` is the one listed before it. */
function dueVersion(
  { version, isLatest }: ListedVersion,
  newer: ListedVersion | undefined,
  pass: Pass,
): (() => Promise<void>) | undefined {
  const { bucket, rules, nowMs } = pass;
  if (isLatest) {
    const isRemoved = version.type === 'DeleteMarker' && removesDeleteMarker(rules, version.key);
    return isRemoved ? () => removeMarker(version, pass) : undefined;
  }
  const noncurrent = { version, sinceMs: newer?.version.lastModifiedMs ?? version.lastModifiedMs };
  const action = noncurrentActionFor(rules, noncurrentSubjectOf(version, noncurrent.sinceMs, bucket), nowMs);
  return action && (() => reviseVersion(noncurrent, pass));
}

/** Leaves the version alone if it has become the current one since it was listed. */
async function reviseVersion({ version, sinceMs }: NoncurrentVersion, pass: Pass): Promise<void> {
  const { objects, bucket, rules, nowMs, tally } = pass;
  const { key, versionId } = version;
  let storageClass: TransitionClass | undefined;
  const revision = await objects.revise(bucket.name, key, versionId, (present) => {
    storageClass = undefined;
    if (!present || present.isCurrent) return undefined;
    const action = noncurrentActionFor(rules, noncurrentSubjectOf(present.version, sinceMs, bucket), nowMs);
    if (action?.kind === 'delete') return { kind: 'delete-version' };
    if (!action || present.version.type === 'DeleteMarker') return undefined;
    storageClass = action.storageClass;
    return { kind: 'amend', record: inClass(present.version, storageClass) };
  });
  if (revision?.kind === 'delete-version') note(tally.expiredVersions, key);
  if (storageClass) noteTransition(tally, storageClass, key);
}

/** Only when there is no other version. */
async function removeMarker({ key, versionId }: ObjectVersion, pass: Pass): Promise<void> {
  const { metadata, objects, bucket, tally } = pass;
  const query = { prefix: key, marker: '', versionIdMarker: '', limit: 2, delimiter: '' };
  const { items } = await metadata.listVersions(bucket.name, query);
  const ofKey = items.flatMap((item) => ('version' in item && item.version.key === key ? [item.version] : []));
  if (ofKey.length !== 1 || ofKey[0]?.versionId !== versionId) return;
  // Whatever is put after that makes it a previous version.
  const revision = await objects.revise(bucket.name, key, versionId, (present) =>
    present?.isCurrent ? { kind: 'delete-version' } : undefined,
  );
  if (revision) note(tally.removedMarkers, key);
}

/** A restore was for the class that it had before. */
function inClass(record: ObjectRecord, storageClass: TransitionClass): ObjectRecord {
  return { ...record, restore: null, headers: { ...record.headers, [STORAGE_CLASS_HEADER]: storageClass } };
}

async function abort(upload: MultipartUpload, { uploads, tally }: Pass): Promise<void> {
  try {
    await uploads.abort(upload);
  } catch (error) {
    // It was completed or aborted since it was listed.
    if (error instanceof OssError && error.code === 'NoSuchUpload') return;
    throw error;
  }
  note(tally.aborted, upload.key);
}
