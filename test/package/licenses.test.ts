import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { productionPackages } from '../../scripts/support/production-packages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const README = readFileSync(`${ROOT}README.md`, 'utf8');

interface LockEntry {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

/** Without the entry of our own package. */
function lockedEntries(): readonly [string, LockEntry][] {
  const { packages }: { packages: Record<string, LockEntry> } = JSON.parse(
    readFileSync(`${ROOT}package-lock.json`, 'utf8'),
  );
  return Object.entries(packages).filter(([path]) => path !== '');
}

/** Ask for nothing but that they are named where the code is distributed. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense'];

/** Each with what it is allowed for: all of these are in packages that can be left out. */
const OTHERWISE_ALLOWED: Readonly<Record<string, string>> = {
  '@libav.js/variant-mediarecorder-transcoder': 'LGPL-2.1',
  'ffmpeg-static': 'GPL-3.0-or-later',
  // Of werift.
  mediabunny: 'MPL-2.0',
};

/** Its manifest says nothing; its file LICENSE is the text of this licence. */
const SAID_BY_ITS_FILE: Readonly<Record<string, string>> = { 'parse-cache-control': 'BSD-3-Clause' };

function isPermissive(license: string): boolean {
  const choices = license.replace(/^\((.*)\)$/, '$1').split(' OR ');
  return choices.some((choice) => PERMISSIVE.includes(choice));
}

it('every package that is installed or bundled has a licence that was thought about', () => {
  const packages = productionPackages();
  expect(packages.length).toBeGreaterThan(100);
  const others = packages.filter(({ name, licenses: [license = SAID_BY_ITS_FILE[name] ?? 'none'] }) => {
    return !isPermissive(license) && OTHERWISE_ALLOWED[name] !== license;
  });
  expect(others).toEqual([]);
});

it('each exception is still there', () => {
  const names = productionPackages().map(({ name }) => name);
  const exceptions = [...Object.keys(OTHERWISE_ALLOWED), ...Object.keys(SAID_BY_ITS_FILE)];
  expect(exceptions.filter((name) => !names.includes(name))).toEqual([]);
});

it('README names the licence of every optional part', () => {
  const rows = Object.fromEntries(
    [...README.matchAll(/^\| `([^`]+)` \| (\S+) \|/gm)].map(([, name = '', license]) => [name, license]),
  );
  const locked = productionPackages();
  for (const name of Object.keys(manifest.optionalDependencies)) {
    const { licenses } = locked.find(({ path }) => path === `node_modules/${name}`) ?? {};
    expect([rows[name]], name).toEqual(licenses);
  }
});

it('the content of every locked package is known by its hash, and none comes from elsewhere than npm', () => {
  const locked = lockedEntries();
  expect(locked.length).toBeGreaterThan(300);
  expect(locked.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'))).toEqual([]);
  const isElsewhere = (resolved: string | undefined) =>
    resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/');
  expect(locked.filter(([, { resolved }]) => isElsewhere(resolved))).toEqual([]);
});

it('only packages that were looked at may run a script when they are installed', () => {
  const withScript = lockedEntries().flatMap(([path, { hasInstallScript }]) => (hasInstallScript ? [path] : []));
  const names = withScript.map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect(names.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
});
