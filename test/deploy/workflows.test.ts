/** The workflows of GitHub: nothing here runs them, so a linter reads them, and some of what they must say is looked for. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { describeWith } from '../support/tools.ts';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = `${ROOT}.github/workflows`;
const TIMEOUT_MS = 300_000;

function workflow(name: string): string {
  return readFileSync(`${FOLDER}/${name}`, 'utf8');
}

describeWith(['go'], 'the linter', () => {
  it('finds nothing in them', { timeout: TIMEOUT_MS }, async () => {
    const { stdout } = await run(`${ROOT}.ci/actionlint`);
    const files = readdirSync(FOLDER).map((name) => `${FOLDER}/${name}`);
    expect(files.length).toBeGreaterThan(1);
    expect(await run(stdout.trim(), ['-no-color', ...files], { cwd: ROOT })).toEqual({ stdout: '', stderr: '' });
  });
});

it('every system is tested with every Node that the package is for', () => {
  const text = workflow('ci.yaml');
  const matrices = [...text.matchAll(/^ {8}node: \[(.+)\]$/gm)].map(([, versions]) => versions);
  expect(matrices).toEqual(['20, 22, 24', '20, 22, 24']);
  expect(manifest.engines.node).toBe('>=20.19');
  expect(text).toContain('os: [ubuntu-latest, macos-latest, windows-latest]');
});

it('what they run with npm is a script of the package', () => {
  for (const name of ['ci.yaml', 'release.yaml']) {
    const scripts = [...workflow(name).matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
    expect(scripts.filter((script) => !(script in manifest.scripts))).toEqual([]);
    expect(scripts.length).toBeGreaterThan(0);
  }
});

it('a release is of the tested version, with its provenance', () => {
  const text = workflow('release.yaml');
  expect(text).toMatch(/npm publish --provenance --access public/);
  expect(text).toMatch(/platforms: linux\/amd64,linux\/arm64/);
  expect(text).toMatch(/attest-build-provenance/);
});
