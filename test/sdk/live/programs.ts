/** The generated clients of ApsaraVideo Live, installed and built once per content. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cached } from '../programs.ts';

const run = promisify(execFile);
const HERE = fileURLToPath(new URL('.', import.meta.url));

/** A program and its first arguments. */
export type LiveProgram = readonly [command: string, ...args: string[]];

/** alibabacloud_live20161101 of PyPI in a virtual environment. */
export async function installLivePython(): Promise<LiveProgram> {
  const requirements = join(HERE, 'python/requirements.txt');
  const environment = await cached('live-python', [requirements], async (folder) => {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/python'), ['-m', 'pip', '--quiet', 'install', '--requirement', requirements]);
  });
  return [join(environment, 'bin/python'), join(HERE, 'python/client.py')];
}

/** services/live of alibaba-cloud-sdk-go. */
export async function buildLiveGo(): Promise<LiveProgram> {
  const module = join(HERE, 'go');
  const sources = ['go.mod', 'go.sum', 'main.go'].map((name) => join(module, name));
  const folder = await cached('live-go', sources, async (target) => {
    await run('go', ['build', '-o', join(target, 'client'), '.'], { cwd: module });
  });
  return [join(folder, 'client')];
}
