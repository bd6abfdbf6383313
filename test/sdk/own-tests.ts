/** The LiveChannel tests that the makers of two clients publish with them, run unmodified against an emulator. */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Emulator } from '../../src/emulator/emulator.ts';
import { namesEnvironment } from './names.ts';

const run = promisify(execFile);

const OWN_TESTS = fileURLToPath(new URL('python/own_tests.py', import.meta.url));

/** `passed`, or the reason of the failure, by the name of the test. */
export type Verdicts = ReadonlyMap<string, string>;

/** Runs a whole test file, which must have exactly these cases, and has a test for each. */
export function ownTests(cases: readonly string[], runAll: (env: NodeJS.ProcessEnv) => Promise<Verdicts>): void {
  let emulator: Emulator;
  let verdicts: Verdicts = new Map();
  beforeAll(async () => {
    emulator = new Emulator({ memory: true, port: 0, rtmpPort: undefined, host: '127.0.0.1', buckets: [] });
    const { port } = await emulator.start();
    // The variables are those of the Go and the Python library. Their assertions require a domain with buckets below
    // it.
    verdicts = await runAll({
      ...(await namesEnvironment()),
      OSS_TEST_ENDPOINT: `http://oss.localhost:${port}`,
      OSS_TEST_ACCESS_KEY_ID: 'emulator-ak',
      OSS_TEST_ACCESS_KEY_SECRET: 'emulator-secret',
    });
    expect([...verdicts.keys()].sort(), [...verdicts.values()].join('\n')).toEqual([...cases].sort());
  });
  afterAll(() => emulator.stop());
  it.each(cases)('%s', (name) => expect(verdicts.get(name)).toBe('passed'));
}

/** A suite of gocheck says `PASS: file:line: Suite.Test 0.1s`, or `FAIL`, `PANIC`, `MISS` and `SKIP`, on stdout. */
export async function runGoSuite(program: string, suite: string, env: NodeJS.ProcessEnv): Promise<Verdicts> {
  // It writes a log into its working directory.
  const { stdout } = await exitingAnyhow(run(program, ['-check.f', suite, '-check.v'], { env, cwd: tmpdir() }));
  const lines = stdout.matchAll(/^(PASS|FAIL|PANIC|MISS|SKIP): .*: \w+\.(\w+)/gm);
  return new Map([...lines].map(([, word, name = '']) => [name, word === 'PASS' ? 'passed' : `${word}\n${stdout}`]));
}

/** `target` as unittest takes it: a module, a class or a method. */
export async function runPythonSuite(
  python: { readonly command: string; readonly source: string },
  target: string,
  env: NodeJS.ProcessEnv,
): Promise<Verdicts> {
  const { stdout } = await run(python.command, [OWN_TESTS, python.source, target], { env });
  return new Map(Object.entries(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')));
}

/** A failed test is recognized by its line of output, not by the exit code. */
function exitingAnyhow(running: Promise<{ stdout: string }>): Promise<{ stdout: string }> {
  return running.catch((error) => ({ stdout: `${error.stdout}\n${error.stderr}` }));
}
