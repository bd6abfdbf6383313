/** The package as npm publishes it, installed where no install script runs, with every version of Node it is for. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productionPackages } from '../../scripts/support/production-packages.ts';
import { NEWER_NODES, nodeProgram, OLD_NODE, runNode, type Started, startEmulatorWith } from './nodes.ts';
import { installWithoutScripts, type Packed, pack } from './packed.ts';

const TIMEOUT_MS = 300_000;
const DOCTOR = ['doctor', '--memory', '--host', '127.0.0.1', '--port', '0', '--rtmp-port', 'off', '--webrtc-port', '0'];

let folder: string;
let packed: Packed;
let installed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-'));
  packed = await pack(folder);
  installed = await installWithoutScripts(packed.tarball, join(folder, 'installed'));
}, TIMEOUT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('what is published', () => {
  it('is the program, its types, the page, the clip, and what must be said of them', () => {
    const kinds = [
      /^dist\/(main|index)\.js(\.map)?$/,
      /^dist\/[a-z0-9-]+-[A-Z0-9]{8}\.js(\.map)?$/,
      /^dist\/([a-z0-9-]+\/)*[a-z0-9-]+\.d\.ts$/,
      /^dist\/console\/[a-z.]+-[A-Z0-9]{8}\.(js|css)(\.gz)?$/,
    ];
    const named = [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/console/index.html',
      'dist/console/licenses.txt',
      'dist/licenses.txt',
      'dist/sbom.cdx.json',
      'docs/config.schema.json',
      'fixtures/clips/README.md',
      'fixtures/clips/h264-aac.flv',
      'package.json',
    ];
    const paths = packed.files.map(({ path }) => path);
    expect(paths.filter((path) => !kinds.some((kind) => kind.test(path))).sort()).toEqual(named);
    expect(kinds.filter((kind) => !paths.some((path) => kind.test(path)))).toEqual([]);
  });

  it('is small, and only the command is a program', () => {
    const executable = packed.files.filter(({ mode }) => (mode & 0o111) !== 0).map(({ path }) => path);
    expect(executable).toEqual(['dist/main.js']);
    expect(packed.files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(9_000_000);
  });

  it('names no place of the machine it was built on, and holds no key', async () => {
    const texts = packed.files.filter(({ path }) => /\.(js|map|json|txt|ts|html|md)$/.test(path));
    const places = [fileURLToPath(new URL('../..', import.meta.url)), folder].join('|').replaceAll('.', '\\.');
    // As a path of its own: what is built at /app may show rtmp://push.example.com/app/stream.
    const place = new RegExp(`(?<![\\w.*])(${places})`);
    for (const { path } of texts) {
      const text = await readFile(join(installed, path), 'utf8');
      expect(place.exec(text), path).toBeNull();
      expect(text, path).not.toMatch(/-----BEGIN [A-Z ]*PRIVATE KEY-----\\?\n[A-Za-z0-9+/]{20}|\bLTAI[A-Za-z0-9]{12,}/);
    }
  });

  it('has a command with a shebang', async () => {
    expect(await readFile(join(installed, 'dist/main.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('has types that resolve', async () => {
    const program = "import { startEmulator } from 'oss-livechannel-emulator';\nstartEmulator satisfies Function;\n";
    const path = join(folder, 'installed/program.mts');
    await writeFile(path, program);
    const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck'];
    const types = [
      '--types',
      'node',
      '--typeRoots',
      fileURLToPath(new URL('../../node_modules/@types', import.meta.url)),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, ...options, ...types, path]).catch(
      (error: unknown) => ({
        stdout: error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error),
      }),
    );
    expect(stdout).toBe('');
  });

  it('says what it is made of', async () => {
    const bom = JSON.parse(await readFile(join(installed, 'dist/sbom.cdx.json'), 'utf8'));
    expect(bom).toMatchObject({
      bomFormat: 'CycloneDX',
      metadata: { component: { name: 'oss-livechannel-emulator' } },
    });
    const references = (bom.components as { 'bom-ref': string }[]).map((component) => component['bom-ref']);
    const expected = productionPackages().map(({ name, version }) => `${name}@${version}`);
    expect(references.sort()).toEqual([...new Set(expected)].sort());
    const known = new Set([...references, bom.metadata.component['bom-ref']]);
    const edges = bom.dependencies as { ref: string; dependsOn: string[] }[];
    expect(edges.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]).filter((ref) => !known.has(ref))).toEqual([]);
  });
});

/** Puts an object, pushes to a channel, and reads both. */
async function use({ url }: Started, node: string, main: string): Promise<void> {
  const object = `${url}/examplebucket/a%20key`;
  expect((await fetch(object, { method: 'PUT', body: 'bytes' })).status).toBe(200);
  expect(await (await fetch(object)).text()).toBe('bytes');
  const push = await runNode(
    node,
    [main, 'publish', '--channel', 'test-channel', '--url', url, '--speed', 'max'],
    folder,
  );
  expect(push).toMatchObject({ code: 0, err: '' });
  const playlist = await (await fetch(`${url}/examplebucket/test-channel/playlist.m3u8`)).text();
  const fragments = playlist.split('\n').filter((line) => line.endsWith('.ts'));
  expect(fragments.length).toBeGreaterThan(0);
}

describe.each(NEWER_NODES)('with Node %s and no install script', (version) => {
  it('starts in memory and on a folder, is used, and starts again', { timeout: TIMEOUT_MS }, async () => {
    const node = await nodeProgram(version);
    const main = join(installed, 'dist/main.js');
    const dataDir = join(folder, `data-${version}`);
    for (const place of [['--memory'], ['--data-dir', dataDir]]) {
      const emulator = await startEmulatorWith(node, main, place);
      await use(emulator, node, main);
      expect(await emulator.stop()).toBe(0);
      expect(emulator.errors()).toBe('');
    }
    const again = await startEmulatorWith(node, main, ['--data-dir', dataDir]);
    const kept = await fetch(`${again.url}/examplebucket/a%20key`);
    expect(await kept.text()).toBe('bytes');
    expect(await again.stop()).toBe(0);
  });

  it('says that it is healthy', { timeout: TIMEOUT_MS }, async () => {
    const node = await nodeProgram(version);
    const doctor = await runNode(node, [join(installed, 'dist/main.js'), ...DOCTOR], folder);
    expect(doctor.out).toMatch(/^ok {4}SQLite +3\.\d+\.\d+ of node:sqlite$/m);
    expect(doctor).toMatchObject({ code: 0, err: '' });
  });
});

it('with Node 20 and no install script it says in one line what to do', { timeout: TIMEOUT_MS }, async () => {
  const node = await nodeProgram(OLD_NODE);
  const main = join(installed, 'dist/main.js');
  const sentence =
    /^There is no SQLite: Node 20\.20\.2 has none, and better-sqlite3 cannot be loaded \(.+\)\. Use Node 22\.13 or later, or .+: npm approve-scripts better-sqlite3 && npm rebuild better-sqlite3\n$/;
  for (const place of [['--memory'], ['--data-dir', join(folder, 'never-made')]]) {
    const start = await runNode(node, [main, ...place], folder);
    expect(start).toMatchObject({ code: 2, out: '', err: expect.stringMatching(sentence) });
  }
  const doctor = await runNode(node, [main, ...DOCTOR], folder);
  expect(doctor.code).toBe(1);
  expect(doctor.out).toMatch(/^bad {3}SQLite +There is no SQLite: .+npm rebuild better-sqlite3$/m);
  for (const other of [['--version'], ['--help']]) {
    expect(await runNode(node, [main, ...other], folder)).toMatchObject({ code: 0, err: '' });
  }
});
