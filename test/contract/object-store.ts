import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ByteRange } from '../../src/storage/objects/byte-range.ts';
import { deleteAll } from '../../src/storage/objects/delete-all.ts';
import {
  LocationNotFound,
  type ObjectHint,
  type ObjectReader,
  type ObjectStore,
} from '../../src/storage/objects/object-store.ts';

const HINT: ObjectHint = { bucket: 'examplebucket', key: 'door/1735732800000.ts' };

/** Commits `chunks` as one byte string. */
export async function store(into: ObjectStore, hint: ObjectHint, ...chunks: readonly Buffer[]): Promise<string> {
  const writer = into.create(hint);
  for (const chunk of chunks) await writer.write(chunk);
  return writer.commit();
}

/** All bytes at a location. */
export async function read(from: ObjectStore, location: string): Promise<Buffer> {
  const reader = await from.open(location);
  return readAll(reader);
}

/** All chunks of a reader, copied, because the memory of a chunk may be used again for the next one. */
export async function readAll(reader: ObjectReader, range?: ByteRange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of reader.chunks(range)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** What every ObjectStore does. `open` gives an empty one. */
export function describeObjectStore(open: () => Promise<ObjectStore>): void {
  let objects: ObjectStore;
  beforeEach(async () => {
    objects = await open();
  });
  afterEach(() => objects.close());

  describe('writing', () => {
    test('gives back what was appended, whatever the chunks', async () => {
      const chunk = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes));
      const property = fc.asyncProperty(fc.array(chunk, { maxLength: 20 }), async (chunks) => {
        const location = await store(objects, HINT, ...chunks);
        expect(await read(objects, location)).toEqual(Buffer.concat(chunks));
      });
      await fc.assert(property, { numRuns: 50 });
    });

    test('counts its bytes and reads back sizes around every block', async () => {
      for (const sizeBytes of [0, 1, 65_535, 262_143, 262_144, 262_145, 1_000_000]) {
        const bytes = randomBytes(sizeBytes);
        const writer = objects.create(HINT);
        for (let at = 0; at < sizeBytes; at += 40_000) await writer.write(bytes.subarray(at, at + 40_000));
        expect(writer.sizeBytes).toBe(sizeBytes);
        const reader = await objects.open(await writer.commit());
        expect(reader.sizeBytes).toBe(sizeBytes);
        expect(bytes.equals(await readAll(reader))).toBe(true);
      }
    });

    test('copies what it keeps: the buffer can be used again at once', async () => {
      const writer = objects.create(HINT);
      const chunk = Buffer.alloc(50_000);
      for (const value of [1, 2, 3, 4, 5, 6]) {
        const room = writer.write(chunk.fill(value));
        chunk.fill(0);
        await room;
      }
      const stored = await read(objects, await writer.commit());
      expect([0, 49_999, 50_000, 299_999].map((at) => stored[at])).toEqual([1, 1, 2, 6]);
    });

    test('takes thousands of tiny chunks', async () => {
      const chunks = Array.from({ length: 3000 }, (_, index) => Buffer.of(index % 256));
      expect(await read(objects, await store(objects, HINT, ...chunks))).toEqual(Buffer.concat(chunks));
    });

    test('keeps byte strings of one key apart', async () => {
      const contents = Array.from({ length: 20 }, (_, index) => Buffer.from(`version ${index}`));
      const locations = await Promise.all(contents.map((content) => store(objects, HINT, content)));
      expect(new Set(locations).size).toBe(20);
      for (const [index, location] of locations.entries()) {
        expect(await read(objects, location)).toEqual(contents[index]);
      }
    });

    test('can be given up at any point', async () => {
      await objects.create(HINT).abort();
      const writer = objects.create(HINT);
      await writer.write(randomBytes(300_000));
      await writer.abort();
      const location = await store(objects, HINT, Buffer.from('next'));
      expect(await read(objects, location)).toEqual(Buffer.from('next'));
    });
  });

  describe('reading', () => {
    test('gives exactly the range, both ends included', async () => {
      const bytes = randomBytes(300_000);
      const location = await store(objects, HINT, bytes);
      for (const [start, end] of [
        [0, 0],
        [0, 299_999],
        [299_999, 299_999],
        [262_140, 262_150],
        [1, 280_000],
      ] as const) {
        const reader = await objects.open(location);
        const part = await readAll(reader, { start, end });
        expect(part.equals(bytes.subarray(start, end + 1))).toBe(true);
      }
    });

    test('may end before it began, and in the middle', async () => {
      const location = await store(objects, HINT, randomBytes(600_000));
      const reader = await objects.open(location);
      await reader.close();
      const abandoned = await objects.open(location);
      for await (const chunk of abandoned.chunks()) {
        expect(chunk.length).toBeLessThan(600_000);
        break;
      }
      await abandoned.close();
    });

    test('gives several readers their own bytes, chunk by chunk in turns', async () => {
      const contents = [randomBytes(600_000), randomBytes(600_000)];
      const readers = await Promise.all(contents.map(async (bytes) => objects.open(await store(objects, HINT, bytes))));
      const read = await Promise.all(readers.map((reader) => readAll(reader)));
      expect(read.map((bytes, n) => contents[n]?.equals(bytes))).toEqual([true, true]);
    });

    test('is not disturbed by a late or second close of another reader', async () => {
      const location = await store(objects, HINT, Buffer.from('abc'));
      const [streamed, closed] = [await objects.open(location), await objects.open(location)];
      await readAll(streamed);
      await closed.close();
      const others = await Promise.all([objects.open(location), objects.open(location)]);
      await streamed.close();
      await closed.close();
      for (const other of others) expect(await readAll(other)).toEqual(Buffer.from('abc'));
    });

    test('of what does not exist is LocationNotFound', async () => {
      await expect(objects.open('examplebucket/nothing')).rejects.toThrow(LocationNotFound);
    });
  });

  describe('deleting', () => {
    test('removes for good, and a second time too', async () => {
      const location = await store(objects, HINT, Buffer.from('abc'));
      await objects.delete(location);
      await expect(objects.open(location)).rejects.toThrow(LocationNotFound);
      await objects.delete(location);
    });

    test('does not disturb an open reader', async () => {
      const bytes = randomBytes(1_000_000);
      const location = await store(objects, HINT, bytes);
      const reader = await objects.open(location);
      await objects.delete(location);
      expect(bytes.equals(await readAll(reader))).toBe(true);
    });

    test('and writing in the same folder at the same time get along', async () => {
      const work = Array.from({ length: 100 }, async (_, index) => {
        const key = `deep/er/${index % 3}`;
        const location = await store(objects, { bucket: 'examplebucket', key }, Buffer.from(String(index)));
        expect(await read(objects, location)).toEqual(Buffer.from(String(index)));
        await objects.delete(location);
      });
      await Promise.all(work);
    });

    test('all bytes that rows named leaves those alone that are stored meanwhile, and writers go on', async () => {
      const keys = Array.from({ length: 250 }, (_, index) => `folder/${index}`);
      const named: string[] = [];
      for (const key of keys) named.push(await store(objects, { ...HINT, key }, Buffer.from(key)));
      const open = objects.create(HINT);
      const deleted = deleteAll(objects, named);
      const later = await store(objects, { ...HINT, key: 'folder/249' }, Buffer.from('later'));
      await open.write(Buffer.from('c'));
      const written = await open.commit();
      await deleted;
      for (const location of named) await expect(objects.open(location)).rejects.toThrow(LocationNotFound);
      expect(await read(objects, later)).toEqual(Buffer.from('later'));
      expect(await read(objects, written)).toEqual(Buffer.from('c'));
    });
  });
}
