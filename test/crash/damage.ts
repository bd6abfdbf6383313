import { open } from 'node:fs/promises';
import Database from 'better-sqlite3';

/** Overwrites the first page of a table or an index, as a disk does that returns other bytes than were written. */
export async function damageTable(path: string, name: string): Promise<void> {
  const database = new Database(path);
  // Everything from the WAL is in the file then.
  database.pragma('journal_mode = delete');
  const page = database
    .prepare<[string], { rootpage: number }>('select rootpage from sqlite_master where name = ?')
    .get(name);
  const size = Number(database.pragma('page_size', { simple: true }));
  database.close();
  if (!page) throw new Error(`there is no ${name}`);
  const file = await open(path, 'r+');
  try {
    await file.write(Buffer.alloc(size, 0x5a), 0, size, (page.rootpage - 1) * size);
  } finally {
    await file.close();
  }
}
