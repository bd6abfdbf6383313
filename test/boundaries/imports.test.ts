/** Each rule about imports finds a fault that was planted, and says where it is and what to correct. */
import { expect, it } from 'vitest';
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
} from './imports.ts';
import { planted } from './planted.ts';

it('a file outside the districts', () => {
  const files = planted({ 'base/log.ts': '', 'gateway.ts': '', 'tools/faults.ts': '', 'main.ts': '', 'index.ts': '' });
  expect(everyFileLiesInADistrict(files)).toEqual([
    expect.stringMatching(/^src\/gateway\.ts: move it into a district \(base, /),
    expect.stringMatching(/^src\/tools\/faults\.ts: move it into a district/),
  ]);
});

it.each([
  ['net/gateway.ts', '../oss/rest/rest-app.ts'],
  ['net/gateway.ts', '../main.ts'],
  ['console/app.tsx', '../index.ts'],
  ['base/log.ts', '../media/frame.ts'],
])('%s imports %s of a later district', (path, specifier) => {
  const target = specifier.slice('../'.length);
  const files = planted({ [path]: `\nimport type { X } from '${specifier}';` });
  expect(importsGoToEarlierDistricts(files)).toEqual([
    `src/${path}:2 imports src/${target} of a later district: move one of them, or declare a port here`,
  ]);
});

it('imports of the own district, of earlier ones, and of all from the root are allowed', () => {
  const files = planted({
    'net/gateway.ts': "import './tls.ts'; import '../base/log.ts';",
    'main.ts': "import './index.ts'; import './cli/banner.ts';",
  });
  expect(importsGoToEarlierDistricts(files)).toEqual([]);
});

it.each(['./gone.ts', './frame', './frame.js', '../../package.json', '../../test/support/tools.ts'])(
  'a relative import of %s, which leads to no file of src',
  (specifier) => {
    const files = planted({ 'media/a.ts': `import '${specifier}';`, 'media/frame.ts': '' });
    expect(relativeImportsLeadToFilesOfSrc(files)).toEqual([
      `src/media/a.ts:1 imports '${specifier}', which is no source file of src/`,
    ]);
  },
);

it('an import by a computed name', () => {
  const text = 'const load = (name) => import(name);';
  expect(importsNameWhatTheyImport(planted({ 'media/a.ts': text, 'emulator/find-opus-encoder.ts': text }))).toEqual([
    'src/media/a.ts:1 imports a computed name: write the name out, or list the file in COMPUTED_IMPORTS',
  ]);
});

it.each([
  ['live/live.ts', 'koa', 'is for oss/rest/ and control-plane/admin/ only'],
  ['storage/objects/objects.ts', 'kysely', 'is for storage/metadata/sql/ and storage/metadata/sqlite and '],
  ['watch/web-rtc/web-rtc.ts', 'werift', 'is for watch/web-rtc/dtls.ts only'],
  ['cli/banner.ts', 'preact/hooks', 'is for console/ only'],
])('%s imports the package %s', (path, name, reason) => {
  const [offence] = packagesAreImportedWhereListed(planted({ [path]: `await import('${name}');` }));
  expect(offence).toContain(`src/${path}:1 imports the package `);
  expect(offence).toContain(reason);
});

it('a package that is not listed', () => {
  const files = planted({ 'base/log.ts': "import '@scope/pino/pretty'; import 'node:fs'; import 'fs';" });
  expect(packagesAreImportedWhereListed(files)).toEqual([
    'src/base/log.ts:1 imports the package @scope/pino: list it in PACKAGES',
  ]);
});

it('an adapter imported by somebody else than the composition', () => {
  const files = planted({
    'emulator/stores.ts': "import '../storage/metadata/sqlite.ts';",
    'oss/rest/bucket.ts': "import type { X } from '../../storage/metadata/sqlite/check-schema.ts';",
    'storage/metadata/sqlite.ts': "import './sqlite/check-schema.ts';",
    'watch/audio-track.ts': "import './audio/libav-opus.ts';",
  });
  expect(adaptersAreChosenByTheComposition(files)).toEqual([
    'src/oss/rest/bucket.ts:1 imports the adapter src/storage/metadata/sqlite/check-schema.ts: ' +
      'import its port src/storage/metadata/metadata-store.ts, and wire them in src/emulator/',
    'src/watch/audio-track.ts:1 imports the adapter src/watch/audio/libav-opus.ts: ' +
      'import its port src/watch/audio/opus-encoder.ts, and wire them in src/emulator/',
  ]);
});

it('a file whose name begins like an adapter is none', () => {
  const files = planted({
    'oss/rest/bucket.ts': "import '../../storage/metadata/sqliteish.ts';",
    'storage/metadata/sqliteish.ts': "import './sqlite.ts'; import 'kysely';",
  });
  expect(adaptersAreChosenByTheComposition(files)).toEqual([
    expect.stringContaining('src/storage/metadata/sqliteish.ts:1 imports the adapter src/storage/metadata/sqlite.ts: '),
  ]);
  expect(packagesAreImportedWhereListed(files)).toHaveLength(1);
});

it.each([
  "export { x } from '../storage/metadata/sqlite.ts';",
  "export * from '../storage/metadata/sqlite.ts';",
  "export type { X } from '../storage/metadata/sqlite.ts';",
  "import { x } from '../storage/metadata/sqlite.ts'; export { x as y };",
])('an adapter that the composition exports again: %s', (text) => {
  expect(adaptersAreChosenByTheComposition(planted({ 'emulator/stores.ts': text }))).toEqual([
    'src/emulator/stores.ts:1 exports the adapter src/storage/metadata/sqlite.ts again: ' +
      'export what is made of it, as its port src/storage/metadata/metadata-store.ts',
  ]);
});

it.each([
  ['media/frame.ts', 'node:fs'],
  ['media/frame.ts', 'node:crypto'],
  ['rtmp/amf0.ts', 'net'],
  ['aliyun/auth/v4.ts', 'xml2js'],
  ['aliyun/xml/read.ts', 'node:crypto'],
])('the pure file %s imports %s', (path, name) => {
  const [offence] = pureFilesImportOnlyPureFiles(planted({ [path]: `import '${name}';` }));
  expect(offence).toMatch(new RegExp(`^src/${path}:1 is pure and imports (node:)?${name}: `));
});

it('a pure file imports one that is not, be it only for a type', () => {
  const files = planted({
    'aliyun/auth/v4.ts': "import { createHmac } from 'node:crypto'; import '../../base/errors.ts';",
    'media/frame.ts': "let clock: import('../base/clock.ts').Clock;",
    'rtmp/client.ts': "import 'node:net'; import '../base/clock.ts';",
  });
  expect(pureFilesImportOnlyPureFiles(files)).toEqual([
    'src/media/frame.ts:1 is pure and imports src/base/clock.ts, which is not: pass in what it gives, or list it in PURE',
  ]);
});

it('the page imports running code of the emulator', () => {
  const files = planted({
    'console/app.tsx': [
      "import type { A } from '../events/events.ts';",
      "import { type B } from '../events/events.ts';",
      "import './theme.ts';",
      "import { inGo } from '../base/string-literals.ts';",
    ].join('\n'),
  });
  expect(thePageImportsTypesOnly(files)).toEqual([
    'src/console/app.tsx:2 imports src/events/events.ts into the page: write import type',
  ]);
});

it('somebody else imports the page', () => {
  const files = planted({ 'main.ts': "import './console/app.tsx';", 'console/main.tsx': "import './app.tsx';" });
  expect(nobodyImportsThePage(files)).toEqual([
    'src/main.ts:1 imports src/console/app.tsx of the page: move what both need into an earlier district',
  ]);
});

it('a cycle, though one of its imports is a type only', () => {
  const files = planted({
    'media/a.ts': "import './b.ts';",
    'media/b.ts': "export * from './c.ts';",
    'media/c.ts': "let a: import('./a.ts').A;",
    'media/d.ts': "import './a.ts';",
  });
  expect(importsMakeNoCycle(files)).toEqual([
    'src/media/a.ts -> src/media/b.ts -> src/media/c.ts -> src/media/a.ts: cut one of these imports',
  ]);
});

it('a file that imports itself', () => {
  expect(importsMakeNoCycle(planted({ 'media/a.ts': "import './a.ts';" }))).toHaveLength(1);
});
