/** The recipes for Testcontainers are compiled against the real libraries. They are not run: that needs a container engine. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { cached, installPythonList } from '../sdk/programs.ts';
import { describeWith } from '../support/tools.ts';

const run = promisify(execFile);

const RECIPES = fileURLToPath(new URL('../../examples/testcontainers/', import.meta.url));
const TIMEOUT_MS = 600_000;

/** A copy of a recipe until the end of the test, so that what is built is not left beside it. */
async function copyOf(language: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-recipe-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(join(RECIPES, language), folder, { recursive: true });
  return folder;
}

describeWith(['npm'], 'the recipe for Testcontainers in Node', () => {
  it('has the types of the library', { timeout: TIMEOUT_MS }, async () => {
    const manifest = join(RECIPES, 'node/package.json');
    const installed = await cached('testcontainers-node', [manifest], async (folder) => {
      await cp(manifest, join(folder, 'package.json'));
      await run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder });
    });
    const folder = await copyOf('node');
    await symlink(join(installed, 'node_modules'), join(folder, 'node_modules'));
    await expect(run(join(folder, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: folder })).resolves.toMatchObject({
      stdout: '',
    });
  });
});

describeWith(['mvn', 'javac'], 'the recipe for Testcontainers in Java', () => {
  it('compiles', { timeout: TIMEOUT_MS }, async () => {
    const folder = await copyOf('java');
    await run('mvn', ['-q', '-B', 'compile'], { cwd: folder });
    const { stdout } = await run('javap', ['-cp', join(folder, 'target/classes'), 'example.EmulatorContainer']);
    expect(stdout).toContain('public java.lang.String endpoint()');
  });
});

describeWith(['go'], 'the recipe for Testcontainers in Go', () => {
  it('compiles, and is what go vet asks for', { timeout: TIMEOUT_MS }, async () => {
    await expect(run('go', ['vet', './...'], { cwd: join(RECIPES, 'go') })).resolves.toMatchObject({ stdout: '' });
  });
});

describeWith(['python3'], 'the recipe for Testcontainers in Python', () => {
  it('has the types of the library', { timeout: TIMEOUT_MS }, async () => {
    const python = await installPythonList('testcontainers', join(RECIPES, 'python/requirements.txt'));
    const folder = await copyOf('python');
    const { stdout } = await run(python, ['-m', 'mypy', '--strict', 'emulator.py'], { cwd: folder });
    expect(stdout).toMatch(/^Success: no issues found/);
  });
});
