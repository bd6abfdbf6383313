/** Installs the programs, once per content of their lists, below node_modules/.cache. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cached } from '../sdk/programs.ts';

const run = promisify(execFile);

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** The latest for which the C library of Debian 12 is new enough. */
const OPENDAL = 'opendal@0.47.11';

/** A command line to which the endpoint is added. */
export interface Application {
  readonly command: string;
  readonly args: readonly string[];
  /** Where its own commands are. */
  readonly bin?: string;
}

export async function pythonApplication(script: string): Promise<Application> {
  const requirements = join(HERE, 'python/requirements.txt');
  const environment = await cached('applications-python', [requirements], async (folder) => {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/python'), ['-m', 'pip', '--quiet', 'install', '--requirement', requirements]);
  });
  const bin = join(environment, 'bin');
  const command = script.endsWith('.py') ? join(bin, 'python') : 'sh';
  return { command, args: [join(HERE, 'python', script)], bin };
}

export async function nodeApplication(script: string): Promise<Application> {
  const file = join(HERE, 'node', script);
  const folder = await cached(`applications-${OPENDAL.replace('@', '-')}`, [file], async (target) => {
    await writeFile(join(target, 'package.json'), '{"private": true}');
    await run('npm', ['install', '--silent', '--no-audit', '--no-fund', OPENDAL], { cwd: target });
  });
  return { command: process.execPath, args: [file, folder] };
}

export async function javaApplication(name: string): Promise<Application> {
  const folder = join(HERE, 'java');
  const files = [join(folder, 'pom.xml'), join(folder, `${name}.java`)];
  const built = await cached(`applications-${name}`, files, async (target) => {
    const [jars, classes] = [join(target, 'jars'), join(target, 'classes')];
    await mkdir(classes);
    await run('mvn', [
      '-q',
      '-B',
      '-f',
      join(folder, 'pom.xml'),
      `-DoutputDirectory=${jars}`,
      'dependency:copy-dependencies',
    ]);
    await run('javac', ['-d', classes, '-cp', `${jars}/*`, join(folder, `${name}.java`)]);
  });
  const classPath = `${join(built, 'classes')}:${join(built, 'jars')}/*`;
  // It runs for seconds: more optimization by the JIT compiler takes longer than it saves.
  return { command: 'java', args: ['-XX:TieredStopAtLevel=1', '-cp', classPath, name] };
}
