/** The calls that `FileWork` is made of. Each throws the error of the file system, with its code. */
import {
  accessSync,
  close,
  closeSync,
  fstat,
  fstatSync,
  type Mode,
  mkdirSync,
  open,
  openSync,
  read,
  readSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';
import { access, mkdir, rename, rmdir, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { hasErrorCode } from '../../../base/error-code.ts';
import { PRIVATE_FOLDER } from '../../../base/private-paths.ts';
import type { FileWork } from './disk.ts';

const openPooled = promisify(open) as (path: string, flags: string | number, mode?: Mode) => Promise<number>;
const closePooled = promisify(close);
const fstatPooled = promisify(fstat) as (descriptor: number) => Promise<Stats>;
const readPooled = promisify(read);
const writePooled = promisify(write);

function* call<Result>(now: () => Result, pooled: () => Promise<Result>): FileWork<Result> {
  return (yield { now, pooled }) as Result;
}

export function openFile(path: string, flags: string | number, mode?: Mode): FileWork<number> {
  return call(
    () => openSync(path, flags, mode),
    () => openPooled(path, flags, mode),
  );
}

export function closeFile(descriptor: number): FileWork<void> {
  return call(
    () => closeSync(descriptor),
    () => closePooled(descriptor),
  );
}

export function fileStats(descriptor: number): FileWork<Stats> {
  return call(
    () => fstatSync(descriptor),
    () => fstatPooled(descriptor),
  );
}

/** Returns how many bytes were read. */
export function readBytes(descriptor: number, into: Buffer, sizeBytes: number, at: number): FileWork<number> {
  return call(
    () => readSync(descriptor, into, 0, sizeBytes, at),
    async () => (await readPooled(descriptor, into, 0, sizeBytes, at)).bytesRead,
  );
}

/** Appends all of the first `sizeBytes` bytes. */
export function* writeBytes(descriptor: number, bytes: Buffer, sizeBytes: number): FileWork<void> {
  for (let at = 0; at < sizeBytes; ) {
    const from = at;
    at += yield* call(
      () => writeSync(descriptor, bytes, from, sizeBytes - from),
      async () => (await writePooled(descriptor, bytes, from, sizeBytes - from)).bytesWritten,
    );
  }
}

/** True also where the file system does not tell: what may be there is not replaced. */
export function* fileExists(path: string): FileWork<boolean> {
  try {
    yield* call(
      () => accessSync(path),
      () => access(path),
    );
    return true;
  } catch (error) {
    return !hasErrorCode(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG');
  }
}

export function renameFile(from: string, to: string): FileWork<void> {
  return call(
    () => renameSync(from, to),
    () => rename(from, to),
  );
}

export function unlinkFile(path: string): FileWork<void> {
  return call(
    () => unlinkSync(path),
    () => unlink(path),
  );
}

export function removeFolder(path: string): FileWork<void> {
  return call(
    () => rmdirSync(path),
    () => rmdir(path),
  );
}

export function makeFolder(path: string): FileWork<void> {
  return call(
    () => mkdirSync(path, PRIVATE_FOLDER),
    () => mkdir(path, PRIVATE_FOLDER),
  );
}
