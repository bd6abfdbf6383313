/** The rules about names. Each returns its offences: where, and what to correct. */
import { posix } from 'node:path';
import { PAGE } from './layout.ts';
import type { Export, SourceFile } from './source-file.ts';

type Files = readonly SourceFile[];

/** Except for the page. A thing that is exported again is the same thing. */
export function exportedNamesExistOnce(files: Files): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const owners = new Map<string, Set<string>>();
  for (const { path, exports } of files.filter(isOfTheEmulator)) {
    for (const made of exports) add(owners, made.name, originOf(path, made, byPath));
  }
  return twice(owners).map(
    ([name, origins]) => `${name} is exported as different things: ${origins.join(' and ')}; rename all but one`,
  );
}

/** Except for the page. So that a file is found by its name. */
export function fileNamesExistOnce(files: Files): readonly string[] {
  const owners = new Map<string, Set<string>>();
  for (const { path } of files.filter(isOfTheEmulator)) add(owners, posix.basename(path), `src/${path}`);
  return twice(owners).map(([name, paths]) => `${name} exists twice: ${paths.join(' and ')}; rename all but one`);
}

export function noFileIsADrawer(files: Files): readonly string[] {
  return files
    .filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.[cm]?[jt]sx?$)/.test(path))
    .map(({ path }) => `src/${path}: name it after what it holds`);
}

/** An interface merged into a class promises members that the class does not have. */
export function interfacesAreDeclaredOnce(files: Files): readonly string[] {
  return files.flatMap(({ path, mergedInterfaces }) =>
    mergedInterfaces.map(({ name, line }) => `src/${path}:${line} declares ${name} a second time: rename one of them`),
  );
}

/** `export =` exports a value without a name. */
export function exportsHaveNames(files: Files): readonly string[] {
  return files.flatMap(({ path, exportAssignments }) =>
    exportAssignments.map((line) => `src/${path}:${line} has export =: write export before each thing`),
  );
}

function isOfTheEmulator({ path }: SourceFile): boolean {
  return !path.startsWith(PAGE);
}

/** The file and the name under which a thing was declared, as `src/base/clock.ts#Clock`. */
function originOf(path: string, { name, from }: Export, byPath: ReadonlyMap<string, SourceFile>): string {
  if (!from) return `src/${path}#${name}`;
  if (!from.specifier.startsWith('.')) return `${from.specifier}#${from.name}`;
  const target = posix.join(posix.dirname(path), from.specifier);
  const next = byPath.get(target)?.exports.find((made) => made.name === from.name);
  return next ? originOf(target, next, byPath) : `src/${target}#${from.name}`;
}

function add(owners: Map<string, Set<string>>, name: string, owner: string): void {
  owners.set(name, (owners.get(name) ?? new Set()).add(owner));
}

function twice(owners: ReadonlyMap<string, ReadonlySet<string>>): readonly (readonly [string, readonly string[]])[] {
  return [...owners].filter(([, set]) => set.size > 1).map(([name, set]) => [name, [...set]]);
}
