import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  candidateLocations,
  isFileLocation,
  isStoredName,
  resolveLocation,
  toFileName,
} from '../../../../src/storage/objects/filesystem/locations.ts';

/** The first choice for a key, when nothing is there yet. */
function locationOf(key: string, bucket = 'examplebucket'): string {
  const [location = ''] = candidateLocations({ bucket, key });
  return location;
}

/** Equal where a disk of Windows or macOS has one file. */
function onSuchADisk(location: string): string {
  return location.normalize('NFD').toUpperCase();
}

describe('names of devices', () => {
  it.each([
    ['con', '%63on'],
    ['nul.ts', '%6Eul.ts'],
    ['aux .tar.gz', '%61ux .tar.gz'],
    ['com1', '%63om1'],
    ['lpt².txt', '%6Cpt².txt'],
    ['conout$', '%63onout$'],
  ])('%s is %s', (name, fileName) => {
    expect(toFileName(name)).toBe(fileName);
  });

  it.each(['console', 'com10', 'nullable.txt', 'my.con', 'auxiliary'])('%s is none', (name) => {
    expect(toFileName(name)).toBe(name);
  });

  it('are names of buckets too, whose folders are found', () => {
    const location = locationOf('key', 'con');
    expect(location).toBe('%63on/key');
    expect(isFileLocation(location)).toBe(true);
    expect(isStoredName('%63on', true)).toBe(true);
    expect(isStoredName('%2E%2E', true)).toBe(false);
    expect(isStoredName('%63on%', true)).toBe(false);
  });
});

describe('twins', () => {
  it.each([
    ['Readme.md', 'README.md'],
    ['Photos/1.jpg', 'photos/1.jpg'],
    ['\u00e9.txt', 'e\u0301.txt'],
    ['\u03c2', '\u03c3'],
    ['\u212a', 'k'],
    ['\u00df', 'ss'],
    ['A'.repeat(300), `${'A'.repeat(299)}B`],
  ])('%j and %j are two files on every disk', (one, other) => {
    expect(onSuchADisk(locationOf(one))).not.toBe(onSuchADisk(locationOf(other)));
  });

  it('keep their name and their extension', () => {
    expect(toFileName('README.md')).toMatch(/^README~[0-9a-f]{8}\.md$/);
    expect(toFileName('readme.md')).toBe('readme.md');
  });
});

describe('a name that is too long', () => {
  it('is cut, and does not end with a dot or a space for that', () => {
    for (const end of ['.', ' ', '. .']) {
      expect(toFileName(`${'a'.repeat(199)}${end}${'b'.repeat(50)}`)).toMatch(/^a{199}[. ]*~[0-9a-f]{8}$/);
    }
    expect(toFileName(' '.repeat(300))).toMatch(/^ {200}~[0-9a-f]{8}$/);
  });
});

/** What Windows, macOS and Linux can hold. */
function isPossible(name: string): boolean {
  const isDevice = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])( *\.|\s*$)/i.test(name);
  const hasForbidden = /[\p{Cc}<>:"/\\|?*]/u.test(name);
  return !isDevice && !hasForbidden && !/[. ]$/.test(name) && name !== '' && Buffer.byteLength(name) <= 255;
}

const keys = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(fc.constantFrom('con', 'CON', 'Nul.', 'a', 'A', '.', ' ', '/', ':', '~', '%', 'é', 'ß', 'aux.txt'), {
        maxLength: 9,
      })
      .map((parts) => parts.join('')),
  )
  .filter((key) => key !== '');

it('whatever the key, every candidate can be made on every system, and is found again', () => {
  fc.assert(
    fc.property(keys, (key) => {
      for (const location of candidateLocations({ bucket: 'nul', key })) {
        expect(location.split('/').filter((name) => !isPossible(name))).toEqual([]);
        expect(isFileLocation(location)).toBe(true);
        expect(resolveLocation('/root', location)).toBe(`/root/${location}`);
      }
    }),
  );
});

it('whatever two keys are, their files are two on every disk', () => {
  fc.assert(
    fc.property(keys, keys, (one, other) => {
      fc.pre(one !== other);
      expect(onSuchADisk(locationOf(one))).not.toBe(onSuchADisk(locationOf(other)));
    }),
  );
});
