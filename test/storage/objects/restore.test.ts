import { describe, expect, it } from 'vitest';
import type { Restore } from '../../../src/storage/metadata/records.ts';
import {
  type RestoreWish,
  requestRestore,
  requireReadable,
  requireRestored,
  restoreInfo,
} from '../../../src/storage/objects/restore.ts';

const NOW_MS = Date.UTC(2025, 0, 1);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function archived(restore: Restore | null = null) {
  return { headers: {}, restore };
}

function restoreOf(storageClass: string, wish: RestoreWish = {}, restore: Restore | null = null, nowMs = NOW_MS) {
  return requestRestore(archived(restore), storageClass, wish, nowMs);
}

describe('a restore', () => {
  it.each([
    ['Archive', undefined, MINUTE_MS],
    ['ColdArchive', 'Expedited', HOUR_MS],
    ['ColdArchive', 'Standard', 5 * HOUR_MS],
    ['ColdArchive', undefined, 5 * HOUR_MS],
    ['ColdArchive', 'Bulk', 12 * HOUR_MS],
    ['DeepColdArchive', 'Expedited', 12 * HOUR_MS],
    ['DeepColdArchive', undefined, 48 * HOUR_MS],
  ])('of class %s and tier %s takes its time, then lasts a day', (storageClass, tier, durationMs) => {
    const { restore, outcome } = restoreOf(storageClass, { tier });
    const readyMs = NOW_MS + durationMs;
    expect({ restore, outcome }).toEqual({
      restore: { tier: tier ?? 'Standard', readyMs, expiresMs: readyMs + DAY_MS },
      outcome: 'started',
    });
    const object = archived(restore);
    const read = (nowMs: number) => requireReadable(object, storageClass, nowMs);
    expect(restoreInfo(object, readyMs - 1)).toBe('ongoing-request="true"');
    expect(() => read(readyMs - 1)).toThrow("The operation is not valid for the object's state");
    const expiry = new Date(readyMs + DAY_MS).toUTCString();
    expect(restoreInfo(object, readyMs)).toBe(`ongoing-request="false", expiry-date="${expiry}"`);
    expect(() => read(readyMs)).not.toThrow();
    expect(() => read(readyMs + DAY_MS - 1)).not.toThrow();
    expect(restoreInfo(object, readyMs + DAY_MS)).toBeUndefined();
    expect(() => read(readyMs + DAY_MS)).toThrow("The operation is not valid for the object's state");
  });

  it('is longer when it is repeated, up to the longest time of the class', () => {
    const { restore } = restoreOf('Archive', { days: '3' });
    const twice = restoreOf('Archive', { days: '2' }, restore, restore.readyMs);
    expect(twice).toEqual({
      restore: { ...restore, expiresMs: restore.readyMs + 5 * DAY_MS },
      outcome: 'extended',
    });
    const often = restoreOf('Archive', { days: '7' }, twice.restore, restore.readyMs + 1);
    expect(often.restore.expiresMs).toBe(restore.readyMs + 7 * DAY_MS);
  });

  it('begins again when it has expired', () => {
    const { restore } = restoreOf('Archive');
    const later = restore.expiresMs;
    expect(restoreOf('Archive', {}, restore, later)).toMatchObject({
      restore: { readyMs: later + MINUTE_MS },
      outcome: 'started',
    });
  });

  it('that is running gives way to a faster tier, and is never later for it', () => {
    const { restore } = restoreOf('ColdArchive', { tier: 'Bulk' });
    const faster = restoreOf('ColdArchive', { tier: 'Expedited' }, restore, NOW_MS + HOUR_MS);
    expect(faster).toMatchObject({
      restore: { tier: 'Expedited', readyMs: NOW_MS + 2 * HOUR_MS },
      outcome: 'started',
    });
    const late = restoreOf('ColdArchive', { tier: 'Standard' }, restore, restore.readyMs - 1);
    expect(late.restore.readyMs).toBe(restore.readyMs);
  });

  it.each([
    ['Standard', '0016-00000701'],
    ['Bulk', '0016-00000715'],
  ])('that is running is not replaced by the tier %s', (tier, ec) => {
    const { restore } = restoreOf('ColdArchive');
    expect(() => restoreOf('ColdArchive', { tier }, restore, NOW_MS + 1)).toThrow(
      expect.objectContaining({ code: 'RestoreAlreadyInProgress', status: 409, ec }),
    );
  });

  it.each(['0', '8', '-1', '1.5', 'a', '', ' 1', '99999999999999999999'])(
    'of an Archive object for %j days',
    (days) => {
      expect(() => restoreOf('Archive', { days })).toThrow(
        expect.objectContaining({ code: 'InvalidArgument', ec: '0016-00000708' }),
      );
    },
  );

  it.each(['ColdArchive', 'DeepColdArchive'])('of a %s object lasts up to 365 days', (storageClass) => {
    const { restore } = restoreOf(storageClass, { days: '365' });
    expect(restore.expiresMs - restore.readyMs).toBe(365 * DAY_MS);
    expect(() => restoreOf(storageClass, { days: '366' })).toThrow(
      expect.objectContaining({ code: 'InvalidArgument', ec: '0016-00000704' }),
    );
  });

  it.each([
    ['ColdArchive', 'Fast'],
    ['ColdArchive', ''],
    ['ColdArchive', 'expedited'],
    ['DeepColdArchive', 'Bulk'],
  ])('of a %s object has no tier %j', (storageClass, tier) => {
    expect(() => restoreOf(storageClass, { tier })).toThrow(
      expect.objectContaining({ code: 'InvalidArgument', ec: '0016-00000703' }),
    );
  });

  it.each(['Standard', 'IA'])('of a %s object is not supported', (storageClass) => {
    const refusal = expect.objectContaining({ code: 'OperationNotSupported', status: 400, ec: '0016-00000702' });
    expect(() => restoreOf(storageClass)).toThrow(refusal);
    expect(() => requireRestored(archived(), storageClass, NOW_MS)).toThrow(refusal);
    expect(() => requireReadable(archived(), storageClass, NOW_MS)).not.toThrow();
  });

  it('follows the class of the object, not that of its bucket', () => {
    const standard = { headers: { 'x-oss-storage-class': 'Standard' }, restore: null };
    expect(() => requireReadable(standard, 'Archive', NOW_MS)).not.toThrow();
    const cold = { headers: { 'x-oss-storage-class': 'ColdArchive' }, restore: null };
    expect(() => requireReadable(cold, 'Standard', NOW_MS)).toThrow();
  });

  it('ends early only while the object can be read', () => {
    const { restore } = restoreOf('ColdArchive');
    const object = archived(restore);
    expect(() => requireRestored(object, 'ColdArchive', restore.readyMs)).not.toThrow();
    const unfinished = { code: 'ArchiveRestoreNotFinished', status: 409, ec: '0016-00000719' };
    expect(() => requireRestored(object, 'ColdArchive', NOW_MS)).toThrow(expect.objectContaining(unfinished));
    const stale = { code: 'ArchiveRestoreFileStale', status: 409, ec: '0016-00000718' };
    expect(() => requireRestored(object, 'ColdArchive', restore.expiresMs)).toThrow(expect.objectContaining(stale));
    expect(() => requireRestored(archived(), 'ColdArchive', NOW_MS)).toThrow(expect.objectContaining(stale));
  });
});
