/** The auditor of `npm run crash` finds what it is there to find. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { restartedFolderViolations } from '../../scripts/crash/audit/auditor.ts';
import { orphansOf } from '../../scripts/crash/audit/bytes.ts';
import { channelViolations } from '../../scripts/crash/audit/channels.ts';
import { contentViolations } from '../../scripts/crash/audit/contents.ts';
import { withSnapshot } from '../../scripts/crash/audit/snapshot.ts';
import { streamViolations } from '../../scripts/crash/audit/streams.ts';
import { uploadViolations } from '../../scripts/crash/audit/uploads.ts';
import { versionViolations } from '../../scripts/crash/audit/versions.ts';
import { Client } from '../../scripts/crash/client.ts';
import { Ledger } from '../../scripts/crash/ledger.ts';
import { restoreKeptFolder } from '../../scripts/data-folder/kept-folder.ts';
import { Emulator } from '../../src/emulator/emulator.ts';
import { temporaryFolder } from '../e2e/command.ts';
import { damageTable } from './damage.ts';

const KEPT = join(import.meta.dirname, '../../fixtures/data-folders/0.1.0');

describe('of a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    await restoreKeptFolder(KEPT, folder);
  });

  const inDatabase = (statement: string) => {
    const database = new Database(join(folder, 'metadata.sqlite'));
    database.pragma('foreign_keys = off');
    database.exec(statement);
    database.close();
  };

  it('finds the push that was open when it was copied, and nothing else', () => {
    expect(restartedFolderViolations(folder)).toEqual([expect.stringContaining('a push is still open')]);
    expect(withSnapshot(folder, orphansOf)).toEqual([]);
  });

  it.each([
    ['update sessions set endedMs = startedMs - 1', 'a push ends before it starts'],
    ['update buckets set objectCount = objectCount + 1', 'the counters of a bucket are wrong'],
    ["update objects set isCurrent = 0 where key = 'empty'", 'a key has not exactly one current version'],
    ["update objects set location = 'examplebucket/cold' where key = 'empty'", 'two rows have the same bytes'],
    ["update objects set sizeBytes = 1 where key = 'empty'", 'its row says 1'],
    ["update objects set etag = 'X' where key = 'cold'", 'has not the bytes of its ETag'],
    ["update objects set crc64 = '1' where key = 'cold'", 'has not the bytes of its CRC-64'],
    ['update livePlaylists set nextSequence = 0', 'a number of a playlist could be given twice'],
    ['update fragments set durationMs = 0', 'a fragment has no duration'],
    ["delete from objects where key like 'door/%.ts' and id in (select objectId from fragments)", 'foreign_key_check'],
    ["delete from buckets where name = 'versioned'", 'a bucket that is not there'],
    ["update uploads set bucket = 'versioned'", 'the counters of a bucket are wrong'],
  ])('finds %s', (statement, violation) => {
    inDatabase(`drop trigger objectsAdded; drop trigger objectsResized; drop trigger channelFragmentsGo; ${statement}`);
    expect(restartedFolderViolations(folder).join('\n')).toContain(violation);
  });

  it('finds bytes that are gone, and bytes that no row names', async () => {
    await rm(join(folder, 'objects/examplebucket/cold'));
    await writeFile(join(folder, 'objects/examplebucket/other'), 'bytes');
    expect(restartedFolderViolations(folder).join('\n')).toContain('examplebucket/cold null has no bytes');
    expect(withSnapshot(folder, orphansOf)).toEqual(['examplebucket/other']);
  });

  it('finds a page of the database that is damaged', async () => {
    await damageTable(join(folder, 'metadata.sqlite'), 'fragmentsByPlaylist');
    expect(restartedFolderViolations(folder)[0]).toMatch(/^integrity_check: (?!ok)/);
  });
});

describe('of answers', () => {
  async function running(): Promise<Client> {
    const dataDir = await temporaryFolder();
    await restoreKeptFolder(KEPT, dataDir);
    const options = {
      host: '127.0.0.1',
      port: 0,
      rtmpPort: undefined,
      webrtcPort: 0,
      auth: 'off',
      buckets: [],
    } as const;
    const emulator = new Emulator({ ...options, dataDir });
    const client = new Client((await emulator.start()).port);
    onTestFinished(() => emulator.stop());
    onTestFinished(() => client.close());
    return client;
  }

  it('finds what was acknowledged and is not there, and what is there and was deleted', async () => {
    const client = await running();
    const ledger = new Ledger();
    ledger.object('/examplebucket/lost').settle({ kind: 'bytes', bytes: Buffer.from('lost') });
    ledger.object('/examplebucket/cold').settle(undefined);
    ledger.object('/examplebucket/notes/a.txt').settle({ kind: 'bytes', bytes: Buffer.from('another note') });
    ledger.object('/examplebucket/link').settle({ kind: 'symlink', target: 'elsewhere' });
    ledger.object('/examplebucket/empty').settle({ kind: 'bytes', bytes: Buffer.alloc(0) });
    const found = await contentViolations(client, ledger);
    expect(found.map((violation) => violation.split(',')[0])).toEqual([
      '/examplebucket/lost is absent',
      expect.stringMatching(/^\/examplebucket\/cold is 4 bytes/),
      expect.stringMatching(/^\/examplebucket\/notes\/a.txt is 6 bytes/),
      '/examplebucket/link is a link to notes/a.txt',
    ]);
    expect(await contentViolations(client, ledger)).toEqual([]);
  });

  it('takes either state of a change that was under way, and no third', async () => {
    const client = await running();
    const ledger = new Ledger();
    const under = (path: string, before: string, after: string) =>
      ledger
        .object(path)
        .change({ kind: 'bytes', bytes: Buffer.from(before) }, async () => {})
        .then(() => ledger.object(path).change({ kind: 'bytes', bytes: Buffer.from(after) }, () => Promise.reject()))
        .catch(() => {});
    await under('/examplebucket/cold', 'cold', 'warm');
    expect(await contentViolations(client, ledger)).toEqual([]);
    await under('/examplebucket/cold', 'warm', 'cold');
    expect(await contentViolations(client, ledger)).toEqual([]);
    await under('/examplebucket/cold', 'warm', 'hot');
    expect(await contentViolations(client, ledger)).toHaveLength(1);
  });

  it('finds versions, uploads, parts, channels and index files that are not as acknowledged', async () => {
    const client = await running();
    const ledger = new Ledger();
    ledger.versionedKey('page').versions = [{ versionId: 'another', md5: 'X' }];
    const part = new Map([[1, Buffer.from('another part')]]);
    const { text } = await client.oss('GET', '/examplebucket', { query: { uploads: '' } });
    const uploadId = /<UploadId>(\w+)</.exec(text)?.[1] ?? '';
    ledger.uploads.set(uploadId, { key: 'unfinished', uploadId, parts: part, state: 'open' });
    ledger.uploads.set('GONE', { key: 'unfinished', uploadId: 'GONE', parts: new Map(), state: 'open' });
    const door = ledger.channel('door');
    door.exists.settle(true);
    door.status.settle('disabled');
    door.told.add('door/1.ts');
    ledger.channel('deleted').exists.settle(true);
    ledger.channel('disabled').exists.settle(false);
    ledger.records.set('a-record', 'index/gone.m3u8');
    expect(await versionViolations(client, ledger)).toEqual([expect.stringContaining('versions of page are')]);
    expect(await uploadViolations(client, ledger)).toEqual([
      `part 1 of the upload ${uploadId} is gone`,
      'the upload GONE of unfinished is gone',
    ]);
    expect(await channelViolations(client, ledger)).toEqual([
      'channel door: door/1.ts, which an event told of, answers 404',
      'channel door: is enabled, but was acknowledged as disabled',
      'channel deleted: is gone',
      'channel disabled: is there again',
      'channel disabled: is disabled, but was acknowledged as enabled',
    ]);
    expect(await streamViolations(client, ledger)).toEqual([expect.stringContaining('index/gone.m3u8')]);
  });

  it('finds a playlist that does not name the newest fragments', async () => {
    const client = await running();
    const ledger = new Ledger();
    ledger.channel('door').exists.settle(true);
    const { text } = await client.oss('GET', '/examplebucket/door/playlist.m3u8');
    await client.oss('PUT', '/examplebucket/door/playlist.m3u8', { body: text.replace(/#EXTINF.*\n.*\n$/, '') });
    expect(await channelViolations(client, ledger)).toEqual([
      expect.stringMatching(/^channel door: the live playlist names \S+, the newest fragments are/),
    ]);
  });
});
