/** One execution of the lifecycle rules of one bucket. */
import type { LifecycleRule, TransitionClass } from '../../aliyun/xml/lifecycle-document.ts';
import { OssError } from '../../base/errors.ts';
import type { Bucket, MetadataStore, MultipartUpload, ObjectRecord } from '../../storage/metadata/metadata-store.ts';
import type { Objects } from '../../storage/objects/objects.ts';
import { STORAGE_CLASS_HEADER } from '../../storage/objects/stored-headers.ts';
import type { Uploads } from '../../storage/objects/uploads.ts';
import {
  abortsUpload,
  actionFor,
  indexRules,
  type LifecycleAction,
  outermostPrefixes,
  type RuleIndex,
} from './lifecycle-rules.ts';
import { lifecycleOf, subjectOf } from './lifecycle-subject.ts';

/** Reading and examining a page takes a few milliseconds, which a request may have to wait. */
const PAGE = 200;
/** After so many changes other work has its turn. */
const CHANGES_PER_TURN = 16;
/** So many keys are named. */
const NAMED_KEYS = 10;

export interface PassDeps {
  readonly metadata: MetadataStore;
  readonly objects: Objects;
  readonly uploads: Uploads;
  /** Resolves when other work has had its turn. */
  readonly turn: () => Promise<void>;
}

/** How many were changed, and the keys of the first of them. */
export interface ChangedKeys {
  readonly count: number;
  readonly keys: readonly string[];
}

/** What a pass did in a bucket. */
export interface BucketPass {
  readonly bucket: string;
  /** Objects. */
  readonly expired: ChangedKeys;
  /** Objects, by their new storage class. */
  readonly transitioned: ReadonlyMap<TransitionClass, ChangedKeys>;
  /** Multipart uploads. */
  readonly aborted: ChangedKeys;
}

interface Tally {
  count: number;
  readonly keys: string[];
}

/** A `BucketPass` that is being made. */
export interface PassTally extends BucketPass {
  readonly expired: Tally;
  readonly transitioned: Map<TransitionClass, Tally>;
  readonly aborted: Tally;
}

interface Pass {
  readonly bucket: Bucket;
  readonly rules: RuleIndex;
  /** Everything is judged by this time. */
  readonly nowMs: number;
  readonly tally: PassTally;
  readonly signal: AbortSignal;
}

export function emptyTally(bucket: string): PassTally {
  return { bucket, expired: newTally(), transitioned: new Map(), aborted: newTally() };
}

/**
 * Goes through the objects and multipart uploads of a bucket that have a rule, page by page, and carries out what is due.
 * It ends early when the signal aborts, and when the configuration is changed: that begins another pass.
 * @param tally receives what was done, also when the pass fails in the middle
 */
export async function passOverBucket(
  bucket: Bucket,
  nowMs: number,
  deps: PassDeps,
  tally: PassTally,
  signal: AbortSignal,
): Promise<void> {
  const rules = indexRules(lifecycleOf(bucket)?.rules ?? []);
  const pass = { bucket, rules, nowMs, tally, signal };
  for (const prefix of outermostPrefixes(rules, concernsObjects)) await passOverObjects(prefix, pass, deps);
  for (const prefix of outermostPrefixes(rules, concernsUploads)) await passOverUploads(prefix, pass, deps);
}

function concernsObjects({ expiration, transitions }: LifecycleRule): boolean {
  return expiration?.when !== undefined || transitions.length > 0;
}

function concernsUploads({ abortMultipartUpload }: LifecycleRule): boolean {
  return abortMultipartUpload !== undefined;
}

async function passOverObjects(prefix: string, pass: Pass, deps: PassDeps): Promise<void> {
  const { bucket, rules, nowMs } = pass;
  let marker = '';
  while (await mayContinue(pass, deps)) {
    const query = { prefix, marker, limit: PAGE, delimiter: '' };
    const { items, truncated } = await deps.metadata.listObjects(bucket.name, query);
    const records = items.flatMap((item) => ('object' in item ? [item.object] : []));
    const due = records.filter((record) => actionFor(rules, subjectOf(record, bucket), nowMs));
    await inTurns(due, pass, deps, (record) => carryOut(record.key, pass, deps));
    marker = records.at(-1)?.key ?? marker;
    if (!truncated) return;
  }
}

async function passOverUploads(prefix: string, pass: Pass, deps: PassDeps): Promise<void> {
  const { bucket, rules, nowMs } = pass;
  let last: MultipartUpload | undefined;
  while (await mayContinue(pass, deps)) {
    const query = { prefix, marker: last?.key ?? '', uploadIdMarker: last?.uploadId ?? '', limit: PAGE };
    const { items, truncated } = await deps.metadata.listUploads(bucket.name, query);
    const due = items.filter(({ key, initiatedMs }) => abortsUpload(rules, key, initiatedMs, nowMs));
    await inTurns(due, pass, deps, (upload) => abort(upload, pass, deps));
    last = items.at(-1) ?? last;
    if (!truncated) return;
  }
}

/** Other work has its turn before each page. */
async function mayContinue({ bucket, signal }: Pass, { metadata, turn }: PassDeps): Promise<boolean> {
  await turn();
  if (signal.aborted) return false;
  const present = await metadata.getBucket(bucket.name);
  return present?.configurations.lifecycle === bucket.configurations.lifecycle;
}

async function inTurns<Item>(
  items: readonly Item[],
  { signal }: Pass,
  { turn }: PassDeps,
  change: (item: Item) => Promise<void>,
): Promise<void> {
  for (const [at, item] of items.entries()) {
    if (at % CHANGES_PER_TURN === CHANGES_PER_TURN - 1) await turn();
    if (signal.aborted) return;
    await change(item);
  }
}

/** Judges the object once more while nobody else can change it, because it may have been replaced since it was listed. */
async function carryOut(key: string, pass: Pass, { objects }: PassDeps): Promise<void> {
  const { bucket, rules, nowMs, tally } = pass;
  const actionOf = (record: ObjectRecord) => actionFor(rules, subjectOf(record, bucket), nowMs);
  if (await objects.deleteIf(bucket.name, key, (record) => actionOf(record)?.kind === 'delete')) {
    note(tally.expired, key);
    return;
  }
  let action: LifecycleAction | undefined;
  const isChanged = await objects.amendIf(bucket.name, key, (record) => {
    action = actionOf(record);
    return action?.kind === 'transition' ? inClass(record, action.storageClass) : undefined;
  });
  if (isChanged && action?.kind === 'transition') note(tallyOf(tally, action.storageClass), key);
}

function inClass(record: ObjectRecord, storageClass: TransitionClass): ObjectRecord {
  return { ...record, headers: { ...record.headers, [STORAGE_CLASS_HEADER]: storageClass } };
}

async function abort(upload: MultipartUpload, { tally }: Pass, { uploads }: PassDeps): Promise<void> {
  try {
    await uploads.abort(upload);
  } catch (error) {
    // It was completed or aborted since it was listed.
    if (error instanceof OssError && error.code === 'NoSuchUpload') return;
    throw error;
  }
  note(tally.aborted, upload.key);
}

function tallyOf({ transitioned }: PassTally, storageClass: TransitionClass): Tally {
  const present = transitioned.get(storageClass) ?? newTally();
  transitioned.set(storageClass, present);
  return present;
}

function newTally(): Tally {
  return { count: 0, keys: [] };
}

function note(tally: Tally, key: string): void {
  tally.count += 1;
  if (tally.keys.length < NAMED_KEYS) tally.keys.push(key);
}
