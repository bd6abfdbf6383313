import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildGoSuite, type GoSuite } from '../programs.ts';
import { Clouds } from './cloud.ts';
import { GO_SDK_LEFT_OUT } from './go-sdk-left-out.ts';
import { refusedOperations, type SdkSuite, type SuiteConditions, type Verdict } from './suite.ts';

export const GO_SDK_SUITE: SdkSuite = {
  sdk: 'aliyun-oss-go-sdk',
  version: 'v3.0.2',
  files: 'oss/*_test.go, oss/crypto/*_test.go',
  testCount: 438,
  leftOut: GO_SDK_LEFT_OUT,
  run: runGoSdk,
};

/** A group of tests of one package, which one process runs. */
interface Share {
  readonly tests: string;
  readonly folder: string;
  readonly filter: RegExp;
}

async function runGoSdk(conditions: SuiteConditions, only = ''): Promise<readonly Verdict[]> {
  const suite = await buildGoSuite(conditions.signature);
  const shares: readonly Share[] = [
    { tests: suite.main, folder: 'oss', filter: /^OssClientSuite\./ },
    { tests: suite.main, folder: 'oss', filter: /^OssBucketSuite\./ },
    // It counts the channels of the bucket, and those that a failed test leaves must not be there.
    { tests: suite.main, folder: 'oss', filter: /\.TestListLiveChannel$/ },
    { tests: suite.main, folder: 'oss', filter: /^Oss(?!ClientSuite|BucketSuite|.*\.TestListLiveChannel$)/ },
    { tests: suite.crypto, folder: 'oss/crypto', filter: /./ },
  ];
  const clouds = await Clouds.open();
  try {
    return (await Promise.all(shares.map((share) => runShare(suite, share, only, clouds, conditions)))).flat();
  } finally {
    await clouds.close();
  }
}

async function runShare(
  { sample }: GoSuite,
  { tests, folder, filter }: Share,
  only: string,
  clouds: Clouds,
  conditions: SuiteConditions,
): Promise<readonly Verdict[]> {
  const root = await clouds.workingFolder();
  const cwd = join(root, folder);
  await mkdir(cwd, { recursive: true });
  await copySample(sample, join(root, 'sample'));
  const env = await clouds.environment(conditions);
  const start = (pattern: string, option: string) => outputOf(tests, ['-check.f', pattern, option], { cwd, env });
  const names = (await start('.', '-check.list'))
    .split('\n')
    .filter((line) => line.includes('.') && filter.test(line) && line.includes(only));
  if (names.length === 0) return [];
  const output = await start(`^(${names.join('|')})$`, '-check.vv');
  const verdicts = readVerdicts(output);
  return names.map(
    (name) => verdicts.get(name) ?? { name, failure: `no result\n${output.slice(-2_000)}`, refused: [] },
  );
}

/** Tests name what they send as ../sample/NAME, and write the checkpoints of their uploads beside it. */
async function copySample(sample: string, folder: string): Promise<void> {
  await mkdir(folder);
  for (const name of await readdir(sample)) await copyFile(join(sample, name), join(folder, name));
}

/** What it wrote on stdout and stderr, in this order. The exit code says only whether a test failed. */
async function outputOf(
  program: string,
  options: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  const path = join(cwd, 'suite.output');
  const file = await open(path, 'w');
  try {
    const child = spawn(program, options, { cwd, env, stdio: ['ignore', file.fd, file.fd] });
    await once(child, 'close');
  } finally {
    await file.close();
  }
  return await readFile(path, 'utf8');
}

/**
 * gocheck ends what belongs to a test with `PASS: file:line: Suite.Test 0.1s`, or FAIL, PANIC, MISS or SKIP in the same
 * form.
 */
function readVerdicts(output: string): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  let start = 0;
  for (const match of output.matchAll(/^(PASS|FAIL|PANIC|MISS|SKIP): \S+ (\w+\.Test\w*).*$/gm)) {
    const [line, word, name = ''] = match;
    const end = match.index + line.length;
    const text = output.slice(start, end);
    start = end;
    verdicts.set(name, { name, failure: word === 'PASS' ? undefined : text, refused: refusedOperations(text) });
  }
  return verdicts;
}
