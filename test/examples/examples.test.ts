import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CHROMIUM_PATH } from '../../scripts/support/chromium.ts';
import { CHROMIUM } from '../console/support/browser.ts';
import { describeWith } from '../support/tools.ts';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The runners, and the built package under its name; later test runs use the folder again. */
const CACHE = join(ROOT, 'node_modules/.cache/examples');
const OWN_CONTEXT = fileURLToPath(new URL('own-context.js', import.meta.url));
const RUNNERS = ['jest@30', 'mocha@11'];
const RUNNERS_PATH = `${join(CACHE, 'node_modules/.bin')}:${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`;
const BORROWED = ['ali-oss', 'playwright-core', 'vitest'];

/** Without the variables that vitest sets for its own processes. */
const environment = {
  ...process.env,
  VITEST: undefined,
  NODE_ENV: undefined,
  NODE_OPTIONS: undefined,
  NODE_TEST_CONTEXT: undefined,
};

beforeAll(async () => {
  await run('npm', ['run', '--silent', 'build'], { cwd: ROOT });
  await mkdir(CACHE, { recursive: true });
  await writeFile(join(CACHE, 'package.json'), '{"private":true}');
  if (!existsSync(join(CACHE, 'node_modules/mocha'))) {
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...RUNNERS], { cwd: CACHE });
  }
  await link(ROOT, join(CACHE, 'node_modules/oss-livechannel-emulator'));
  for (const name of BORROWED) await link(join(ROOT, 'node_modules', name), join(CACHE, 'node_modules', name));
}, 300_000);

async function link(target: string, path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await symlink(target, path);
}

/** Runs `npm test` of an example, as its user does after `npm install`; resolves to what it prints. */
async function testExample(name: string): Promise<string> {
  // Runners ignore tests below a node_modules folder, so the project is copied to another folder.
  const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-example-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(join(ROOT, 'examples', name), folder, { recursive: true });
  await symlink(join(CACHE, 'node_modules'), join(folder, 'node_modules'));
  const env = { ...environment, PATH: RUNNERS_PATH, CHROMIUM_PATH };
  const { stdout, stderr } = await run('npm', ['test'], { cwd: folder, env });
  return stdout + stderr;
}

const PASSED = /[1-9]\d* (passed|passing)|# pass [1-9]/;

describe('the example for', () => {
  it.each(['vitest', 'jest', 'node-test', 'mocha'])(
    '%s passes',
    async (runner) => expect(await testExample(runner)).toMatch(PASSED),
    120_000,
  );
});

describe('a file of tests with a context of its own', () => {
  const LOAD = `import { startEmulator } from 'oss-livechannel-emulator';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);`;

  it.each([
    ['jest', '**/*.test.mjs', '--experimental-vm-modules', ['--testMatch']],
    ['vitest', 'own-context', '', ['run', '--globals', '--pool', 'vmThreads']],
  ])(
    'of %s: errors and lists are those of the file',
    async (runner, files, nodeOptions, flags) => {
      const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-context-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      await symlink(join(CACHE, 'node_modules'), join(folder, 'node_modules'));
      await writeFile(join(folder, 'package.json'), '{"private":true,"jest":{"transform":{}}}');
      await writeFile(join(folder, 'own-context.test.mjs'), `${LOAD}\n${await readFile(OWN_CONTEXT, 'utf8')}`);
      const env = { ...environment, PATH: RUNNERS_PATH, NODE_OPTIONS: nodeOptions };
      const { stdout, stderr } = await run(runner, [...flags, files], { cwd: folder, env });
      expect(stdout + stderr).toMatch(/4 passed/);
    },
    120_000,
  );
});

describeWith([CHROMIUM], 'the example of a page that uploads', () => {
  it('passes', async () => expect(await testExample('upload-page')).toMatch(PASSED), 120_000);
});

describe('the built package', () => {
  it('can be imported and required, and leaves the process free to end', async () => {
    const use = (load: string, flags: string[]) =>
      run(
        process.execPath,
        [...flags, '-e', `${load}; startEmulator().then((e) => e.stop()).then(() => console.log('done'))`],
        {
          cwd: CACHE,
          env: environment,
        },
      );
    const name = 'oss-livechannel-emulator';
    const imported = await use(`import { startEmulator } from '${name}'`, ['--input-type=module']);
    const required = await use(`const { startEmulator } = require('${name}')`, ['--input-type=commonjs']);
    expect([imported.stdout, required.stdout]).toEqual(['done\n', 'done\n']);
  });
});
