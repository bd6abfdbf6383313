import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MetadataStore } from '../../src/storage/metadata/metadata-store.ts';
import type { FragmentRecord } from '../../src/storage/metadata/records.ts';
import { timelineEntries } from '../../src/storage/metadata/timeline-entries.ts';
import {
  bucket,
  channel,
  FIRST_CHARACTER,
  fragment,
  NOON_MS,
  object,
  part,
  type StoreTraits,
  session,
  upload,
} from './metadata-records.ts';

const EVERYTHING = { prefix: '', marker: '', limit: 1000 };

/** What every MetadataStore does. `open` gives an empty one. */
export function describeMetadataStore(
  open: () => Promise<MetadataStore>,
  { firstCharacter = FIRST_CHARACTER }: StoreTraits = {},
): void {
  let store: MetadataStore;
  beforeEach(async () => {
    store = await open();
    await store.putBucket(bucket());
  });
  afterEach(() => store.close());

  describe('buckets', () => {
    test('are read back as they were put, and replaced by a second put', async () => {
      const changed = bucket({ acl: 'public-read', configurations: { cors: '{"rules":[]}', referer: '{}' } });
      expect(await store.getBucket('examplebucket')).toEqual(bucket());
      await store.putBucket(changed);
      expect(await store.getBucket('examplebucket')).toEqual(changed);
      expect(await store.getBucket('another')).toBeUndefined();
    });

    test('are changed by what there is', async () => {
      await store.changeBucket('examplebucket', (current) => ({ ...bucket(current), acl: 'public-read' }));
      expect(await store.getBucket('examplebucket')).toEqual(bucket({ acl: 'public-read' }));
      await store.changeBucket('new', (current) => current ?? bucket({ name: 'new' }));
      expect(await store.getBucket('new')).toEqual(bucket({ name: 'new' }));
      const refused = store.changeBucket('new', () => {
        throw new Error('no');
      });
      await expect(refused).rejects.toThrow('no');
      expect(await store.getBucket('new')).toEqual(bucket({ name: 'new' }));
    });

    test('are changed one after another, also while they are made', async () => {
      const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
      const add = (name: string) =>
        store.changeBucket('counted', (current = bucket({ name: 'counted' })) => ({
          ...current,
          configurations: { ...current.configurations, [name]: '{}' },
        }));
      await Promise.all(names.map(add));
      const { configurations } = (await store.getBucket('counted')) ?? bucket();
      expect(Object.keys(configurations).toSorted()).toEqual(names.toSorted());
    });

    test('are listed by prefix and marker, a page at a time', async () => {
      for (const name of ['b-2', 'a-1', 'b-1', 'b-3']) await store.putBucket(bucket({ name }));
      const first = await store.listBuckets({ prefix: 'b-', marker: '', limit: 2 });
      expect(first).toEqual({ items: [bucket({ name: 'b-1' }), bucket({ name: 'b-2' })], truncated: true });
      const second = await store.listBuckets({ prefix: 'b-', marker: 'b-2', limit: 2 });
      expect(second).toEqual({ items: [bucket({ name: 'b-3' })], truncated: false });
    });

    test('are listed by account', async () => {
      const accounts = { 'b-1': '111', 'b-2': '222', 'b-3': '111', 'b-4': '111' };
      for (const [name, owner] of Object.entries(accounts)) await store.putBucket(bucket({ name, owner }));
      const query = { prefix: 'b-', marker: '', limit: 2, owner: '111' };
      const first = [bucket({ name: 'b-1', owner: '111' }), bucket({ name: 'b-3', owner: '111' })];
      expect(await store.listBuckets(query)).toEqual({ items: first, truncated: true });
      const second = await store.listBuckets({ ...query, marker: 'b-3' });
      expect(second).toEqual({ items: [bucket({ name: 'b-4', owner: '111' })], truncated: false });
    });

    test('report what they hold, through replacement and deletion', async () => {
      await store.putObject(object('a', { sizeBytes: 10 }));
      await store.putObject(object('a', { sizeBytes: 4 }));
      await store.putFragment(...fragment(0));
      await store.putChannel(channel('door'));
      await store.putChannel(channel('door', { status: 'disabled' }));
      await store.putUpload(upload('big', 'u1'));
      expect(await store.bucketUsage('examplebucket')).toEqual({
        objectCount: 2,
        deleteMarkerCount: 0,
        storageBytes: 7,
        liveChannelCount: 1,
        multipartUploadCount: 1,
        multipartPartCount: 0,
      });
      await store.deleteObject('examplebucket', 'a', NOON_MS);
      await store.deleteChannel('examplebucket', 'door');
      await store.deleteUpload('u1');
      expect(await store.bucketUsage('examplebucket')).toEqual({
        objectCount: 1,
        deleteMarkerCount: 0,
        storageBytes: 3,
        liveChannelCount: 0,
        multipartUploadCount: 0,
        multipartPartCount: 0,
      });
    });

    test('keep their counts when they are put again', async () => {
      await store.putObject(object('a'));
      await store.putBucket(bucket({ acl: 'public-read' }));
      expect((await store.bucketUsage('examplebucket')).objectCount).toBe(1);
    });

    test('are deleted only when nothing is left in them', async () => {
      expect(await store.deleteBucket('another')).toBe('missing');
      await store.putObject(object('a'));
      await store.putChannel(channel('door'));
      await store.putUpload(upload('big', 'u1'));
      expect(await store.deleteBucket('examplebucket')).toBe('has-objects');
      await store.deleteObject('examplebucket', 'a', NOON_MS);
      expect(await store.deleteBucket('examplebucket')).toBe('has-channels');
      await store.deleteChannel('examplebucket', 'door');
      expect(await store.deleteBucket('examplebucket')).toBe('has-uploads');
      await store.deleteUpload('u1');
      expect(await store.deleteBucket('examplebucket')).toBe('deleted');
      expect(await store.getBucket('examplebucket')).toBeUndefined();
    });

    test('refuse what is put into them after they are gone', async () => {
      await store.deleteBucket('examplebucket');
      const refusal = { code: 'NoSuchBucket', details: { BucketName: 'examplebucket' } };
      await expect(store.putObject(object('a'))).rejects.toMatchObject(refusal);
      await expect(store.putFragment(...fragment(0))).rejects.toMatchObject(refusal);
      await expect(store.putChannel(channel('door'))).rejects.toMatchObject(refusal);
      await expect(store.putUpload(upload('big', 'u1'))).rejects.toMatchObject(refusal);
    });
  });

  describe('objects', () => {
    test('are read back as they were put', async () => {
      await store.putObject(object('a/b'));
      const bare = object('bare', { type: 'Symlink', acl: 'public-read', crc64: null, contentMd5: null, headers: {} });
      await store.putObject(bare);
      const restore = { tier: 'Bulk', readyMs: NOON_MS, expiresMs: NOON_MS + 1 } as const;
      const archived = object('archived', { restore, accessedMs: NOON_MS });
      await store.putObject(archived);
      expect(await store.getObject('examplebucket', 'archived')).toEqual(archived);
      expect(await store.getObject('examplebucket', 'a/b')).toEqual(object('a/b'));
      expect(await store.getObject('examplebucket', 'bare')).toEqual(bare);
      expect(await store.getObject('examplebucket', 'a')).toBeUndefined();
    });

    test('are found under exactly their key', async () => {
      const keys = ['a', 'A', 'é', 'e\u0301', 'a ', `a${firstCharacter}`, `a${firstCharacter}b`, '%61', "'", '🎥'];
      for (const key of keys) await store.putObject(object(key));
      for (const key of keys) expect(await store.getObject('examplebucket', key)).toEqual(object(key));
    });

    test('give back the location of the bytes they no longer need', async () => {
      const put = (location: string) => store.putObject(object('a', { location }));
      expect(await put('one')).toMatchObject({ replacedLocation: undefined, versionId: 'null' });
      expect(await put('two')).toMatchObject({ replacedLocation: 'one', versionId: 'null' });
      expect(await store.deleteObject('examplebucket', 'a', NOON_MS)).toEqual({ location: 'two' });
      expect(await store.deleteObject('examplebucket', 'a', NOON_MS)).toEqual({ location: undefined });
    });

    test('put at the same time under one key leave one row and give back every other location once', async () => {
      const locations = Array.from({ length: 50 }, (_, index) => `location-${index}`);
      const puts = await Promise.all(locations.map((location) => store.putObject(object('a', { location }))));
      const replaced = puts.map(({ replacedLocation }) => replacedLocation);
      const kept = await store.getObject('examplebucket', 'a');
      expect([...replaced, kept?.location].filter((location) => location !== undefined).sort()).toEqual(
        [...locations].sort(),
      );
      expect((await store.bucketUsage('examplebucket')).objectCount).toBe(1);
    });
  });

  describe('multipart uploads', () => {
    test('are read back, and refuse parts once they are gone', async () => {
      const record = upload('big', 'u1', { headers: { 'content-type': 'video/mp4' } });
      await store.putUpload(record);
      expect(await store.getUpload('u1')).toEqual(record);
      await store.deleteUpload('u1');
      expect(await store.getUpload('u1')).toBeUndefined();
      await expect(store.putPart(part('u1', 1))).rejects.toMatchObject({ code: 'NoSuchUpload' });
    });

    test('are listed by key, then upload id, and continued within a key', async () => {
      for (const [key, id] of [
        ['k1', 'u3'],
        ['k1', 'u1'],
        ['k2', 'u2'],
        ['k1', 'u2'],
        ['other', 'u0'],
      ] as const) {
        await store.putUpload(upload(key, `${key}-${id}`));
      }
      const ids = async (marker: string, uploadIdMarker: string, prefix = 'k') => {
        const query = { prefix, marker, uploadIdMarker, delimiter: '', limit: 10 };
        const page = await store.listUploads('examplebucket', query);
        return page.items.map((item) => ('upload' in item ? item.upload.uploadId : item.commonPrefix));
      };
      expect(await ids('', '')).toEqual(['k1-u1', 'k1-u2', 'k1-u3', 'k2-u2']);
      expect(await ids('k1', 'k1-u1')).toEqual(['k1-u2', 'k1-u3', 'k2-u2']);
      expect(await ids('k1', '')).toEqual(['k2-u2']);
      expect(await ids('k1', 'k1-u1', 'k2')).toEqual(['k2-u2']);
      const page = await store.listUploads('examplebucket', {
        ...EVERYTHING,
        uploadIdMarker: '',
        delimiter: '',
        limit: 1,
      });
      expect(page).toEqual({ items: [{ upload: upload('k1', 'k1-u1') }], truncated: true });
    });

    test('are sequential or not', async () => {
      await store.putUpload(upload('big', 'u1', { sequential: true }));
      await store.putUpload(upload('big', 'u2'));
      expect((await store.getUpload('u1'))?.sequential).toBe(true);
      const page = await store.listUploads('examplebucket', { ...EVERYTHING, uploadIdMarker: '', delimiter: '' });
      expect(page.items).toMatchObject([{ upload: { sequential: true } }, { upload: { sequential: false } }]);
    });

    test('have parts that replace each other and go with their upload', async () => {
      await store.putUpload(upload('big', 'u1'));
      await store.putUpload(upload('big', 'u2'));
      await store.putPart(part('u2', 1));
      expect(await store.putPart(part('u1', 10))).toBeUndefined();
      expect(await store.putPart(part('u1', 2, { location: 'first try' }))).toBeUndefined();
      expect(await store.putPart(part('u1', 2))).toBe('first try');
      expect(await store.listParts('u1', 0, 1)).toEqual({ items: [part('u1', 2)], truncated: true });
      expect(await store.listParts('u1', 2, 10)).toEqual({ items: [part('u1', 10)], truncated: false });
      expect(await store.deleteUpload('u1')).toEqual([part('u1', 2), part('u1', 10)]);
      expect((await store.listParts('u1', 0, 10)).items).toEqual([]);
      expect((await store.listParts('u2', 0, 10)).items).toEqual([part('u2', 1)]);
    });

    test('are completed or end, once', async () => {
      await store.putUpload(upload('big', 'u1'));
      const parts = [part('u1', 1), part('u1', 2)];
      for (const sent of parts) await store.putPart(sent);
      await store.putObject(object('big', { location: 'before' }));
      const joined = [part('u1', 1, { location: 'replaced meanwhile' })];
      await expect(store.completeUpload('u1', joined, object('big'))).rejects.toMatchObject({ code: 'InvalidPart' });
      expect(await store.getObject('examplebucket', 'big')).toMatchObject({ location: 'before' });
      const completed = await store.completeUpload('u1', parts.slice(1), object('big'));
      expect(completed).toEqual({ versionId: 'null', replacedLocation: 'before', parts });
      expect(await store.getUpload('u1')).toBeUndefined();
      const ended = { code: 'NoSuchUpload' };
      await expect(store.completeUpload('u1', parts, object('big'))).rejects.toMatchObject(ended);
      await expect(store.deleteUpload('u1')).rejects.toMatchObject(ended);
      await expect(store.putPart(part('u1', 3))).rejects.toMatchObject(ended);
      await expect(store.putPart(part('u1', 3), () => {})).rejects.toMatchObject(ended);
    });

    test('take a part as is decided on those that are there', async () => {
      await store.putUpload(upload('big', 'u1'));
      const last: number[] = [];
      for (const number of [1, 3]) await store.putPart(part('u1', number), (highest) => void last.push(highest));
      const refuse = () => {
        throw new Error('no');
      };
      await expect(store.putPart(part('u1', 4), refuse)).rejects.toThrow('no');
      expect(last).toEqual([0, 1]);
      expect((await store.listParts('u1', 0, 10)).items.map(({ partNumber }) => partNumber)).toEqual([1, 3]);
    });
  });

  describe('channels', () => {
    test('are read back and replaced', async () => {
      const snapshot = { roleName: 'role', destBucket: 'pictures', notifyTopic: 'topic', intervalSec: 7 };
      await store.putChannel(channel('door', { snapshot }));
      expect(await store.getChannel('examplebucket', 'door')).toEqual(channel('door', { snapshot }));
      await store.putChannel(channel('door', { status: 'disabled' }));
      expect(await store.getChannel('examplebucket', 'door')).toEqual(channel('door', { status: 'disabled' }));
      await store.deleteChannel('examplebucket', 'door');
      expect(await store.getChannel('examplebucket', 'door')).toBeUndefined();
    });

    test('are found by name in every bucket', async () => {
      await store.putBucket(bucket({ name: 'another' }));
      await store.putChannel(channel('door'));
      await store.putChannel(channel('door', { bucket: 'another' }));
      await store.putChannel(channel('doors'));
      expect((await store.findChannels('door')).map((found) => found.bucket)).toEqual(['another', 'examplebucket']);
      expect(await store.findChannels('window')).toEqual([]);
    });

    test('are listed in the order of their UTF-8 bytes', async () => {
      // U+FF5E comes before U+1F3A5 in UTF-8 and after it in UTF-16.
      const ascending = ['A', 'a', 'a-', 'aa', 'é', '门', '～', '🎥'];
      for (const name of [...ascending].reverse()) await store.putChannel(channel(name));
      const page = await store.listChannels('examplebucket', EVERYTHING);
      expect(page.items.map((item) => item.name)).toEqual(ascending);
      const rest = await store.listChannels('examplebucket', { prefix: '', marker: '门', limit: 1 });
      expect(rest).toEqual({ items: [channel('～')], truncated: true });
    });
  });

  describe('sessions', () => {
    test('are open until they end', async () => {
      await store.openSession(session('later', { startedMs: NOON_MS + 1 }));
      await store.openSession(session('earlier'));
      expect(await store.listOpenSessions()).toEqual([
        session('earlier'),
        session('later', { startedMs: NOON_MS + 1 }),
      ]);
      await store.endSession(session('earlier'), NOON_MS + 5000);
      expect((await store.listOpenSessions()).map((open) => open.id)).toEqual(['later']);
      const history = await store.listSessions('examplebucket', 'door', 'first', 10);
      expect(history).toEqual([session('earlier', { endedMs: NOON_MS + 5000 })]);
    });

    test('become the history of one incarnation: the latest, oldest first', async () => {
      for (let index = 0; index < 12; index++) {
        await store.openSession(session(`s${index}`, { startedMs: NOON_MS + index }));
        await store.endSession(session(`s${index}`), NOON_MS + index + 1);
      }
      await store.openSession(session('another', { incarnation: 'second', endedMs: NOON_MS }));
      const history = await store.listSessions('examplebucket', 'door', 'first', 10);
      expect(history.map((past) => past.id)).toEqual(Array.from({ length: 10 }, (_, index) => `s${index + 2}`));
    });
  });

  /** Of the channel `door`, by their start. */
  const list = (fromMs: number, toMs: number) =>
    timelineEntries(store, { sources: ['examplebucket/door'], by: 'start', fromMs, toMs });

  describe('fragments', () => {
    const listed = (fromIndex: number, toIndex: number) => list(NOON_MS + fromIndex * 1000, NOON_MS + toIndex * 1000);

    test('are read back with their object, both ends of a range included', async () => {
      for (const index of [3, 0, 2, 1]) await store.putFragment(...fragment(index));
      await store.putFragment(...fragment(1, { source: 'examplebucket/other' }));
      const [record] = fragment(2);
      expect(await store.getObject('examplebucket', record.key)).toEqual(record);
      expect((await listed(1, 2)).map((entry) => entry.sequence)).toEqual([1, 2]);
      expect(await listed(4, 9)).toEqual([]);
    });

    test('carry what a playlist needs', async () => {
      await store.putFragment(...fragment(0, { discontinuity: true, durationMs: 4004.333, sessionId: 'p "1"' }));
      const times = { startMs: NOON_MS, durationMs: 4004.333 };
      const entry = {
        ...times,
        sessionId: 'p "1"',
        sequence: 0,
        discontinuity: true,
        path: null,
        isGone: false,
        discontinuityCount: 1,
      };
      expect(await listed(0, 0)).toEqual([entry]);
      expect(await store.lastFragments('first/playlist.m3u8', 3)).toEqual([entry]);
    });

    test('each belong to the push they came from', async () => {
      const pushes = ['one', 'one', 'two', 'one'];
      for (const [index, sessionId] of pushes.entries()) await store.putFragment(...fragment(index, { sessionId }));
      const pushesOf = (entries: Awaited<ReturnType<typeof list>>) => entries.map(({ sessionId }) => sessionId);
      expect(pushesOf(await listed(0, 9))).toEqual(pushes);
      expect(pushesOf(await listed(0, 1))).toEqual(['one', 'one']);
      expect(pushesOf(await store.lastFragments('first/playlist.m3u8', 3))).toEqual(['one', 'two', 'one']);
    });

    test('die with their object, and when it is replaced', async () => {
      for (const index of [0, 1, 2]) await store.putFragment(...fragment(index));
      await store.deleteObject('examplebucket', fragment(0)[0].key, NOON_MS);
      await store.putObject({ ...fragment(1)[0], location: 'other bytes' });
      expect((await listed(0, 9)).map((entry) => entry.sequence)).toEqual([2]);
    });

    test('outlive a new ACL of their object', async () => {
      await store.putFragment(...fragment(0));
      await store.putObject({ ...fragment(0)[0], acl: 'public-read' });
      expect((await listed(0, 9)).map((entry) => entry.sequence)).toEqual([0]);
    });

    test('may be put again', async () => {
      await store.putFragment(...fragment(0));
      await store.putFragment(...fragment(0, { durationMs: 2000 }));
      expect((await listed(0, 9)).map((entry) => entry.durationMs)).toEqual([2000]);
    });

    test('leave nothing of an object behind when their index row is refused', async () => {
      await store.putFragment(...fragment(0));
      const sameStart = object('door/another-key.ts');
      await expect(store.putFragment(sameStart, fragment(0)[1])).rejects.toThrow();
      expect(await store.getObject('examplebucket', sameStart.key)).toBeUndefined();
      expect(await store.bucketUsage('examplebucket')).toMatchObject({ objectCount: 1, storageBytes: 3 });
    });

    test('are windowed per live playlist', async () => {
      for (const index of [0, 1, 2, 3]) await store.putFragment(...fragment(index));
      await store.putFragment(...fragment(4, { playlistId: 'first/other.m3u8', sequence: 0 }));
      const last = (playlistId: string) => store.lastFragments(playlistId, 2);
      expect((await last('first/playlist.m3u8')).map((entry) => entry.sequence)).toEqual([2, 3]);
      expect((await last('first/other.m3u8')).map((entry) => entry.startMs)).toEqual([NOON_MS + 4000]);
      expect(await last('first/unknown.m3u8')).toEqual([]);
    });

    test('number their live playlist for good', async () => {
      expect(await store.nextSequence('first/playlist.m3u8')).toBe(0);
      for (const index of [0, 1, 2]) await store.putFragment(...fragment(index));
      for (const index of [0, 1, 2]) await store.deleteObject('examplebucket', fragment(index)[0].key, NOON_MS);
      expect(await store.nextSequence('first/playlist.m3u8')).toBe(3);
      await store.putFragment(...fragment(1));
      expect(await store.nextSequence('first/playlist.m3u8')).toBe(3);
      expect(await store.nextSequence('first/other.m3u8')).toBe(0);
    });

    test('count the discontinuities of their live playlist for good, each once', async () => {
      const counts = async (limit = 100) =>
        (await store.lastFragments('first/playlist.m3u8', limit)).map(({ discontinuityCount }) => discontinuityCount);
      for (const index of [0, 1, 2, 3]) {
        await store.putFragment(...fragment(index, { discontinuity: index === 1 || index === 3 }));
      }
      await store.putFragment(...fragment(4, { playlistId: 'first/other.m3u8', sequence: 0, discontinuity: true }));
      expect(await counts()).toEqual([0, 1, 1, 2]);
      for (const index of [0, 1, 2, 3]) await store.deleteObject('examplebucket', fragment(index)[0].key, NOON_MS);
      await store.putFragment(...fragment(3, { discontinuity: true }));
      await store.putFragment(...fragment(5));
      expect(await counts()).toEqual([2, 2]);
      expect(await store.lastFragments('first/other.m3u8', 9)).toMatchObject([{ discontinuityCount: 1 }]);
    });

    test('tell the first start from a time on that is free', async () => {
      const free = (ms: number) => store.freeFragmentStart('examplebucket/door', NOON_MS + ms);
      expect(await free(0)).toBe(NOON_MS);
      for (const ms of [0, 1, 2, 4]) {
        await store.putFragment(...fragment(ms, { startMs: NOON_MS + ms }));
      }
      expect(await free(-1)).toBe(NOON_MS - 1);
      expect(await free(0)).toBe(NOON_MS + 3);
      expect(await free(2)).toBe(NOON_MS + 3);
      expect(await free(4)).toBe(NOON_MS + 5);
      expect(await store.freeFragmentStart('examplebucket/other', NOON_MS)).toBe(NOON_MS);
    });

    test('of one push are told in order, those of others in its playlist are not', async () => {
      for (const index of [5, 1, 3]) await store.putFragment(...fragment(index));
      await store.putFragment(...fragment(2, { sessionId: 'another' }));
      await store.putFragment(...fragment(4, { playlistId: 'second/playlist.m3u8' }));
      const found = await store.sessionFragments('first/playlist.m3u8', 'a-push');
      expect(found.map(({ sequence }) => sequence)).toEqual([1, 3, 5]);
    });

    test('are in the order of recording where the clock was set back, a push in one piece', async () => {
      const put = (startSec: number, sequence: number, fields: Partial<FragmentRecord> = {}) =>
        store.putFragment(...fragment(startSec, { sequence, ...fields }));
      for (const [sequence, startSec] of [0, 5, 10, 2, 7, 12].entries()) await put(startSec, sequence);
      for (const [index, startSec] of [3, 8].entries()) await put(startSec, 6 + index, { sessionId: 'b-push' });
      const other = { sessionId: 'c-push', playlistId: 'first/other.m3u8' };
      for (const [sequence, startSec] of [4, 9].entries()) await put(startSec, sequence, other);
      const seconds = async (fromSec: number, toSec: number) =>
        (await listed(fromSec, toSec)).map(({ startMs }) => (startMs - NOON_MS) / 1000);
      expect(await seconds(0, 20)).toEqual([0, 5, 10, 2, 7, 12, 3, 8, 4, 9]);
      expect(await seconds(5, 10)).toEqual([5, 10, 7, 8, 9]);
    });

    test('tell the latest start in the folder', async () => {
      expect(await store.lastFragmentStart('examplebucket/door')).toBeUndefined();
      await store.putFragment(...fragment(7));
      await store.putFragment(...fragment(2, { sessionId: 'another' }));
      expect(await store.lastFragmentStart('examplebucket/door')).toBe(NOON_MS + 7000);
    });
  });

  describe('a recording', () => {
    const push = { ...session('past', { startedMs: NOON_MS }), endedMs: NOON_MS + 9_000 };
    const recording = {
      session: push,
      playlistId: 'first/playlist.m3u8',
      headers: { 'content-type': 'video/MP2T' },
      fragments: [0, 1, 2].map((index) => ({
        startMs: NOON_MS + index * 3_000,
        durationMs: 2_999.5,
        sequence: index,
        discontinuity: index === 0,
        sizeBytes: 188,
        location: `made/${index}`,
      })),
    };

    test('is stored as if it had been pushed', async () => {
      await store.putRecording(recording);
      const found = await list(NOON_MS + 1, NOON_MS + 6_000);
      expect(found.map(({ startMs, durationMs, sequence }) => [startMs, durationMs, sequence])).toEqual([
        [NOON_MS + 3_000, 2_999.5, 1],
        [NOON_MS + 6_000, 2_999.5, 2],
      ]);
      const stored = await store.getObject('examplebucket', `door/${NOON_MS}.ts`);
      expect(stored).toMatchObject({ sizeBytes: 188, location: 'made/0', headers: recording.headers, type: 'Normal' });
      expect(stored?.etag).toMatch(/^[0-9A-F]{32}$/);
      expect(stored?.lastModifiedMs).toBe(NOON_MS + 2_999);
      expect(found.map(({ discontinuityCount }) => discontinuityCount)).toEqual([1, 1]);
      expect(await store.nextSequence(recording.playlistId)).toBe(3);
      expect(await store.listSessions('examplebucket', 'door', 'first', 10)).toEqual([push]);
      expect(await store.bucketUsage('examplebucket')).toMatchObject({ objectCount: 3, storageBytes: 3 * 188 });
      await store.deleteObject('examplebucket', `door/${NOON_MS}.ts`, NOON_MS);
      expect(await list(0, NOON_MS)).toEqual([]);
    });

    test('is stored whole or not at all', async () => {
      await store.putFragment(...fragment(3));
      await expect(store.putRecording(recording)).rejects.toThrow();
      expect(await store.listSessions('examplebucket', 'door', 'first', 10)).toEqual([]);
      expect(await store.bucketUsage('examplebucket')).toMatchObject({ objectCount: 1 });
      const nowhere = { ...recording, session: { ...push, bucket: 'no-such-bucket' } };
      await expect(store.putRecording(nowhere)).rejects.toMatchObject({ code: 'NoSuchBucket' });
    });
  });

  describe('clearing', () => {
    beforeEach(async () => {
      for (const name of ['examplebucket', 'other']) {
        await store.putBucket(bucket({ name }));
        await store.putObject(object('a', { bucket: name }));
        await store.putChannel(channel('door', { bucket: name }));
        await store.openSession(session(`push-${name}`, { bucket: name }));
        await store.putUpload({ ...upload('big', `upload-${name}`), bucket: name });
        await store.putPart(part(`upload-${name}`, 1));
      }
      await store.putFragment(...fragment(0));
    });

    test('a bucket leaves it empty and the others alone', async () => {
      const before = await store.bucketUsage('other');
      const named = ['at/a', fragment(0)[0].location, 'part/upload-examplebucket/1'];
      expect((await store.clear('examplebucket')).toSorted()).toEqual(named.toSorted());
      const empty = {
        objectCount: 0,
        deleteMarkerCount: 0,
        storageBytes: 0,
        liveChannelCount: 0,
        multipartUploadCount: 0,
        multipartPartCount: 0,
      };
      expect(await store.bucketUsage('examplebucket')).toEqual(empty);
      expect(await list(0, NOON_MS)).toEqual([]);
      expect(await store.bucketUsage('other')).toEqual(before);
      expect((await store.listOpenSessions()).map(({ id }) => id)).toEqual(['push-other']);
    });

    test('everything leaves nothing', async () => {
      const parts = ['part/upload-examplebucket/1', 'part/upload-other/1'];
      const named = ['at/a', 'at/a', fragment(0)[0].location];
      expect((await store.clear()).toSorted()).toEqual(named.concat(parts).toSorted());
      expect(await store.listBuckets(EVERYTHING)).toEqual({ items: [], truncated: false });
      expect(await store.listOpenSessions()).toEqual([]);
      expect(await store.getUpload('upload-other')).toBeUndefined();
      expect(await store.nextSequence('first/playlist.m3u8')).toBe(0);
      await store.putBucket(bucket());
      expect(await store.bucketUsage('examplebucket')).toMatchObject({ objectCount: 0, storageBytes: 0 });
      await store.putFragment(...fragment(0));
    });
  });
}
