/**
 * Runs a program from one file, and keeps what V8 has compiled of it in a file beside it, because compiling is half of a
 * start. The compile cache of Node itself begins with version 22.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInThisContext, Script } from 'node:vm';
import { type Clock, systemClock } from './clock.ts';
import { STARTED, STOPPED } from './started.ts';

/** Before what was compiled: V8 compares no sum, and ends the process when it runs what is damaged. */
const SUM_BYTES = 32;

/** With the parameters of a CommonJS module. */
type Program = (exports: unknown, require: NodeJS.Require, module: unknown, filename: string, dirname: string) => void;

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
  const module = { exports: {} };
  const run = isMainContext() ? compiledProgram(path, clock) : programOfContext(path);
  run(module.exports, createRequire(path), module, path, dirname(path));
  return module.exports;
}

/** What runs in a context of its own, as each file of tests of Jest does, has an `Error` and an `Array` of its own. */
function isMainContext(): boolean {
  return runInThisContext('Error') === Error;
}

/** So that what the program hands out is of this context, in which nothing that was compiled before can run. */
function programOfContext(path: string): Program {
  return new Function(`return ${readFileSync(path, 'latin1')}\n//# sourceURL=${pathToFileURL(path)}`)();
}

function compiledProgram(path: string, clock: Clock): Program {
  const machine = `${process.versions.v8}-${process.platform}-${process.arch}`;
  const compiledPath = `${path.replace(/\.js$/, '')}-${machine}.cache`;
  const compiled = readKept(compiledPath);
  // One byte for each character is the fastest to read, and the smallest in memory.
  const script = new Script(readFileSync(path, 'latin1'), {
    filename: path,
    ...(compiled && { cachedData: compiled }),
  });
  // Also of other options of V8.
  if (!compiled || script.cachedDataRejected) keepAfterStart(script, compiledPath, clock);
  return script.runInThisContext();
}

/** Undefined when it is not there or not whole, or cannot be read, for whatever reason: then the program is compiled. */
function readKept(path: string): Buffer | undefined {
  try {
    const kept = readFileSync(path);
    const compiled = kept.subarray(SUM_BYTES);
    return kept.subarray(0, SUM_BYTES).equals(sumOf(compiled)) ? compiled : undefined;
  } catch {
    return undefined;
  }
}

function sumOf(compiled: Buffer): Buffer {
  return createHash('sha256').update(compiled).digest();
}

/** V8 compiles a function when it is called first, so a start is waited for. */
function keepAfterStart(script: Script, path: string, clock: Clock): void {
  const onStarted = () => {
    STARTED.unsubscribe(onStarted);
    const keep = () => {
      timer.cancel();
      process.off('exit', keep);
      STOPPED.unsubscribe(keep);
      write(script.createCachedData(), path);
    };
    const timer = clock.setTimeout(keep, AFTER_START_MS);
    process.once('exit', keep);
    // A worker of tests may end without an exit.
    STOPPED.subscribe(keep);
  };
  STARTED.subscribe(onStarted);
}

/** Whole or not at all: others may be reading, or writing the same. */
function write(compiled: Buffer, path: string): void {
  // Processes of two containers may have the same id.
  const draft = `${path}.${randomUUID()}`;
  try {
    // Whatever the umask: who may change it may run anything as those who start the program.
    writeFileSync(draft, Buffer.concat([sumOf(compiled), compiled]), { flag: 'wx', mode: 0o644 });
    renameSync(draft, path);
  } catch {
    // The folder of the package is not everybody's to write, nor the disk endless: the next start compiles again.
    remove(draft);
  }
}

/** Who may not write here may not remove anything either. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}
