import { closeSync, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';

/** Source of all of these: https://sqlite.org/fileformat2.html#the_write_ahead_log */
const MAGIC_LITTLE_ENDIAN = 0x377f0682;
const MAGIC_BIG_ENDIAN = 0x377f0683;
const HEADER_BYTES = 32;
const PAGE_SIZE = 8;
const HEADER_SUMMED_BYTES = 24;
const FRAME_HEADER_BYTES = 24;
const FRAME_SUMMED_BYTES = 8;
const SALTS = { start: 8, end: 16 };
const HEADER_SALTS = { start: 16, end: 24 };

/** Two sums, as SQLite has them. */
type Sums = readonly [number, number];

/** Of the file with the suffix `-shm`. Source: https://sqlite.org/walformat.html#the_wal_index_file_format */
const INDEX = { frames: 16, saltsStart: 32, saltsEnd: 40 };

export type WalFault = 'gone' | 'cut' | 'damaged';

/**
 * Why the log that a killed process left does not hold everything that it held; undefined when nothing is wrong with it, or not
 * enough is known. That it held at least `leastBytes`, its process has noted; how many pages, is in the index that it left.
 */
export function faultOfWal(database: string, leastBytes: number): WalFault | undefined {
  const stats = lstatSync(walOf(database), { throwIfNoEntry: false });
  const index = readIndex(database);
  if (!stats) return leastBytes > 0 || (index && index.frames > 0) ? 'gone' : undefined;
  if (!stats.isFile()) return 'damaged';
  const log = readLog(walOf(database));
  if (log?.isDamaged) return 'damaged';
  const isOfIndex = !log || index?.salts.equals(log.salts);
  const leastFrames = index && isOfIndex ? index.frames : 0;
  return stats.size < leastBytes || (log?.frames ?? 0) < leastFrames ? 'cut' : undefined;
}

export function sizeOfWal(database: string): number {
  return lstatSync(walOf(database), { throwIfNoEntry: false })?.size ?? 0;
}

function walOf(database: string): string {
  return `${database}-wal`;
}

interface Log {
  readonly salts: Buffer;
  /** So many are good: those after them are of earlier turns, unless one is damaged. */
  readonly frames: number;
  readonly isDamaged: boolean;
}

/** Undefined when there is nothing in it. */
function readLog(path: string): Log | undefined {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    return size === 0 ? undefined : checkFrames(file, size);
  } finally {
    closeSync(file);
  }
}

function checkFrames(file: number, size: number): Log {
  const header = readAt(file, 0, HEADER_BYTES);
  const magic = header?.readUInt32BE(0);
  const salts = header?.subarray(HEADER_SALTS.start, HEADER_SALTS.end) ?? Buffer.alloc(0);
  const isBigEndian = magic === MAGIC_BIG_ENDIAN;
  if (!header || (!isBigEndian && magic !== MAGIC_LITTLE_ENDIAN)) return { salts, frames: 0, isDamaged: true };
  let sums = addSums([0, 0], header.subarray(0, HEADER_SUMMED_BYTES), isBigEndian);
  if (!equals(sums, header, HEADER_SUMMED_BYTES)) return { salts, frames: 0, isDamaged: true };
  const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(PAGE_SIZE);
  let frames = 0;
  for (let at = HEADER_BYTES; at + frameBytes <= size; at += frameBytes) {
    const frame = readAt(file, at, frameBytes);
    if (!frame?.subarray(SALTS.start, SALTS.end).equals(salts)) break;
    sums = addSums(sums, frame.subarray(0, FRAME_SUMMED_BYTES), isBigEndian);
    sums = addSums(sums, frame.subarray(FRAME_HEADER_BYTES), isBigEndian);
    if (!equals(sums, frame, SALTS.end)) return { salts, frames, isDamaged: true };
    frames += 1;
  }
  return { salts, frames, isDamaged: false };
}

/** The index is in the byte order of the machine. */
function readIndex(database: string): { readonly frames: number; readonly salts: Buffer } | undefined {
  const path = `${database}-shm`;
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return undefined;
  const file = openSync(path, 'r');
  try {
    const header = readAt(file, 0, INDEX.saltsEnd);
    if (!header) return undefined;
    const frames = endianness() === 'LE' ? header.readUInt32LE(INDEX.frames) : header.readUInt32BE(INDEX.frames);
    return { frames, salts: header.subarray(INDEX.saltsStart, INDEX.saltsEnd) };
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, at: number, sizeBytes: number): Buffer | undefined {
  const bytes = Buffer.alloc(sizeBytes);
  return readSync(file, bytes, 0, sizeBytes, at) === sizeBytes ? bytes : undefined;
}

function addSums([first, second]: Sums, bytes: Buffer, isBigEndian: boolean): Sums {
  const read = isBigEndian ? bytes.readUInt32BE.bind(bytes) : bytes.readUInt32LE.bind(bytes);
  let one = first;
  let two = second;
  for (let at = 0; at < bytes.length; at += 8) {
    one = (one + read(at) + two) >>> 0;
    two = (two + read(at + 4) + one) >>> 0;
  }
  return [one, two];
}

function equals([first, second]: Sums, bytes: Buffer, at: number): boolean {
  return bytes.readUInt32BE(at) === first && bytes.readUInt32BE(at + 4) === second;
}
