import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readlinkSync, rmdirSync, symlinkSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { Disk } from '../../../src/storage/objects/filesystem/disk.ts';
import { fileExists } from '../../../src/storage/objects/filesystem/file-calls.ts';
import { openFilesystemStore } from '../../../src/storage/objects/filesystem.ts';
import { LocationNotFound, type ObjectStore } from '../../../src/storage/objects/object-store.ts';
import { describeObjectStore, read, readAll, store } from '../../contract/object-store.ts';

let folder: string;
let root: string;
let objects: ObjectStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'objects-'));
  root = join(folder, 'objects');
  objects = await openFilesystemStore({ root });
});
afterEach(() => rm(folder, { recursive: true }));

const put = (key: string, content = key) => store(objects, { bucket: 'examplebucket', key }, Buffer.from(content));

describe('objects in files', () => {
  describeObjectStore(() => openFilesystemStore({ root }));
});

/** Whatever is done takes a second by its clock. */
function slowDisk(): Disk {
  let nowMs = 0;
  const disk = new Disk({ ...systemClock, elapsed: () => (nowMs += 1_000) });
  disk.run(fileExists(root));
  return disk;
}

describe('objects in files on a slow disk', () => {
  describeObjectStore(() => openFilesystemStore({ root, disk: slowDisk() }));

  test('of one name that are stored at once have a file each', async () => {
    const slow = await openFilesystemStore({ root, disk: slowDisk() });
    const contents = Array.from({ length: 20 }, (_, n) => Buffer.alloc(300_000, n));
    const stored = contents.map((content) => store(slow, { bucket: 'examplebucket', key: 'door/a.ts' }, content));
    const locations = await Promise.all(stored);
    expect(new Set(locations).size).toBe(20);
    for (const [n, location] of locations.entries()) {
      expect((await read(slow, location)).equals(contents[n] ?? Buffer.alloc(0))).toBe(true);
    }
  });

  test('a reader that is closed while it reads closes its file, and not another one that has its number', async () => {
    const slow = await openFilesystemStore({ root, disk: slowDisk() });
    const first = await store(slow, { bucket: 'examplebucket', key: 'a' }, Buffer.alloc(300_000, 1));
    const second = await store(slow, { bucket: 'examplebucket', key: 'b' }, Buffer.alloc(300_000, 2));
    for (let round = 0; round < 50; round++) {
      const reader = await slow.open(first);
      const reading = (async () => {
        for await (const chunk of reader.chunks()) expect(chunk[0]).toBe(1);
      })();
      const closed = reader.close();
      const other = read(slow, second);
      await expect(reading).rejects.toThrow('closed');
      await closed;
      expect((await other).equals(Buffer.alloc(300_000, 2))).toBe(true);
    }
  });
});

/** A slow disk, where somebody else does something right before or after one of its calls. */
function disturbedDisk(at: number, disturb: () => unknown): Disk {
  let readings = 0;
  const elapsed = () => {
    if (readings === at) disturb();
    readings += 1;
    return readings * 1_000;
  };
  const disk = new Disk({ ...systemClock, elapsed });
  disk.run(fileExists(root));
  return disk;
}

/** The store makes this many calls for a small file, each between two readings of the clock; the first two are those above. */
const READINGS = Array.from({ length: 24 }, (_, at) => at + 2);

describe('a slow disk, on which another writer', () => {
  test('makes a folder of the name meanwhile, takes the object at another place', async () => {
    for (const at of READINGS) {
      const bucket = `bucket-${at}`;
      const taken = join(root, bucket, 'a');
      const disk = disturbedDisk(at, () => existsSync(taken) || mkdirSync(taken, { recursive: true }));
      const disturbed = await openFilesystemStore({ root, disk });
      expect(String(await read(disturbed, await store(disturbed, { bucket, key: 'a' }, Buffer.from('a'))))).toBe('a');
    }
  });

  test('removes the folder again that is empty yet, takes the object too', async () => {
    for (const at of READINGS) {
      const bucket = `bucket-${at}`;
      const empty = ['a/b', 'a', ''].map((folder) => join(root, bucket, folder));
      const disk = disturbedDisk(at, () => {
        for (const folder of empty) if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
      });
      const disturbed = await openFilesystemStore({ root, disk });
      const location = await store(disturbed, { bucket, key: 'a/b/c' }, Buffer.from('c'));
      expect(String(await read(disturbed, location))).toBe('c');
    }
  });

  test('makes the folders again meanwhile that somebody has removed, takes the object too', async () => {
    for (const at of READINGS) {
      const disk = disturbedDisk(at, () => mkdirSync(join(root, '.incoming'), { recursive: true }));
      const disturbed = await openFilesystemStore({ root, disk });
      await rm(root, { recursive: true });
      expect(String(await read(disturbed, await store(disturbed, { bucket: 'b', key: 'a' }, Buffer.from('a'))))).toBe(
        'a',
      );
    }
  });
});

it.each([
  ['quick', () => new Disk()],
  ['slow', () => slowDisk()],
])('what cannot be looked at is not replaced (%s disk)', async (_, disk) => {
  const store = await openFilesystemStore({ root, disk: disk() });
  mkdirSync(join(root, 'examplebucket'));
  const unknown = join(root, 'examplebucket/a');
  symlinkSync(unknown, unknown);
  const writer = store.create({ bucket: 'examplebucket', key: 'a' });
  await writer.write(Buffer.from('abc'));
  expect(await read(store, await writer.commit())).toEqual(Buffer.from('abc'));
  expect(readlinkSync(unknown)).toBe(unknown);
});

it('a FIFO in place of a file is not waited for', async () => {
  const location = await put('a');
  await rm(join(root, location));
  execFileSync('mkfifo', [join(root, location)]);
  await expect(objects.open(location)).rejects.toThrow(LocationNotFound);
});

describe('the place of an object', () => {
  test('is its key below its bucket', async () => {
    expect(await put('door/1735732800000.ts')).toBe('examplebucket/door/1735732800000.ts');
    expect(await readFile(join(root, 'examplebucket/door/1735732800000.ts'), 'utf8')).toBe('door/1735732800000.ts');
    expect(await put('zürich 🎥/live channel 2.m3u8')).toBe('examplebucket/zürich 🎥/live channel 2.m3u8');
  });

  test('gets a suffix before the extension when it is taken', async () => {
    await put('door/playlist.m3u8', 'old');
    const second = await put('door/playlist.m3u8', 'new');
    expect(second).toMatch(/^examplebucket\/door\/playlist~[0-9a-f]{8}\.m3u8$/);
    expect(await readFile(join(root, 'examplebucket/door/playlist.m3u8'), 'utf8')).toBe('old');
  });

  test.each([
    ['..', 'examplebucket/%2E%2E'],
    ['../../etc/passwd', 'examplebucket/%2E%2E/%2E%2E/etc/passwd'],
    ['.hidden/.', 'examplebucket/%2Ehidden/%2E'],
    ['a//b/', 'examplebucket/a/%/b/%'],
    ['nul\0and\nnewline', 'examplebucket/nul%00and%0Anewline'],
    ['back\\slash', 'examplebucket/back%5Cslash'],
    ['c:/x', 'examplebucket/c%3A/x'],
    ['100%', 'examplebucket/100%25'],
    ['dot. /space ', 'examplebucket/dot.%20/space%20'],
  ])('of the key %j is harmless', async (key, location) => {
    expect(await put(key)).toBe(location);
    expect(await read(objects, location)).toEqual(Buffer.from(key));
  });

  test('of a long key is cut to what a file system can hold', async () => {
    const long = 'é'.repeat(511);
    const [one, other] = [await put(`${long}1`), await put(`${long}2`)];
    expect(one).toMatch(/^examplebucket\/é{100}~[0-9a-f]{8}$/);
    expect(await read(objects, one)).toEqual(Buffer.from(`${long}1`));
    expect(await read(objects, other)).toEqual(Buffer.from(`${long}2`));
  });

  test('of a deep key is one flat file', async () => {
    const location = await put('a/'.repeat(511));
    expect(location.split('/')).toHaveLength(2);
  });

  test('lets a key and keys below it exist, in either order', async () => {
    const locations = [
      await put('a'),
      await put('a/b'),
      await put('a/b/c'),
      await put('x/y/z'),
      await put('x/y'),
      await put('x'),
    ];
    expect(locations[1]).toMatch(/^examplebucket\/a%2Fb~[0-9a-f]{8}$/);
    const contents = await Promise.all(locations.map((location) => read(objects, location)));
    expect(contents.map(String)).toEqual(['a', 'a/b', 'a/b/c', 'x/y/z', 'x/y', 'x']);
  });

  test('is free again after a delete, and empty folders go with it', async () => {
    const [deeper, beside] = [await put('a/b/c'), await put('a/d')];
    await objects.delete(deeper);
    expect(await readdir(join(root, 'examplebucket/a'))).toEqual(['d']);
    await objects.delete(beside);
    expect(await readdir(root)).toEqual(['.incoming']);
    expect(await put('a')).toBe('examplebucket/a');
  });

  test('goes with its empty folder, whichever file of it is deleted last', async () => {
    const keys = ['a/1', 'a/2', 'a/3'];
    for (const order of [keys, keys.toReversed(), ['a/2', 'a/3', 'a/1'], ['a/3', 'a/1', 'a/2']]) {
      const locations = new Map<string, string>();
      for (const key of keys) locations.set(key, await put(key));
      for (const key of order) {
        expect(await readdir(join(root, 'examplebucket'))).toEqual(['a']);
        await objects.delete(locations.get(key) ?? '');
      }
      expect(await readdir(root)).toEqual(['.incoming']);
    }
  });

  test('never leaves the root nor disturbs another, whatever the bucket and the key', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'A', '/', '.', '\\', '\0', '%', ' ', '~', ':', '🎥'),
      maxLength: 12,
    });
    const hints = fc.array(fc.record({ bucket: text, key: text }), { minLength: 1, maxLength: 15 });
    const property = fc.asyncProperty(hints, async (all) => {
      const locations: string[] = [];
      for (const [index, hint] of all.entries()) locations.push(await store(objects, hint, Buffer.of(index)));
      for (const [index, location] of locations.entries())
        expect(await read(objects, location)).toEqual(Buffer.of(index));
      for (const location of locations) await objects.delete(location);
      expect(await readdir(folder)).toEqual(['objects']);
      expect(await readdir(root)).toEqual(['.incoming']);
    });
    await fc.assert(property, { numRuns: 100 });
  });
});

describe('a folder that another store has begun at the path', () => {
  test('gets no bytes of the first store, and none of its own are read or deleted', async () => {
    let isAtPath = true;
    const first = await openFilesystemStore({ root, isAtPath: () => isAtPath });
    const hint = { bucket: 'examplebucket', key: 'a' };
    const location = await store(first, hint, Buffer.from('first'));
    const begun = first.create({ bucket: 'examplebucket', key: 'b' });
    await begun.write(Buffer.alloc(500_000));
    const gathered = first.create({ bucket: 'examplebucket', key: 'c' });
    await gathered.write(Buffer.from('in no file yet'));
    await rename(root, join(folder, 'moved'));
    isAtPath = false;
    const second = await openFilesystemStore({ root });
    expect(await store(second, hint, Buffer.from('second'))).toBe(location);
    const writer = first.create(hint);
    expect(() => writer.write(Buffer.alloc(500_000))).toThrow('is not the folder that was opened');
    expect(await readdir(join(root, '.incoming'))).toEqual([]);
    await writer.abort();
    await expect(begun.commit()).rejects.toThrow('is not the folder that was opened');
    await expect(gathered.commit()).rejects.toThrow('is not the folder that was opened');
    await expect(first.open(location)).rejects.toThrow('is not the folder that was opened');
    await first.delete(location);
    expect(await read(second, location)).toEqual(Buffer.from('second'));
    expect((await readdir(root)).sort()).toEqual(['.incoming', 'examplebucket']);
  });
});

describe('a location', () => {
  test.each(['../secret', 'a/../../secret', '/etc/passwd', '.incoming/1', '..', '', 'a//b', 'a\\..\\b', 'a\0b'])(
    'that leads elsewhere, such as %j, is refused',
    async (location) => {
      await writeFile(join(folder, 'secret'), 'secret');
      await expect(objects.open(location)).rejects.toThrow(LocationNotFound);
      await expect(objects.delete(location)).rejects.toThrow(LocationNotFound);
      expect(await readFile(join(folder, 'secret'), 'utf8')).toBe('secret');
    },
  );

  test('that is a folder or lies below a file is not found', async () => {
    await put('a/b');
    await expect(objects.open('examplebucket/a')).rejects.toThrow(LocationNotFound);
    await expect(objects.open('examplebucket/a/b/c')).rejects.toThrow(LocationNotFound);
    await objects.delete('examplebucket/a/b/c');
    expect(await readdir(join(root, 'examplebucket/a'))).toEqual(['b']);
  });
});

describe('a file', () => {
  test('that somebody has shortened fails instead of ending early', async () => {
    const location = await put('a', 'x'.repeat(1000));
    const reader = await objects.open(location);
    await truncate(join(root, location), 10);
    await expect(readAll(reader)).rejects.toThrow('the file ends after 10 of 1000 bytes');
  });

  test('is not read from any more once its reader is closed', async () => {
    const reader = await objects.open(await put('a', 'x'.repeat(300_000)));
    const readOneThenClose = async () => {
      for await (const _chunk of reader.chunks()) await reader.close();
    };
    await expect(readOneThenClose()).rejects.toThrow('the reader has been closed');
  });

  test('of many blocks lets others run in between', async () => {
    const reader = await objects.open(await put('a', 'x'.repeat(3_000_000)));
    const order: string[] = [];
    setImmediate(() => order.push('other'));
    await readAll(reader);
    order.push('read');
    expect(order).toEqual(['other', 'read']);
  });
});

describe('writing aside', () => {
  test('shows nothing before commit and leaves nothing behind', async () => {
    const writer = objects.create({ bucket: 'examplebucket', key: 'a' });
    await writer.write(Buffer.alloc(300_000));
    expect(await readdir(root)).toEqual(['.incoming']);
    await writer.commit();
    expect(await readdir(join(root, '.incoming'))).toEqual([]);
    const abandoned = objects.create({ bucket: 'examplebucket', key: 'b' });
    await abandoned.write(Buffer.alloc(300_000));
    await abandoned.abort();
    expect(await readdir(join(root, '.incoming'))).toEqual([]);
    expect(await readdir(join(root, 'examplebucket'))).toEqual(['a']);
  });

  test('is cleaned up when the process that wrote has died, and nothing else is', async () => {
    const kept = await put('a');
    await writeFile(join(root, '.incoming', '1'), 'half a fragment');
    const reopened = await openFilesystemStore({ root });
    expect(await readdir(join(root, '.incoming'))).toEqual([]);
    expect(await read(reopened, kept)).toEqual(Buffer.from('a'));
  });

  test('fails loudly and without leftovers when the disk refuses', async () => {
    const writer = objects.create({ bucket: 'examplebucket', key: 'a' });
    await writer.write(Buffer.from('abc'));
    await rm(root, { recursive: true });
    await writeFile(root, 'something else');
    await expect(writer.commit()).rejects.toThrow('ENOTDIR');
    expect(await readFile(root, 'utf8')).toBe('something else');
  });

  test('goes on in a folder that was removed', async () => {
    const writer = objects.create({ bucket: 'examplebucket', key: 'a' });
    await writer.write(Buffer.from('abc'));
    await rm(root, { recursive: true });
    expect(await read(objects, await writer.commit())).toEqual(Buffer.from('abc'));
    expect(await readdir(join(root, '.incoming'))).toEqual([]);
  });
});
