/**
 * Runs a program from one file, and keeps what V8 has compiled of it in a file beside it, because compiling is half of a
 * start. The compile cache of Node itself begins with version 22.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';
import { type Clock, systemClock } from './clock.ts';
import { hasErrorCode } from './error-code.ts';
import { STARTED } from './started.ts';

/** The first answers compile too. */
export const AFTER_START_MS = 1_000;

/**
 * Resolves `require` from the file.
 *
 * @param path of a function as an expression, with the parameters of a CommonJS module, in ASCII. Its name changes with
 *   its content: of what was compiled, V8 compares only the length of the text
 * @returns the exports
 */
export function loadProgram(path: string, clock: Clock = systemClock): unknown {
  const compiledPath = `${path.replace(/\.js$/, '')}-${process.versions.v8}-${process.arch}.cache`;
  const compiled = readIfThere(compiledPath);
  // One byte for each character is the fastest to read, and the smallest in memory.
  const script = new Script(readFileSync(path, 'latin1'), {
    filename: path,
    ...(compiled && { cachedData: compiled }),
  });
  // Also of other options of V8, or damaged.
  if (!compiled || script.cachedDataRejected) keepAfterStart(script, compiledPath, clock);
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
  return module.exports;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'EACCES')) return undefined;
    throw error;
  }
}

/** V8 compiles a function when it is called first, so a start is waited for. */
function keepAfterStart(script: Script, path: string, clock: Clock): void {
  const onStarted = () => {
    STARTED.unsubscribe(onStarted);
    const keep = () => {
      timer.cancel();
      process.off('exit', keep);
      write(script.createCachedData(), path);
    };
    const timer = clock.setTimeout(keep, AFTER_START_MS);
    process.once('exit', keep);
  };
  STARTED.subscribe(onStarted);
}

/** Whole or not at all: others may be reading, or writing the same. */
function write(compiled: Buffer, path: string): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, compiled);
    renameSync(draft, path);
  } catch {
    // The folder of the package is not everybody's to write, nor the disk endless: the next start compiles again.
    rmSync(draft, { force: true });
  }
}
