import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../src/storage/objects/memory.ts';
import { LocationNotFound } from '../../../src/storage/objects/object-store.ts';
import { describeObjectStore, store } from '../../contract/object-store.ts';

describe('objects in memory', () => {
  describeObjectStore(async () => createMemoryStore());

  test('are a world of their own per store', async () => {
    const location = await store(createMemoryStore(), { bucket: 'b', key: 'k' }, Buffer.from('abc'));
    await expect(createMemoryStore().open(location)).rejects.toThrow(LocationNotFound);
  });
});
