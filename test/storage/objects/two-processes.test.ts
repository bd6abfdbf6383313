import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import type { MetadataStore } from '../../../src/storage/metadata/metadata-store.ts';
import { openPostgresStore } from '../../../src/storage/metadata/postgres.ts';
import { createMemoryStore } from '../../../src/storage/objects/memory.ts';
import { Objects } from '../../../src/storage/objects/objects.ts';
import { Uploads } from '../../../src/storage/objects/uploads.ts';
import { bucket } from '../../contract/metadata-records.ts';
import { readAll } from '../../contract/object-store.ts';
import { POSTGRES, testPostgres } from '../../support/postgres.ts';
import { describeWith } from '../../support/tools.ts';

const ROUNDS = 8;
const PART_BYTES = 100 * 1024;

/** Nothing in memory is shared but the bytes: what two processes know of each other is what the store says. */
describeWith([POSTGRES], 'two processes on one database', () => {
  const bytes = createMemoryStore();
  const stores: MetadataStore[] = [];
  const all: { objects: Objects; uploads: Uploads }[] = [];

  beforeAll(async () => {
    const url = await (await testPostgres()).createDatabase();
    for (let index = 0; index < 2; index += 1) {
      const metadata = await openPostgresStore({ url, log: silentLog });
      const objects = new Objects({ metadata, bytes, clock: systemClock });
      stores.push(metadata);
      all.push({ objects, uploads: new Uploads({ metadata, bytes, clock: systemClock, objects }) });
    }
  });
  beforeEach(async () => {
    for (const location of (await stores[0]?.clear()) ?? []) await bytes.delete(location);
    await stores[0]?.putBucket(bucket());
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
  });

  /** Each of both does it, at once; what each answered: a code, or `done`. */
  const both = (act: (side: { objects: Objects; uploads: Uploads }, index: number) => Promise<unknown>) =>
    Promise.all(all.map((side, index) => outcomeOf(act(side, index))));

  const outcomeOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'done',
      (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
    );

  /** Every row names bytes. */
  const expectNoMissingBytes = async () => {
    for await (const named of stores[0]?.locations() ?? []) {
      for (const { location, sizeBytes } of named) expect((await bytes.open(location)).sizeBytes).toBe(sizeBytes);
    }
  };

  test('one of two that forbid to overwrite puts the object', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const body = Buffer.from('abc');
      const outcomes = await both(({ objects }) =>
        objects.put('examplebucket', `k${round}`, body, { forbidOverwrite: true }),
      );
      expect(outcomes.toSorted()).toEqual(['FileAlreadyExists', 'done']);
    }
    await expectNoMissingBytes();
  });

  test('one of two appends at a position', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const outcomes = await both(({ objects }, index) =>
        objects.append('examplebucket', 'log', round, [Buffer.from(String(index))]),
      );
      expect(outcomes.toSorted()).toEqual(['PositionNotEqualToLength', 'done']);
    }
    await expectNoMissingBytes();
    expect((await all[0]?.objects.get('examplebucket', 'log'))?.sizeBytes).toBe(ROUNDS);
  });

  test('a change of an object is lost neither by another change nor by new bytes', async () => {
    await all[0]?.objects.put('examplebucket', 'k', Buffer.from('first'));
    const note = (name: string) => (record: { headers: Readonly<Record<string, string>> }) => ({
      headers: { ...record.headers, [`x-oss-meta-${name}`]: name },
    });
    await both(async ({ objects }, index) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await objects.amend('examplebucket', 'k', (record) => ({ ...record, ...note(`${index}-${round}`)(record) }));
      }
    });
    const { headers } = (await all[0]?.objects.get('examplebucket', 'k')) ?? { headers: {} };
    expect(Object.keys(headers)).toHaveLength(2 * ROUNDS);
    await both(async ({ objects }, index) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        if (index === 0) await objects.put('examplebucket', 'k', Buffer.from(`body ${round}`));
        else await objects.amend('examplebucket', 'k', (record) => ({ ...record, acl: 'private' }));
      }
    });
    await expectNoMissingBytes();
    const { reader } = (await all[1]?.objects.open('examplebucket', 'k')) ?? {};
    expect(reader?.sizeBytes).toBe('body 7'.length);
    await reader?.close();
  });

  test('an upload is completed once, or aborted, whoever does it', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const [first] = all;
      const upload = await first?.uploads.initiate('examplebucket', `big${round}`, {});
      if (!upload) throw new Error('no upload');
      const body = Buffer.alloc(PART_BYTES, 'p');
      await first?.uploads.putPart(upload, 1, [body]);
      const outcomes = await both(({ uploads }, index) =>
        round % 2 === 1 && index === 1 ? uploads.abort(upload) : uploads.complete(upload, undefined),
      );
      expect(outcomes.toSorted()).toEqual(['NoSuchUpload', 'done']);
      const object = await first?.objects.find('examplebucket', upload.key);
      expect(object !== undefined).toBe(outcomes[0] === 'done' || round % 2 === 0);
    }
    await expectNoMissingBytes();
  });

  test('a part that is sent during the completion is in the object, or refused', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const [first, second] = all;
      const upload = await first?.uploads.initiate('examplebucket', `big${round}`, {});
      if (!upload || !first || !second) throw new Error('no upload');
      await first.uploads.putPart(upload, 1, [Buffer.alloc(PART_BYTES, 'p')]);
      const outcomes = await both(({ uploads }, index) =>
        index === 0 ? uploads.complete(upload, undefined) : uploads.putPart(upload, 1, [Buffer.alloc(PART_BYTES, 'q')]),
      );
      if (outcomes[0] !== 'done') await second.uploads.complete(upload, undefined);
      const { reader } = await second.objects.open('examplebucket', upload.key);
      const expected = Buffer.alloc(PART_BYTES, outcomes[1] === 'done' ? 'q' : 'p');
      expect((await readAll(reader)).equals(expected)).toBe(true);
      expect(await outcomeOf(first.uploads.get('examplebucket', upload.key, upload.uploadId))).toBe('NoSuchUpload');
    }
    await expectNoMissingBytes();
  });
});
