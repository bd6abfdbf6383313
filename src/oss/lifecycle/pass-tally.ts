/** What a pass did in a bucket. */
import type { TransitionClass } from '../../aliyun/xml/lifecycle-rule.ts';

/** So many keys are named. */
const NAMED_KEYS = 10;

/** How many were changed, and the keys of the first of them. */
export interface ChangedKeys {
  readonly count: number;
  readonly keys: readonly string[];
}

export interface BucketPass {
  readonly bucket: string;
  /** Objects that were deleted, or covered by a delete marker. */
  readonly expired: ChangedKeys;
  /** Previous versions that were deleted. */
  readonly expiredVersions: ChangedKeys;
  readonly removedMarkers: ChangedKeys;
  /** Objects and previous versions, by their new storage class. */
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
  readonly expiredVersions: Tally;
  readonly removedMarkers: Tally;
  readonly transitioned: Map<TransitionClass, Tally>;
  readonly aborted: Tally;
}

export function beginTally(bucket: string): PassTally {
  return {
    bucket,
    expired: newTally(),
    expiredVersions: newTally(),
    removedMarkers: newTally(),
    transitioned: new Map(),
    aborted: newTally(),
  };
}

export function note(tally: Tally, key: string): void {
  tally.count += 1;
  if (tally.keys.length < NAMED_KEYS) tally.keys.push(key);
}

export function noteTransition({ transitioned }: PassTally, storageClass: TransitionClass, key: string): void {
  const tally = transitioned.get(storageClass) ?? newTally();
  transitioned.set(storageClass, tally);
  note(tally, key);
}

/** How many objects changed their class. */
export function countTransitioned({ transitioned }: BucketPass): number {
  return [...transitioned.values()].reduce((sum, { count }) => sum + count, 0);
}

export function isEmpty(pass: BucketPass): boolean {
  const { expired, expiredVersions, removedMarkers, aborted } = pass;
  const others = [expired, expiredVersions, removedMarkers, aborted];
  return others.every(({ count }) => count === 0) && countTransitioned(pass) === 0;
}

function newTally(): Tally {
  return { count: 0, keys: [] };
}
