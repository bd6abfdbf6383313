import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const VERSITYGW = new URL('../../.ci/versitygw', import.meta.url);

/** What a program says about itself, on either output: the first number with a dot in it. */
export function programVersion(name: string, program: string, ...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return versionIn(name, `${stdout}\n${stderr}`);
}

/** Of the database and the store behind an emulator that has both. */
export function storeVersions(): readonly string[] {
  return [
    programVersion('PostgreSQL', 'psql', '--version'),
    // It is built from the sources of this version.
    versionIn('versitygw', readFileSync(VERSITYGW, 'utf8')),
  ];
}

function versionIn(name: string, text: string): string {
  return `${name} ${/\d+(?:\.\d+)+/.exec(text)?.[0] ?? 'of an unknown version'}`;
}
