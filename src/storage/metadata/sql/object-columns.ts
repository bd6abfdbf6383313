import { type RawBuilder, sql } from 'kysely';
import type { DeleteMarker, NewObject, ObjectRecord, ObjectVersion } from '../records.ts';

/** A row of the table `objects`. */
export type ObjectRow = Omit<ObjectRecord, 'type' | 'headers' | 'restore'> & {
  readonly type: ObjectVersion['type'];
  readonly headers: string;
  readonly restore: string | null;
};

/** A row with its place among the versions of its key. */
export type VersionRow = ObjectRow & { readonly id: number; readonly isCurrent: number };

export const OBJECT_COLUMNS = [
  'bucket',
  'key',
  'type',
  'sizeBytes',
  'etag',
  'lastModifiedMs',
  'acl',
  'location',
  'crc64',
  'contentMd5',
  'headers',
  'versionId',
  'restore',
  'accessedMs',
] as const satisfies readonly (keyof ObjectRow)[];

export const VERSION_COLUMNS = sql.join(['id', 'isCurrent', ...OBJECT_COLUMNS].map((column) => sql.ref(column)));

/** The rows of the index `currentObjects`. A partial index is used for a query that repeats its condition. */
export const IS_CURRENT_OBJECT: RawBuilder<boolean> = sql`objects."isCurrent" = 1 and objects.type <> 'DeleteMarker'`;
/** All other rows, those of the index `otherVersions`. */
export const IS_OTHER_VERSION: RawBuilder<boolean> = sql`(objects."isCurrent" = 0 or objects.type = 'DeleteMarker')`;

type Value = string | number | null;

/** The values of a row in the order of OBJECT_COLUMNS. */
export function objectValues(object: NewObject, versionId: string): readonly Value[] {
  const restore = object.restore && JSON.stringify(object.restore);
  const row = { ...object, headers: JSON.stringify(object.headers), restore, versionId };
  return OBJECT_COLUMNS.map((column) => row[column]);
}

export function markerValues({ bucket, key, lastModifiedMs, versionId }: DeleteMarker): readonly Value[] {
  return [bucket, key, 'DeleteMarker', 0, '', lastModifiedMs, 'default', '', null, null, '{}', versionId, null, null];
}

/** The version of a row, without its place. */
export function versionOf({ id: _id, isCurrent: _isCurrent, ...row }: VersionRow): ObjectVersion {
  const { type, bucket, key, versionId, lastModifiedMs } = row;
  if (type === 'DeleteMarker') return { type, bucket, key, versionId, lastModifiedMs };
  return toObject({ ...row, type });
}

export function toObject(row: ObjectRow & Pick<ObjectRecord, 'type'>): ObjectRecord {
  return { ...row, headers: JSON.parse(row.headers), restore: row.restore === null ? null : JSON.parse(row.restore) };
}
