/** The data folder as it is on the disk, read without code of `src/`, so that an error there is not repeated here. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import Database from 'better-sqlite3';

export interface ObjectRow {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly isCurrent: number;
  readonly type: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly location: string;
  readonly crc64: string | null;
}

export interface PartRow {
  readonly uploadId: string;
  readonly partNumber: number;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly location: string;
}

export interface Snapshot {
  readonly folder: string;
  readonly database: Database.Database;
  readonly objects: readonly ObjectRow[];
  readonly parts: readonly PartRow[];
  /** Relative to `objects/`, as locations are. */
  readonly files: readonly string[];
}

/**
 * Calls back with the folder as it is now, while nothing writes to it. Undefined before the first start was complete.
 */
export function withSnapshot<Result>(folder: string, look: (snapshot: Snapshot) => Result): Result | undefined {
  const path = join(folder, 'metadata.sqlite');
  if (!existsSync(path)) return undefined;
  const database = new Database(path, { readonly: true });
  try {
    if (database.prepare("select 1 from sqlite_master where name = 'otherNullVersions'").all().length === 0)
      return undefined;
    const objects = database.prepare<[], ObjectRow>('select * from objects').all();
    const parts = database.prepare<[], PartRow>('select * from parts').all();
    return look({ folder, database, objects, parts, files: filesBelow(join(folder, 'objects')) });
  } finally {
    database.close();
  }
}

function filesBelow(root: string): readonly string[] {
  if (!existsSync(root)) return [];
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) =>
    entry.isDirectory() ? [] : [relative(root, join(entry.parentPath, entry.name)).split(sep).join('/')],
  );
}
