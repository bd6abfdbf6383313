/**
 * The rules of docs/architecture.md, applied to the real sources. The tests in `boundaries/` show that each rule finds
 * a fault.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  errorsAreToldByTheirShape,
  literalsAreWrittenOut,
  pureFilesDoNoInputOrOutput,
  theProcessEndsInMain,
  timeComesFromTheClock,
} from './boundaries/code.ts';
import {
  adaptersAreChosenByTheComposition,
  everyFileLiesInADistrict,
  importsGoToEarlierDistricts,
  importsMakeNoCycle,
  importsNameWhatTheyImport,
  nobodyImportsThePage,
  packagesAreImportedWhereListed,
  pureFilesImportOnlyPureFiles,
  relativeImportsLeadToFilesOfSrc,
  thePageImportsTypesOnly,
} from './boundaries/imports.ts';
import { everyEntryNamesAFile } from './boundaries/layout.ts';
import {
  exportedNamesExistOnce,
  exportsHaveNames,
  fileNamesExistOnce,
  interfacesAreDeclaredOnce,
  noFileIsADrawer,
} from './boundaries/names.ts';
import { parseSource } from './boundaries/source-file.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

const everything = ['src', 'test', 'scripts', 'examples'].flatMap(sourcesIn).map(parseSource);
const src = everything
  .filter(({ path }) => path.startsWith('src/'))
  .map((file) => ({ ...file, path: file.path.slice('src/'.length) }));

function sourcesIn(folder: string) {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[cm]?[jt]sx?$/.test(path) && !path.includes('node_modules'))
    .map((path) => `${folder}/${path.replaceAll(sep, '/')}`)
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

describe('layout', () => {
  it('every file lies in a district, or is main.ts or index.ts', () => {
    expect(everyFileLiesInADistrict(src)).toEqual([]);
  });

  it('every entry of the tables names a file', () => {
    expect(everyEntryNamesAFile(src)).toEqual([]);
  });

  it('no file is a drawer for odds and ends', () => {
    expect(noFileIsADrawer(src)).toEqual([]);
  });
});

describe('imports', () => {
  it('go to the own district and earlier ones', () => {
    expect(importsGoToEarlierDistricts(src)).toEqual([]);
  });

  it('lead to files of src', () => {
    expect(relativeImportsLeadToFilesOfSrc(src)).toEqual([]);
  });

  it('name what they import', () => {
    expect(importsNameWhatTheyImport(src)).toEqual([]);
  });

  it('of npm packages stand where they are listed', () => {
    expect(packagesAreImportedWhereListed(src)).toEqual([]);
  });

  it('of adapters are left to the composition', () => {
    expect(adaptersAreChosenByTheComposition(src)).toEqual([]);
  });

  it('of pure files lead to pure files and listed packages only', () => {
    expect(pureFilesImportOnlyPureFiles(src)).toEqual([]);
  });

  it('of the page into the emulator are types only', () => {
    expect(thePageImportsTypesOnly(src)).toEqual([]);
  });

  it('of the page are left to the page', () => {
    expect(nobodyImportsThePage(src)).toEqual([]);
  });

  it('make no cycle, types included', () => {
    expect(importsMakeNoCycle(src)).toEqual([]);
  });
});

describe('names', () => {
  it('are exported by one file each', () => {
    expect(exportedNamesExistOnce(src)).toEqual([]);
  });

  it('of interfaces are declared once in a file', () => {
    expect(interfacesAreDeclaredOnce(src)).toEqual([]);
  });

  it('are given to all exports', () => {
    expect(exportsHaveNames(src)).toEqual([]);
  });

  it('of files exist once', () => {
    expect(fileNamesExistOnce(src)).toEqual([]);
  });
});

describe('code', () => {
  it('of pure files does no input or output and reads no time', () => {
    expect(pureFilesDoNoInputOrOutput(src)).toEqual([]);
  });

  it('takes the time and sets timers only through the clock', () => {
    expect(timeComesFromTheClock(src)).toEqual([]);
  });

  it('ends the process only in main.ts', () => {
    expect(theProcessEndsInMain(src)).toEqual([]);
  });

  it('tells errors by their shape, not by the classes of its context', () => {
    expect(errorsAreToldByTheirShape(src)).toEqual([]);
  });

  it('spreads no literal, in src, test, scripts and examples', () => {
    expect(literalsAreWrittenOut(everything)).toEqual([]);
  });
});
