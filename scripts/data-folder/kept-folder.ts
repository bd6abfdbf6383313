/** A data folder that is kept in the repository: `metadata.sql`, `objects/`, and `expected.json` with what must be read. */
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { FolderContents } from './contents.ts';

export interface Expected {
  /** The time at which it was read, because records are forgotten with their age. */
  readonly readAtMs: number;
  readonly contents: FolderContents;
}

/** Makes the data folder `to` of it. */
export async function restoreKeptFolder(kept: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await cp(join(kept, 'objects'), join(to, 'objects'), { recursive: true });
  const database = new Database(join(to, 'metadata.sqlite'));
  try {
    // The tables are not in the order of their references.
    database.pragma('foreign_keys = off');
    // In one transaction: otherwise every row is forced to the disk.
    database.exec(`begin; ${await readFile(join(kept, 'metadata.sql'), 'utf8')} commit;`);
  } finally {
    database.close();
  }
}

export async function readExpected(kept: string): Promise<Expected> {
  return JSON.parse(await readFile(join(kept, 'expected.json'), 'utf8'));
}
