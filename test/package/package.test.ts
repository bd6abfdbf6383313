/** The package as npm publishes it, installed where no install script runs, with every version of Node it is for. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { sizeOfInstallation } from '../../scripts/support/installed-size.ts';
import { installPacked, type Packed, pack } from '../../scripts/support/packed.ts';
import { productionPackages } from '../../scripts/support/production-packages.ts';
import { driveEverything, type RunCommand } from './drive.ts';
import { addonFor, NEWER_NODES, nodeProgram, npmWith, OLD_NODE, runNode, startEmulatorWith } from './nodes.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TIMEOUT_MS = 300_000;
const LIGHT = ['--ignore-scripts', '--omit=optional'];
/** What README says for Node 20. */
const ADDON = 'better-sqlite3@12';
const DOCTOR = ['doctor', '--memory', '--host', '127.0.0.1', '--port', '0', '--rtmp-port', 'off', '--webrtc-port', '0'];

let folder: string;
let packed: Packed;
/** With every optional dependency. */
let installed: string;
let light: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-'));
  packed = await pack(folder);
  installed = await installPacked(packed.tarball, join(folder, 'installed'), ['--ignore-scripts']);
  light = await installPacked(packed.tarball, join(folder, 'light'), LIGHT);
}, TIMEOUT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('what is published', () => {
  it('is the program, its types, the page, the clip, and what must be said of them', () => {
    const kinds = [
      /^dist\/(main|index)\.js$/,
      /^dist\/program-[A-Z0-9]{8}\.js(\.map)?$/,
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
    expect(packed.files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(10_000_000);
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

  it('is what npm would publish, with an address for those who find a fault', { timeout: TIMEOUT_MS }, async () => {
    const options = ['--dry-run', '--ignore-scripts', '--no-provenance', '--access', 'public', '--json'];
    const { stdout, stderr } = await promisify(execFile)('npm', ['publish', ...options], { cwd: join(folder, 'copy') });
    expect(stderr).not.toMatch(/auto-corrected|errors? in your package\.json/);
    expect(stdout).toContain(`"${manifest.name}@${manifest.version}"`);
    expect(manifest.repository.url).toMatch(/^git\+https:\/\/github\.com\/[\w-]+\/oss-livechannel-emulator\.git$/);
    const address = manifest.repository.url.slice('git+'.length, -'.git'.length);
    expect([manifest.homepage, manifest.bugs.url]).toEqual([`${address}#readme`, `${address}/issues`]);
    expect(await readFile(join(folder, 'copy/CHANGELOG.md'), 'utf8')).toContain(`\n## ${manifest.version}\n`);
  });

  it('has a command with a shebang', async () => {
    expect(await readFile(join(installed, 'dist/main.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('brings one package along without optional parts, few with the addon, and not many more with all', async () => {
    expect((await readdir(dirname(light))).filter((name) => !name.startsWith('.'))).toEqual([
      'oss-livechannel-emulator',
      'valibot',
    ]);
    const alone = await sizeOfInstallation(dirname(light));
    expect(alone.sizeBytes).toBeLessThan(15_000_000);
    const withAddon = await installPacked(packed.tarball, join(folder, 'with-addon'), [...LIGHT, ADDON]);
    const few = await sizeOfInstallation(dirname(withAddon));
    expect(few.packages).toBeLessThanOrEqual(55);
    expect(few.sizeBytes).toBeLessThan(40_000_000);
    const all = await sizeOfInstallation(dirname(installed));
    expect(all.packages).toBeLessThanOrEqual(105);
    expect(all.sizeBytes).toBeLessThan(75_000_000);
    for (const { page, said, size } of [
      { page: 'README.md', said: /`npm i` brings (\d+) packages of (\d+) MB/, size: all },
      { page: 'README.md', said: /Without optional parts it is (\d+)\s+packages of (\d+) MB/, size: alone },
      { page: 'README.md', said: /which makes (\d+)\s+packages of (\d+) MB/, size: few },
      { page: 'docs/guides/install.md', said: /this installs (\d+) packages of (\d+) MB/, size: alone },
      {
        page: 'docs/decisions/dependencies.md',
        said: /optional dependencies, (\d+) packages of\s+(\d+) MB/,
        size: all,
      },
      { page: 'docs/decisions/dependencies.md', said: /leaves (\d+) of (\d+) MB/, size: alone },
      { page: 'docs/decisions/dependencies.md', said: /or (\d+) of (\d+) MB with better-sqlite3/, size: few },
    ]) {
      const [, packages, megabytes] = said.exec(await readFile(join(ROOT, page), 'utf8')) ?? [];
      expect(Number(packages), `${page}: ${said}`).toBe(size.packages);
      // What is built differs by some kilobytes from machine to machine.
      expect(Math.abs(Number(megabytes) - size.sizeBytes / 1e6), `${page}: ${said}`).toBeLessThan(0.75);
    }
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
    for (const named of ['dist/licenses.txt', 'dist/console/licenses.txt']) {
      const text = await readFile(join(installed, named), 'utf8');
      const bundled = [...text.matchAll(/^((?:@[\w.-]+\/)?[\w.-]+) (\d+\.\d+\.\S+)\n-+$/gm)].map(
        ([, name, version]) => `${name}@${version}`,
      );
      expect(bundled.length).toBeGreaterThan(2);
      expect(
        bundled.filter((reference) => !references.includes(reference)),
        named,
      ).toEqual([]);
    }
    const edges = bom.dependencies as { ref: string; dependsOn: string[] }[];
    expect(edges.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]).filter((ref) => !known.has(ref))).toEqual([]);
  });
});

const commandOf =
  (node: string, main: string): RunCommand =>
  (...args) =>
    runNode(node, [main, ...args], folder);

describe.each(NEWER_NODES)('with Node %s and no install script', (version) => {
  it('starts in memory and on a folder, is used, and starts again', { timeout: TIMEOUT_MS }, async () => {
    const node = await nodeProgram(version);
    const main = join(installed, 'dist/main.js');
    const dataDir = join(folder, `data-${version}`);
    for (const place of [['--memory'], ['--data-dir', dataDir]]) {
      const emulator = await startEmulatorWith([node, main], place);
      await driveEverything(emulator.url, commandOf(node, main));
      expect(await emulator.stop()).toBe(0);
      expect(emulator.errors()).toBe('');
    }
    const again = await startEmulatorWith([node, main], ['--data-dir', dataDir]);
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
    /^There is no SQLite: Node 20\.20\.2 has none, and better-sqlite3 cannot be loaded \(.+\)\. Use Node 22\.13 or later, or .+: npm rebuild better-sqlite3 --ignore-scripts=false\n$/;
  for (const place of [['--memory'], ['--data-dir', join(folder, 'never-made')]]) {
    const start = await runNode(node, [main, ...place], folder);
    expect(start).toMatchObject({ code: 2, out: '', err: expect.stringMatching(sentence) });
  }
  const doctor = await runNode(node, [main, ...DOCTOR], folder);
  expect(doctor.code).toBe(1);
  expect(doctor.out).toMatch(
    /^bad {3}SQLite +There is no SQLite: .+npm rebuild better-sqlite3 --ignore-scripts=false$/m,
  );
  for (const other of [['--version'], ['--help']]) {
    expect(await runNode(node, [main, ...other], folder)).toMatchObject({ code: 0, err: '' });
  }
});

it('without optional parts it starts, is used, and says what each is for', { timeout: TIMEOUT_MS }, async () => {
  const node = await nodeProgram(NEWER_NODES[1]);
  const main = join(light, 'dist/main.js');
  const emulator = await startEmulatorWith([node, main], ['--memory']);
  await driveEverything(emulator.url, commandOf(node, main));
  expect(await emulator.stop()).toBe(0);
  const doctor = await runNode(node, [main, ...DOCTOR], folder);
  expect(doctor).toMatchObject({ code: 0, err: '' });
  expect(doctor.out).toMatch(/^ok {4}SQLite +3\.\d+\.\d+ of node:sqlite$/m);
  expect(doctor.out).toMatch(/^note {2}WebRTC .*npm install werift@0\.24$/ms);
});

it('doctor sees every part that is missing, and ends with 1', { timeout: TIMEOUT_MS }, async () => {
  const node = await nodeProgram(NEWER_NODES[1]);
  const page = (await readdir(join(installed, 'dist/console'))).find((name) => /^main-.*\.js$/.test(name)) ?? '';
  for (const [path, line] of [
    ['fixtures/clips/h264-aac.flv', /^bad {3}clip .*There is no file .*h264-aac\.flv/m],
    ['dist/console/index.html', /^bad {3}page .*index\.html$/m],
    [`dist/console/${page}`, /^bad {3}page .*main-/m],
  ] as const) {
    await rename(join(installed, path), join(folder, 'away'));
    const doctor = await runNode(node, [join(installed, 'dist/main.js'), ...DOCTOR], folder);
    await rename(join(folder, 'away'), join(installed, path));
    expect(doctor).toMatchObject({ code: 1, err: '', out: expect.stringMatching(line) });
  }
  for (const [option, address, name] of [
    ['--metadata', 'postgres://127.0.0.1:1/none', 'pg@8'],
    ['--objects', 's3://none?endpoint=http://127.0.0.1:1', '@aws-sdk/client-s3@3'],
    ['--objects', 'oss://none?endpoint=http://127.0.0.1:1', 'ali-oss@6'],
  ] as const) {
    const doctor = await runNode(node, [join(installed, 'dist/main.js'), ...DOCTOR, option, address], folder);
    expect(doctor).toMatchObject({ code: 1, err: '', out: expect.stringContaining(`npm install ${name}`) });
  }
});

/** npm finds better-sqlite3 there, its script run, and adds the rest. */
describe.each([
  [OLD_NODE, []],
  [OLD_NODE, ['--omit=optional']],
  [NEWER_NODES[0], []],
  [NEWER_NODES[1], []],
] as const)('with Node %s and its addon %j', (version, options) => {
  it('is one command after npm i -D, starts, is used, and is required', { timeout: 2 * TIMEOUT_MS }, async () => {
    const node = await nodeProgram(version);
    const project = join(folder, ['project', version, ...options].join('-'));
    await mkdir(project);
    await cp(await addonFor(version), project, { recursive: true, verbatimSymlinks: true });
    await npmWith(node, ['install', '--save-dev', ...options, packed.tarball], project);
    const command = await npmWith(node, ['exec', '--no', '--', 'oss-livechannel-emulator', ...DOCTOR], project);
    expect(command).toMatch(/^ok {4}SQLite +3\.\d+\.\d+ of better-sqlite3$/m);
    const main = join(project, 'node_modules/oss-livechannel-emulator/dist/main.js');
    const emulator = await startEmulatorWith([node, main], ['--memory']);
    await driveEverything(emulator.url, commandOf(node, main));
    expect(await (await fetch(`${emulator.url}/_emulator/metrics`)).text()).toContain('# TYPE ');
    expect(await emulator.stop()).toBe(0);
    const program = `const { startEmulator } = require('oss-livechannel-emulator');
      startEmulator({ tls: true }).then(async (emulator) => { console.log(emulator.aliOssOptions.endpoint); await emulator.stop(); });`;
    const required = await runNode(node, ['-e', program], project);
    expect(required).toMatchObject({ code: 0, out: expect.stringMatching(/^https?:\/\/\S+\n$/) });
  });
});
