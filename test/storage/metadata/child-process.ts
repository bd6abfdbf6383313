import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const REPOSITORY = join(import.meta.dirname, '../../..');

/**
 * Compiles source files, named relative to `src`, with all they import into a new temporary folder, so that a process
 * which the test may kill can import them. Resolves to the folder; the caller removes it.
 */
export async function compileSources(...entries: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'compiled-'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  const options = ['--ignoreConfig', '--module', 'nodenext', '--target', 'es2023', '--rewriteRelativeImportExtensions'];
  const places = ['--rootDir', 'src', '--outDir', folder, '--types', 'node', '--skipLibCheck'];
  const sources = entries.map((entry) => join('src', entry));
  const compiler = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, ...options, ...places, ...sources], { cwd: REPOSITORY });
  return folder;
}

/** Starts a script, given as its text, in a folder that `compileSources` made. */
export async function startScript(folder: string, script: string, ...args: readonly string[]): Promise<ChildProcess> {
  const path = join(folder, 'script.js');
  await writeFile(path, script);
  return spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Kills the process when it has printed `count` lines. Resolves to all lines that it printed. */
export async function killAfterLines(child: ChildProcess, count: number): Promise<readonly string[]> {
  if (!child.stdout) throw new Error('the output of the process is not piped');
  const ended = once(child, 'close');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === count) child.kill('SIGKILL');
  }
  await ended;
  return lines;
}
