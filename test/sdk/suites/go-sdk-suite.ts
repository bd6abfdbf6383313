import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildGoSuite, type GoSuite } from '../programs.ts';
import { Clouds } from './cloud.ts';
import { GO_SDK_LEFT_OUT } from './go-sdk-left-out.ts';
import { refusedOperations, type SdkSuite, type SuiteConditions, type Verdict } from './suite.ts';

const run = promisify(execFile);

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

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
  /** The option that selects them. */
  readonly filter: string;
}

async function runGoSdk(conditions: SuiteConditions): Promise<readonly Verdict[]> {
  const suite = await buildGoSuite(conditions.signature);
  const shares: readonly Share[] = [
    { tests: suite.main, folder: 'oss', filter: '^OssClientSuite\\.' },
    { tests: suite.main, folder: 'oss', filter: '^OssBucketSuite\\.' },
    { tests: suite.main, folder: 'oss', filter: '^Oss([^BC]|C[^l]|B[^u]|Bucket[^S])' },
    { tests: suite.crypto, folder: 'oss/crypto', filter: '.' },
  ];
  const clouds = await Clouds.open();
  try {
    return (await Promise.all(shares.map((share) => runShare(suite, share, clouds, conditions)))).flat();
  } finally {
    await clouds.close();
  }
}

async function runShare(
  { sample }: GoSuite,
  { tests, folder, filter }: Share,
  clouds: Clouds,
  conditions: SuiteConditions,
): Promise<readonly Verdict[]> {
  const root = await clouds.workingFolder();
  const cwd = join(root, folder);
  await mkdir(cwd, { recursive: true });
  // Tests name what they send as ../sample/NAME, and delete what is left of earlier runs in their own folder.
  await symlink(sample, join(root, 'sample'));
  const env = await clouds.environment(conditions);
  const options = { cwd, env, maxBuffer: MAX_OUTPUT_BYTES };
  const listed = await run(tests, ['-check.list', '-check.f', filter], options);
  // The exit code says only whether one failed.
  const { stdout } = await run(tests, ['-check.v', '-check.f', filter], options).catch((error) => error);
  const verdicts = readVerdicts(stdout);
  const names = listed.stdout.split('\n').filter((line) => line.includes('.'));
  return names.map((name) => verdicts.get(name) ?? { name, failure: `no result\n${stdout.slice(-2_000)}`, refused: [] });
}

/**
 * gocheck says `PASS: file:line: Suite.Test 0.1s`, or FAIL, PANIC, MISS or SKIP in the same form, and before it, after a
 * line of dashes, what failed.
 */
function readVerdicts(stdout: string): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  const blocks = stdout.split(/^(?=(?:PASS|FAIL|PANIC|MISS|SKIP): )/m);
  for (const block of blocks) {
    const [, word, name] = /^(PASS|FAIL|PANIC|MISS|SKIP): \S+ (\w+\.\w+)/.exec(block) ?? [];
    if (word === undefined || name === undefined) continue;
    const failure = word === 'PASS' ? undefined : block;
    verdicts.set(name, { name, failure, refused: refusedOperations(block) });
  }
  return verdicts;
}
