/** Each rule about names finds a fault that was planted, and says where it is and what to correct. */
import { expect, it } from 'vitest';
import { everyEntryNamesAFile } from './layout.ts';
import {
  exportedNamesExistOnce,
  exportsHaveNames,
  fileNamesExistOnce,
  interfacesAreDeclaredOnce,
  noFileIsADrawer,
} from './names.ts';
import { planted } from './planted.ts';

it('a name that two files export', () => {
  const files = planted({
    'ingest/live-session.ts': 'export class LiveSession {}',
    'oss/channel/publishing.ts': 'export interface LiveSession {}',
  });
  expect(exportedNamesExistOnce(files)).toEqual([
    'LiveSession is exported as different things: src/ingest/live-session.ts#LiveSession and ' +
      'src/oss/channel/publishing.ts#LiveSession; rename all but one',
  ]);
});

it('a name that is taken by a renamed export from elsewhere', () => {
  const files = planted({
    'base/clock.ts': 'export interface Timer {}',
    'index.ts': "export { Moment as Timer } from './base/dates.ts';",
  });
  expect(exportedNamesExistOnce(files)).toHaveLength(1);
});

it('one thing exported again, a type beside its value, and the page are allowed', () => {
  const files = planted({
    'base/clock.ts': 'export const Clock = 1; export type Clock = number;',
    'console/clock.ts': 'export class Clock {}',
    'events/events.ts': "import { Clock } from '../base/clock.ts'; export { Clock };",
    'index.ts': "export { Clock } from './events/events.ts';",
  });
  expect(exportedNamesExistOnce(files)).toEqual([]);
});

it.each([
  '\nexport interface Timer {} export class Timer {}',
  'export class Timer {}\nexport interface Timer {}',
  'export interface Timer {}\nexport interface Timer {}',
])('an interface that is merged: %j', (text) => {
  expect(interfacesAreDeclaredOnce(planted({ 'base/clock.ts': text }))).toEqual([
    'src/base/clock.ts:2 declares Timer a second time: rename one of them',
  ]);
});

it('an export without a name', () => {
  expect(exportsHaveNames(planted({ 'base/clock.cts': '\nexport = clock;' }))).toEqual([
    'src/base/clock.cts:2 has export =: write export before each thing',
  ]);
});

it('a file name that exists twice, the page apart', () => {
  const files = planted({ 'console/address.ts': '', 'http/address.ts': '', 'ingest/address.ts': '' });
  expect(fileNamesExistOnce(files)).toEqual([
    'address.ts exists twice: src/http/address.ts and src/ingest/address.ts; rename all but one',
  ]);
});

it.each(['base/utils.ts', 'base/util/x.ts', 'base/helper.tsx', 'base/common/x.ts', 'base/misc.ts'])(
  'the drawer %s',
  (path) => {
    expect(noFileIsADrawer(planted({ [path]: '', 'http/helpers-of-koa.ts': '' }))).toEqual([
      `src/${path}: name it after what it holds`,
    ]);
  },
);

it('an entry of the tables whose file was renamed', () => {
  expect(everyEntryNamesAFile(planted({ 'base/time.ts': '' }))).toContain(
    "'base/clock.ts' in test/boundaries/layout.ts names no file of src/: follow the rename or delete it",
  );
});
