import { closeSync, copyFileSync, existsSync, openSync, readSync, statSync, writeSync } from 'node:fs';

/** Source of these: https://sqlite.org/fileformat2.html#the_database_header */
const HEADER_BYTES = 100;
const MAGIC = Buffer.from('SQLite format 3\0');
const PAGE_SIZE = 16;
const PAGE_COUNT = 28;
/** The first list of free pages, and how many there are. */
const FREE_PAGES = { start: 32, end: 40 };

/**
 * SQLite takes a file without its header for no database, although nothing else may be wrong with it. Copies the file, with the
 * header of a new database of the same version.
 *
 * @returns whether the header was what was damaged; nothing is copied otherwise
 */
export function copyWithHeader(path: string, freshPath: string, to: string): boolean {
  if (startOf(path, MAGIC.length).equals(MAGIC)) return false;
  const header = startOf(freshPath, HEADER_BYTES);
  header.writeUInt32BE(Math.floor(statSync(path).size / header.readUInt16BE(PAGE_SIZE)), PAGE_COUNT);
  header.fill(0, FREE_PAGES.start, FREE_PAGES.end);
  copyFileSync(path, to);
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${to}-wal`);
  const file = openSync(to, 'r+');
  try {
    writeSync(file, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
  return true;
}

function startOf(path: string, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, sizeBytes, 0);
  } finally {
    closeSync(file);
  }
  return bytes;
}
