/** Installs and builds the programs around the client libraries, once per content, below node_modules/.cache. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Program } from './program-client.ts';

/** Without this, Java takes the encoding of its standard streams from the locale. */
const UTF8 = ['-Dfile.encoding=UTF-8', '-Dstdout.encoding=UTF-8', '-Dstdin.encoding=UTF-8'];

const run = promisify(execFile);

const THIS_FILE = fileURLToPath(import.meta.url);
const HERE = fileURLToPath(new URL('.', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/sdk-clients/', import.meta.url));
/** The module whose dependencies the tests of the Go library need. */
const GO_SUITE = join(HERE, 'suites/go');
const GO_SDK = 'github.com/aliyun/aliyun-oss-go-sdk';
const WITH_CGO = { ...process.env, CGO_ENABLED: '1' };

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

/** oss2 in a virtual environment. */
export async function installPython(): Promise<Program> {
  const requirements = join(HERE, 'python/requirements.txt');
  const environment = await cached('python', [requirements], (folder) => installRequirements(folder, requirements));
  return { command: join(environment, 'bin/python'), args: [join(HERE, 'python/client.py')] };
}

/** The interpreter of a virtual environment with the packages of a list. */
export async function installPythonList(name: string, requirements: string): Promise<string> {
  const environment = await cached(name, [requirements], (folder) => installRequirements(folder, requirements));
  return join(environment, 'bin/python');
}

export interface PythonSuite {
  readonly command: string;
  /** The folder of the source package. */
  readonly source: string;
}

/** oss2 in a virtual environment with what its tests need, and its source package, which has the tests. */
export async function installPythonSuite(): Promise<PythonSuite> {
  const requirements = join(HERE, 'suites/python/requirements.txt');
  const environment = await cached('python-suite', [requirements], async (folder) => {
    await installRequirements(folder, requirements);
    const [oss2 = ''] = (await readFile(requirements, 'utf8')).split('\n').filter((line) => line.startsWith('oss2=='));
    await pip(folder, 'download', '--no-binary', ':all:', '--no-deps', '--dest', folder, oss2);
    const archive = (await readdir(folder)).find((name) => name.endsWith('.tar.gz')) ?? '';
    await mkdir(join(folder, 'source'));
    await run('tar', ['-xzf', join(folder, archive), '-C', join(folder, 'source'), '--strip-components', '1']);
  });
  return { command: join(environment, 'bin/python'), source: join(environment, 'source') };
}

async function installRequirements(folder: string, requirements: string): Promise<void> {
  await run('python3', ['-m', 'venv', folder]);
  await pip(folder, 'install', '--requirement', requirements);
}

async function pip(folder: string, ...args: readonly string[]): Promise<void> {
  await run(join(folder, 'bin/python'), ['-m', 'pip', '--quiet', ...args]);
}

/** The program of the Go library. With cgo, because names can be added to the resolver of the C library only. */
export async function buildGo(): Promise<Program> {
  const module = join(HERE, 'go');
  const sources = ['go.mod', 'go.sum', 'main.go', 'answers.go'].map((name) => join(module, name));
  const folder = await cached('go', sources, async (target) => {
    await run('go', ['build', '-o', join(target, 'client'), '.'], { cwd: module, env: WITH_CGO });
  });
  return { command: join(folder, 'client'), args: [] };
}

export interface GoSuite {
  /** The programs of the tests of the two packages. */
  readonly main: string;
  readonly crypto: string;
  /** The folder of files which the tests send. */
  readonly sample: string;
}

/**
 * The tests of the Go library. Nothing of them is changed, but what they run on: `time.Sleep` makes no pause of a second
 * and more, connections to the ports of the cloud go to the emulator (`suites/go/net/cloud_port.go`), and the signature
 * that a client has by default, which the tests give no option for, is the wanted one.
 */
export async function buildGoSuite(signature: 'V1' | 'V4'): Promise<GoSuite> {
  const sources = ['go.mod', 'go.sum', 'net/cloud_port.go'].map((name) => join(GO_SUITE, name));
  await runGo('mod', 'download');
  const sdk = signature === 'V4' ? await copyThatSignsV4(sources) : await askGo('list', '-m', '-f', '{{.Dir}}', GO_SDK);
  const folder = await cached(`go-suite-${signature}`, sources, async (target) => {
    const library = join(await askGo('env', 'GOROOT'), 'src');
    const overlay = {
      [join(library, 'net/cloud_port.go')]: join(GO_SUITE, 'net/cloud_port.go'),
      [join(library, 'runtime/time.go')]: await edited(join(library, 'runtime/time.go'), SHORT_SLEEP, target),
    };
    await writeFile(join(target, 'overlay.json'), JSON.stringify({ Replace: overlay }));
    await copyFile(join(GO_SUITE, 'go.sum'), join(target, 'go.sum'));
    await copyFile(join(GO_SUITE, 'go.mod'), join(target, 'go.mod'));
    if (signature === 'V4') await appendFile(join(target, 'go.mod'), `\nreplace ${GO_SDK} => ${sdk}\n`);
    const build = ['test', '-c', '-modfile', join(target, 'go.mod'), '-overlay', join(target, 'overlay.json')];
    await runGo(...build, '-o', join(target, 'main'), `${GO_SDK}/oss`);
    await runGo(...build, '-o', join(target, 'crypto'), `${GO_SDK}/oss/crypto`);
  });
  return { main: join(folder, 'main'), crypto: join(folder, 'crypto'), sample: join(sdk, 'sample') };
}

async function copyThatSignsV4(sources: readonly string[]): Promise<string> {
  const folder = await cached('go-sdk-V4', sources, async (target) => {
    const original = await askGo('list', '-m', '-f', '{{.Dir}}', GO_SDK);
    // Everything in the cache of modules is read-only.
    await run('cp', ['-r', '--no-preserve=mode', original, join(target, 'sdk')]);
    await writeFile(join(target, 'sdk/go.mod'), `module ${GO_SDK}\n`);
    await edited(join(target, 'sdk/oss/conf.go'), SIGN_V4, join(target, 'sdk/oss'));
    await edited(join(target, 'sdk/oss/client.go'), REGION_OF_ENDPOINT, join(target, 'sdk/oss'));
  });
  return join(folder, 'sdk');
}

async function runGo(...args: readonly string[]): Promise<string> {
  return (await run('go', args, { cwd: GO_SUITE, env: WITH_CGO })).stdout;
}

async function askGo(...args: readonly string[]): Promise<string> {
  return (await runGo(...args)).trim();
}

interface Edit {
  readonly old: string;
  readonly new: string;
}

const SHORT_SLEEP: Edit = {
  old: 'func timeSleep(ns int64) {\n',
  new: 'func timeSleep(ns int64) {\n\tif ns >= 1e9 {\n\t\tns = 50e6\n\t}\n',
};

const SIGN_V4: Edit = {
  old: 'config.AuthVersion = AuthV1\n',
  new: 'config.AuthVersion = AuthV4\n\tconfig.Region = os.Getenv("OSS_TEST_REGION")\n',
};

/** Some tests name the endpoint of another region. */
const REGION_OF_ENDPOINT: Edit = {
  old: 'config.Endpoint = endpoint\n',
  new:
    'config.Endpoint = endpoint\n\tif parts := strings.SplitN(endpoint, "oss-", 2); len(parts) == 2 {\n' +
    '\t\tconfig.Region = strings.Split(parts[1], ".")[0]\n\t}\n',
};

/** Writes a copy of the file, with one place changed, into the folder. */
async function edited(file: string, edit: Edit, folder: string): Promise<string> {
  const [before, after, ...more] = (await readFile(file, 'utf8')).split(edit.old);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file} does not have "${edit.old.trim()}" exactly once`);
  }
  const copy = join(folder, basename(file));
  await writeFile(copy, `${before}${edit.new}${after}`);
  return copy;
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
