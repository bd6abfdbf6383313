/**
 * Restoring of archived objects, by the clock: frozen, then restoring, then readable for some days, then frozen again.
 * Source: RestoreObject page. The page gives the usual times; each restore here takes the longest one of its class and
 * tier.
 */

import { invalidArgument, OssError } from '../../base/errors.ts';
import type { ObjectRecord, Restore, RestoreTier } from '../metadata/records.ts';
import { storageClassOf } from './storage-class.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface ArchiveClass {
  readonly maxDays: number;
  /** The EC of a wrong number of days. */
  readonly daysEc: string;
  /** A request may name a tier. */
  readonly hasTiers: boolean;
  /** By tier, the fastest first. */
  readonly durationsMs: ReadonlyMap<RestoreTier, number>;
}

const ARCHIVE_CLASSES: ReadonlyMap<string, ArchiveClass> = new Map<string, ArchiveClass>([
  [
    'Archive',
    { maxDays: 7, daysEc: '0016-00000708', hasTiers: false, durationsMs: new Map([['Standard', MINUTE_MS]]) },
  ],
  [
    'ColdArchive',
    {
      maxDays: 365,
      daysEc: '0016-00000704',
      hasTiers: true,
      durationsMs: new Map([
        ['Expedited', HOUR_MS],
        ['Standard', 5 * HOUR_MS],
        ['Bulk', 12 * HOUR_MS],
      ]),
    },
  ],
  [
    'DeepColdArchive',
    {
      maxDays: 365,
      daysEc: '0016-00000704',
      hasTiers: true,
      durationsMs: new Map([
        ['Expedited', 12 * HOUR_MS],
        ['Standard', 48 * HOUR_MS],
      ]),
    },
  ],
]);

/** What a request asks for, as it was written. */
export interface RestoreWish {
  readonly days?: string | undefined;
  readonly tier?: string | undefined;
}

export interface RequestedRestore {
  readonly restore: Restore;
  /** `started` also when a faster tier takes the place of a running restore; `extended` when it was readable already. */
  readonly outcome: 'started' | 'extended';
}

/** `restoring`, `restored`, or undefined: frozen, unless its class needs no restore. */
export function restoreState(restore: Restore | null, nowMs: number): 'restoring' | 'restored' | undefined {
  if (!restore || nowMs >= restore.expiresMs) return undefined;
  return nowMs < restore.readyMs ? 'restoring' : 'restored';
}

/** The text of `x-oss-restore` and of `RestoreInfo`; undefined when the object is frozen or was never archived. */
export function restoreInfo({ restore }: Pick<ObjectRecord, 'restore'>, nowMs: number): string | undefined {
  const state = restoreState(restore, nowMs);
  if (!restore || state === undefined) return undefined;
  if (state === 'restoring') return 'ongoing-request="true"';
  return `ongoing-request="false", expiry-date="${new Date(restore.expiresMs).toUTCString()}"`;
}

/** The class of the object can only be read after a restore. */
export function isArchived(object: Pick<ObjectRecord, 'headers'>, bucketClass: string): boolean {
  return ARCHIVE_CLASSES.has(storageClassOf(object, bucketClass));
}

/**
 * For an operation that reads the bytes of an object.
 *
 * @throws OssError InvalidObjectState when they are archived and not restored
 */
export function requireReadable(
  object: Pick<ObjectRecord, 'headers' | 'restore'>,
  bucketClass: string,
  nowMs: number,
  ec = '0016-00000404',
): void {
  if (!isArchived(object, bucketClass) || restoreState(object.restore, nowMs) === 'restored') return;
  throw new OssError('InvalidObjectState', "The operation is not valid for the object's state", {
    ec,
    reason: `the object is ${storageClassOf(object, bucketClass)} and ${object.restore ? 'not restored' : 'frozen'}`,
  });
}

/**
 * What RestoreObject makes of the present restore.
 *
 * @throws OssError OperationNotSupported for a class that needs no restore, InvalidArgument for a tier or a number of days
 * that the class does not have, RestoreAlreadyInProgress unless the request is for a faster tier
 */
export function requestRestore(
  object: Pick<ObjectRecord, 'headers' | 'restore'>,
  bucketClass: string,
  wish: RestoreWish,
  nowMs: number,
): RequestedRestore {
  const archive = archiveClassOf(object, bucketClass);
  const days = readDays(wish.days, archive);
  const { tier, durationMs } = readTier(wish.tier, archive);
  const current = object.restore;
  const state = restoreState(current, nowMs);
  if (current && state === 'restored') {
    const latestMs = current.readyMs + archive.maxDays * DAY_MS;
    const expiresMs = Math.min(current.expiresMs + days * DAY_MS, latestMs);
    return { restore: { ...current, expiresMs }, outcome: 'extended' };
  }
  let readyMs = nowMs + durationMs;
  if (current && state === 'restoring') {
    refuseSlowerTier(current.tier, tier, archive);
    readyMs = Math.min(readyMs, current.readyMs);
  }
  return { restore: { tier, readyMs, expiresMs: readyMs + days * DAY_MS }, outcome: 'started' };
}

/**
 * For CleanRestoredObject, which makes a restored object frozen again. Source: its page.
 *
 * @throws OssError OperationNotSupported for a class that needs no restore, ArchiveRestoreNotFinished,
 * ArchiveRestoreFileStale when it is frozen
 */
export function requireRestored(
  object: Pick<ObjectRecord, 'headers' | 'restore'>,
  bucketClass: string,
  nowMs: number,
): void {
  archiveClassOf(object, bucketClass);
  const state = restoreState(object.restore, nowMs);
  if (state === 'restored') return;
  if (state === 'restoring') {
    throw new OssError('ArchiveRestoreNotFinished', "The archive file's restore is not finished.", {
      ec: '0016-00000719',
    });
  }
  throw new OssError('ArchiveRestoreFileStale', 'The archive file or restore info stale', { ec: '0016-00000718' });
}

/** The tiers of a class can be named in a request, and are named in its answer. */
export function hasRestoreTiers(object: Pick<ObjectRecord, 'headers'>, bucketClass: string): boolean {
  return ARCHIVE_CLASSES.get(storageClassOf(object, bucketClass))?.hasTiers === true;
}

function archiveClassOf(object: Pick<ObjectRecord, 'headers'>, bucketClass: string): ArchiveClass {
  const archive = ARCHIVE_CLASSES.get(storageClassOf(object, bucketClass));
  if (archive) return archive;
  throw new OssError('OperationNotSupported', 'The operation is not supported for this resource', {
    ec: '0016-00000702',
    reason: `the object is ${storageClassOf(object, bucketClass)}, which can be read without a restore`,
  });
}

function readDays(text: string | undefined, { maxDays, daysEc }: ArchiveClass): number {
  if (text === undefined) return 1;
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= maxDays) return days;
  throw invalidArgument('Days', text, `Days must be an integer between 1 and ${maxDays}.`, daysEc);
}

function readTier(text: string | undefined, { durationsMs }: ArchiveClass): { tier: RestoreTier; durationMs: number } {
  const named = text ?? 'Standard';
  for (const [tier, durationMs] of durationsMs) {
    if (tier === named) return { tier, durationMs };
  }
  const tiers = [...durationsMs.keys()].join(', ');
  throw invalidArgument('Tier', named, `Tier must be one of ${tiers}.`, '0016-00000703');
}

function refuseSlowerTier(current: RestoreTier, wished: RestoreTier, { durationsMs }: ArchiveClass): void {
  const fastestFirst = [...durationsMs.keys()];
  const difference = fastestFirst.indexOf(wished) - fastestFirst.indexOf(current);
  if (difference < 0) return;
  throw new OssError('RestoreAlreadyInProgress', 'The restore operation is in progress.', {
    ec: difference > 0 ? '0016-00000715' : '0016-00000701',
    reason: `a restore with the tier ${current} is running; only a faster tier can take its place`,
  });
}
