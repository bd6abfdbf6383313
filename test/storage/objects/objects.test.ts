import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { createMemoryStore } from '../../../src/storage/objects/memory.ts';
import { LocationNotFound, type ObjectStore } from '../../../src/storage/objects/object-store.ts';
import { Objects } from '../../../src/storage/objects/objects.ts';
import { readAll } from '../../contract/object-store.ts';

const NOW_MS = Date.UTC(2025, 0, 1);

async function start() {
  const metadata = await openSqliteStore({ path: ':memory:' });
  onTestFinished(() => metadata.close());
  const bucket = {
    name: 'b',
    acl: 'private',
    storageClass: 'Standard',
    createdMs: NOW_MS,
    owner: '1234567890123456',
    configurations: {},
  } as const;
  await metadata.putBucket(bucket);
  const store = createMemoryStore();
  const clock = new ManualClock(NOW_MS);
  const objects = new Objects({ metadata, bytes: store, clock });
  const read = async (key: string) => String(await readAll((await objects.open('b', key)).reader));
  return { metadata, store, clock, objects, read };
}

/** The locations of all byte strings that the store has committed from now on and not deleted. */
function watchLocations(store: ObjectStore): ReadonlySet<string> {
  const locations = new Set<string>();
  const create = store.create.bind(store);
  const remove = store.delete.bind(store);
  store.create = (hint) => {
    const writer = create(hint);
    const commit = writer.commit.bind(writer);
    writer.commit = async () => {
      const location = await commit();
      locations.add(location);
      return location;
    };
    return writer;
  };
  store.delete = async (location) => {
    locations.delete(location);
    await remove(location);
  };
  return locations;
}

describe('put', () => {
  it('keeps bytes, sums and time', async () => {
    const { objects, clock, read } = await start();
    clock.advance(1500);
    const record = await objects.put('b', 'k', Buffer.from('hello'), { headers: { 'content-type': 'text/plain' } });
    expect(record).toMatchObject({
      sizeBytes: 5,
      type: 'Normal',
      etag: '5D41402ABC4B2A76B9719D911017C592',
      contentMd5: 'XUFAKrxLKna5cZ2REBfFkg==',
      crc64: '11177612005948864433',
      lastModifiedMs: NOW_MS + 1500,
    });
    expect(await objects.get('b', 'k')).toEqual(record);
    expect(await read('k')).toBe('hello');
  });

  it('deletes the bytes it replaces, but not under a reader', async () => {
    const { objects, store, read } = await start();
    const old = await objects.put('b', 'k', Buffer.from('old'));
    const { reader } = await objects.open('b', 'k');
    await objects.put('b', 'k', Buffer.from('new'));
    await expect(store.open(old.location)).rejects.toThrow(LocationNotFound);
    expect(String(await readAll(reader))).toBe('old');
    expect(await read('k')).toBe('new');
  });

  it('leaves nothing behind when its source fails', async () => {
    const { objects, metadata } = await start();
    async function* failing() {
      yield Buffer.from('hel');
      throw new Error('cut');
    }
    await expect(objects.put('b', 'k', failing())).rejects.toThrow('cut');
    expect(await metadata.getObject('b', 'k')).toBeUndefined();
  });

  it('keeps the new object when the old bytes cannot be deleted', async () => {
    const { objects, store, read } = await start();
    await objects.put('b', 'k', Buffer.from('old'));
    store.delete = async () => {
      throw new Error('disk');
    };
    await expect(objects.put('b', 'k', Buffer.from('new'))).rejects.toThrow('disk');
    expect(await read('k')).toBe('new');
  });

  it('takes back its bytes when there is no such bucket', async () => {
    const { objects, store } = await start();
    const locations: string[] = [];
    const remove = store.delete.bind(store);
    store.delete = async (location) => {
      locations.push(location);
      await remove(location);
    };
    await expect(objects.put('missing', 'k', Buffer.from('x'))).rejects.toMatchObject({ code: 'NoSuchBucket' });
    expect(locations).toHaveLength(1);
  });

  it('lets exactly one of many win that forbid overwriting', async () => {
    const { objects } = await start();
    const puts = Array.from({ length: 8 }, (_, index) =>
      objects.put('b', 'k', Buffer.from(String(index)), { forbidOverwrite: true }),
    );
    const results = await Promise.allSettled(puts);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'FileAlreadyExists' });
    }
  });
});

describe('open', () => {
  it('never fails while the object is replaced again and again', async () => {
    const { objects, read } = await start();
    await objects.put('b', 'k', Buffer.from('0'));
    const writing = (async () => {
      for (let version = 1; version < 100; version++) await objects.put('b', 'k', Buffer.from(String(version)));
    })();
    for (let attempt = 0; attempt < 100; attempt++) expect(await read('k')).toMatch(/^\d+$/);
    await writing;
    expect(await read('k')).toBe('99');
  });

  it('gives up when the bytes are gone for good', async () => {
    const { objects, store } = await start();
    const { location } = await objects.put('b', 'k', Buffer.from('x'));
    await store.delete(location);
    await expect(objects.open('b', 'k')).rejects.toThrow(LocationNotFound);
  });

  it('refuses a key that is not there', async () => {
    const { objects } = await start();
    await expect(objects.open('b', 'k')).rejects.toMatchObject({ code: 'NoSuchKey', details: { Key: 'k' } });
  });
});

describe('append', () => {
  it('lets exactly one of many append at one position', async () => {
    const { objects, read } = await start();
    await objects.append('b', 'k', 0, [Buffer.from('head')]);
    const appends = ['A', 'B', 'C'].map((letter) => objects.append('b', 'k', 4, [Buffer.from(letter)]));
    const results = await Promise.allSettled(appends);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await read('k')).toMatch(/^head[ABC]$/);
  });

  it('refuses when the object is replaced while the bytes arrive', async () => {
    const { objects, read } = await start();
    await objects.append('b', 'k', 0, [Buffer.from('head')]);
    async function* bytes() {
      yield Buffer.from('tail');
      await objects.put('b', 'k', Buffer.from('other'));
    }
    await expect(objects.append('b', 'k', 4, bytes())).rejects.toMatchObject({ code: 'PositionNotEqualToLength' });
    expect(await read('k')).toBe('other');
  });

  it('keeps the bytes of the object and no others, whether it succeeds or fails', async () => {
    const { objects, store, metadata } = await start();
    const locations = watchLocations(store);
    const held = async () => [(await objects.get('b', 'k')).location];
    await objects.append('b', 'k', 0, [Buffer.from('head')]);
    await objects.append('b', 'k', 4, [Buffer.from('tail')]);
    expect([...locations]).toEqual(await held());
    // The row cannot be written.
    const { putObject, reviseVersion } = metadata;
    metadata.putObject = async () => {
      throw new Error('disk');
    };
    metadata.reviseVersion = async () => {
      throw new Error('disk');
    };
    await expect(objects.append('b', 'k', 8, [Buffer.from('x')])).rejects.toThrow('disk');
    await expect(objects.append('b', 'other', 0, [Buffer.from('x')])).rejects.toThrow('disk');
    metadata.putObject = putObject;
    metadata.reviseVersion = reviseVersion;
    expect([...locations]).toEqual(await held());
    // The bytes before the tail cannot be read.
    const open = store.open.bind(store);
    store.open = async () => {
      throw new Error('cut');
    };
    await expect(objects.append('b', 'k', 8, [Buffer.from('x')])).rejects.toThrow('cut');
    store.open = open;
    expect([...locations]).toEqual(await held());
    // The object is replaced while the tail arrives.
    async function* bytes() {
      yield Buffer.from('x');
      await objects.put('b', 'k', Buffer.from('other'));
    }
    await expect(objects.append('b', 'k', 8, bytes())).rejects.toMatchObject({ code: 'PositionNotEqualToLength' });
    expect([...locations]).toEqual(await held());
  });

  it('keeps headers and ACL of the first', async () => {
    const { objects } = await start();
    await objects.append('b', 'k', 0, [], { headers: { 'content-type': 'a/b' }, acl: 'public-read' });
    const record = await objects.append('b', 'k', 0, [Buffer.from('x')], { headers: { 'content-type': 'c/d' } });
    expect(record).toMatchObject({ headers: { 'content-type': 'a/b' }, acl: 'public-read', type: 'Appendable' });
  });
});

it('amend changes what is beside the bytes', async () => {
  const { objects, read } = await start();
  await objects.put('b', 'k', Buffer.from('hello'));
  await objects.amend('b', 'k', (record) => ({ ...record, acl: 'public-read' }));
  expect((await objects.get('b', 'k')).acl).toBe('public-read');
  expect(await read('k')).toBe('hello');
  await expect(objects.amend('b', 'missing', (record) => record)).rejects.toMatchObject({ code: 'NoSuchKey' });
});

it('delete removes row and bytes, and is fine twice', async () => {
  const { objects, store } = await start();
  const { location } = await objects.put('b', 'k', Buffer.from('hello'));
  await objects.delete('b', 'k');
  await objects.delete('b', 'k');
  expect(await objects.find('b', 'k')).toBeUndefined();
  await expect(store.open(location)).rejects.toThrow(LocationNotFound);
});

describe('revise', () => {
  it('carries out what is decided, while nobody else changes the object', async () => {
    const { objects, read } = await start();
    const { location } = await objects.put('b', 'k', Buffer.from('old'));
    const replacing: Promise<unknown>[] = [];
    const revision = await objects.revise('b', 'k', undefined, (present) => {
      replacing.push(objects.put('b', 'k', Buffer.from('new')));
      expect(present?.version).toMatchObject({ location });
      return { kind: 'delete' };
    });
    expect(revision).toEqual({ kind: 'delete' });
    await Promise.all(replacing);
    expect(await read('k')).toBe('new');
  });

  it('changes a row, deletes a version for good, or does nothing', async () => {
    const { objects, store } = await start();
    const { versionId, location } = await objects.put('b', 'k', Buffer.from('hello'));
    expect(await objects.revise('b', 'k', undefined, () => undefined)).toBeUndefined();
    const record = { ...(await objects.get('b', 'k')), acl: 'public-read' as const };
    await objects.revise('b', 'k', undefined, () => ({ kind: 'amend', record }));
    expect((await objects.get('b', 'k')).acl).toBe('public-read');
    await objects.revise('b', 'k', versionId, () => ({ kind: 'delete-version' }));
    expect(await objects.find('b', 'k')).toBeUndefined();
    await expect(store.open(location)).rejects.toThrow(LocationNotFound);
  });
});
