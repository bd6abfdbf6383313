/** The types of the package as npm publishes it, for every way in which TypeScript looks for them. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installPacked, pack } from '../../scripts/support/packed.ts';
import { cached } from '../sdk/programs.ts';

const run = promisify(execFile);

const TIMEOUT_MS = 300_000;
const OWN = fileURLToPath(new URL('../../node_modules/typescript', import.meta.url));
/** What those who write for Node have, and what it needs. */
const NODE_TYPES = ['@types/node', 'undici-types'];

/** The oldest for which the types of valibot are without a fault, and the last that looks for packages as Node 10 did. */
const OLDER = ['5.4.5', '5.9.3'] as const;

/** The wrong line shows that the types were found: what is not found is `any`, and nothing is wrong with that. */
const PROGRAM = `import { type EmulatorEvent, type EmulatorOptions, type Seed, startEmulator } from 'oss-livechannel-emulator';
const options: EmulatorOptions = { port: 0, memory: true };
export async function use(event: EmulatorEvent, seed: Seed): Promise<string> {
  const emulator = await startEmulator(options);
  const wrong: number = emulator.aliOssOptions.bucket;
  return event.type + String(seed.buckets) + wrong;
}
`;
const FOUND = /^program\.m?ts\(5,9\): error TS2322: Type 'string' is not assignable to type 'number'\.\n$/;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'types-'));
  const { tarball } = await pack(folder);
  await installPacked(tarball, join(folder, 'installed'), ['--ignore-scripts', '--omit=optional']);
  for (const name of NODE_TYPES) {
    const from = fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url));
    await cp(from, join(folder, 'installed/node_modules', name), { recursive: true });
  }
  for (const name of ['program.ts', 'program.mts']) await writeFile(join(folder, 'installed', name), PROGRAM);
}, TIMEOUT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function typescript(version: (typeof OLDER)[number]): Promise<string> {
  const installed = await cached(`typescript-${version}`, [], async (target) => {
    await writeFile(join(target, 'package.json'), '{"private": true}');
    const options = ['--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
    await run('npm', ['install', ...options, `typescript@${version}`], { cwd: target });
  });
  return join(installed, 'node_modules/typescript');
}

/** Resolves to what a compiler says of the program, with every declaration that it reaches checked. */
async function compile(compiler: string, file: string, options: readonly string[]): Promise<string> {
  const strict = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', '--skipLibCheck', 'false'];
  const args = [join(compiler, 'bin/tsc'), ...strict, ...options, file];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: join(folder, 'installed') }, (_error, stdout) => resolve(stdout));
  });
}

const PLACES = [
  ['program.mts', 'nodenext', 'nodenext'],
  ['program.mts', 'node16', 'node16'],
  ['program.ts', 'esnext', 'bundler'],
] as const;

it.each(PLACES)('are found by %s under %s and %s', { timeout: TIMEOUT_MS }, async (file, module, resolution) => {
  const options = ['--module', module, '--moduleResolution', resolution];
  expect(await compile(OWN, file, ['--ignoreConfig', ...options])).toMatch(FOUND);
  for (const version of OLDER) {
    expect(await compile(await typescript(version), file, options), version).toMatch(FOUND);
  }
});

it.each(OLDER)('are found under node10 by TypeScript %s', { timeout: TIMEOUT_MS }, async (version) => {
  const options = ['--module', 'commonjs', '--moduleResolution', 'node10', '--esModuleInterop'];
  expect(await compile(await typescript(version), 'program.ts', options)).toMatch(FOUND);
});
