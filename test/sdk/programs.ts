/** Installs and builds the programs around the client libraries, once per content, below node_modules/.cache. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Program } from './program-client.ts';

/** Without this, Java takes the encoding of its standard streams from the locale. */
const UTF8 = ['-Dfile.encoding=UTF-8', '-Dstdout.encoding=UTF-8', '-Dstdin.encoding=UTF-8'];

const run = promisify(execFile);

const THIS_FILE = fileURLToPath(import.meta.url);
const HERE = fileURLToPath(new URL('.', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/sdk-clients/', import.meta.url));
/** The first installation downloads some 30 MB. */
export const INSTALL_TIMEOUT_MS = 300_000;

/** A library to preload, which resolves the names that the C library does not resolve. */
export async function localNames(): Promise<string> {
  const source = join(HERE, 'c/local-names.c');
  const folder = await cached('local-names', [source], async (target) => {
    await run('gcc', ['-shared', '-fPIC', '-o', join(target, 'local-names.so'), source, '-ldl']);
  });
  return join(folder, 'local-names.so');
}

/** oss2 in a virtual environment, with its source package, which has the tests of its makers. */
export async function installPython(): Promise<Program & { readonly source: string }> {
  const requirements = join(HERE, 'python/requirements.txt');
  const environment = await cached('python', [requirements], async (folder) => {
    const pip = (...args: string[]) => run(join(folder, 'bin/python'), ['-m', 'pip', '--quiet', ...args]);
    await run('python3', ['-m', 'venv', folder]);
    await pip('install', '--requirement', requirements);
    await pip('download', '--no-binary', ':all:', '--no-deps', '--dest', folder, '--requirement', requirements);
    const archive = (await readdir(folder)).find((name) => name.endsWith('.tar.gz')) ?? '';
    await mkdir(join(folder, 'source'));
    await run('tar', ['-xzf', join(folder, archive), '-C', join(folder, 'source'), '--strip-components', '1']);
  });
  const command = join(environment, 'bin/python');
  return { command, args: [join(HERE, 'python/client.py')], source: join(environment, 'source') };
}

/**
 * The program of the Go library, and the tests of its makers. With cgo, because names can be added to the resolver of
 * the C library only.
 */
export async function buildGo(): Promise<Program & { readonly ownTests: string }> {
  const module = join(HERE, 'go');
  const sources = ['go.mod', 'go.sum', 'main.go', 'answers.go'].map((name) => join(module, name));
  const folder = await cached('go', sources, async (target) => {
    const options = { cwd: module, env: { ...process.env, CGO_ENABLED: '1' } };
    await run('go', ['build', '-o', join(target, 'client'), '.'], options);
    await run('go', ['test', '-c', '-o', join(target, 'tests'), 'github.com/aliyun/aliyun-oss-go-sdk/oss'], options);
  });
  return { command: join(folder, 'client'), args: [], ownTests: join(folder, 'tests') };
}

export async function installPythonV2(): Promise<Program> {
  const requirements = join(HERE, 'python-v2/requirements.txt');
  const environment = await cached('python-v2', [requirements], async (folder) => {
    await run('python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', '--quiet', 'install', '--requirement', requirements];
    await run(join(folder, 'bin/python'), pip);
  });
  return { command: join(environment, 'bin/python'), args: [join(HERE, 'python-v2/client.py')] };
}

export async function buildGoV2(): Promise<Program> {
  const module = join(HERE, 'go-v2');
  const sources = ['go.mod', 'go.sum', 'main.go', 'documents.go', 'objects.go'].map((name) => join(module, name));
  const folder = await cached('go-v2', sources, async (target) => {
    const options = { cwd: module, env: { ...process.env, CGO_ENABLED: '1' } };
    await run('go', ['build', '-o', join(target, 'client'), '.'], options);
  });
  return { command: join(folder, 'client'), args: [] };
}

export async function buildJava(): Promise<Program> {
  const pom = join(HERE, 'java/pom.xml');
  const jars = await cached('java-jars', [pom], async (folder) => {
    const repository = `-Dmaven.repo.local=${join(CACHE, 'maven')}`;
    const options = ['-q', '-B', '-f', pom, repository, `-DoutputDirectory=${folder}`];
    await run('mvn', [...options, 'dependency:copy-dependencies']);
  });
  const sources = ['Client.java', 'Answers.java'].map((name) => join(HERE, 'java', name));
  const classes = await cached('java', [pom, ...sources], async (folder) => {
    await run('javac', ['-d', folder, '-cp', `${jars}/*`, ...sources]);
  });
  // A client runs for seconds: more optimization by the JIT compiler takes longer than it saves.
  return { command: 'java', args: ['-XX:TieredStopAtLevel=1', ...UTF8, '-cp', `${classes}:${jars}/*`, 'Client'] };
}

/**
 * The folder that `fill` of this file's present version made from these files. It appears complete or not at all: two
 * runs at the same time may both fill one; the second finds that it exists and deletes its own.
 */
export async function cached(
  name: string,
  files: readonly string[],
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [THIS_FILE, ...files]) hash.update(await readFile(file));
  const folder = join(CACHE, `${name}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const draft = await mkdtemp(join(CACHE, 'draft-'));
  try {
    await fill(draft);
    await rename(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}
