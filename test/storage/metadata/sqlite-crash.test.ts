import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { timelineEntries } from '../../../src/storage/metadata/timeline-entries.ts';
import { findSqlite } from '../../../src/storage/sqlite/find-sqlite.ts';
import { bucket, fragment, NOON_MS, object } from '../../contract/metadata-records.ts';
import { compileSources, killAfterLines, startScript } from './child-process.ts';

/** Puts a fragment, then the playlist, and prints the sequence number when both are acknowledged; until it is killed. */
const WRITER = `
import { writeSync } from 'node:fs';
import { openSqliteStore } from './storage/metadata/sqlite.js';
const [, , path, object, fragment, playlist] = process.argv;
const store = await openSqliteStore({ path });
const [fragmentObject, row, playlistObject] = [object, fragment, playlist].map((text) => JSON.parse(text));
for (let sequence = await store.nextSequence(row.playlistId); ; sequence++) {
  const startMs = row.startMs + sequence * 1000;
  await store.putFragment({ ...fragmentObject, key: 'door/' + startMs + '.ts' }, { ...row, startMs, sequence });
  await store.putObject({ ...playlistObject, location: 'playlist-' + sequence });
  writeSync(1, sequence + '\\n');
}
`;

let compiled: string;
beforeAll(async () => {
  compiled = await compileSources('storage/metadata/sqlite.ts');
});
afterAll(() => rm(compiled, { recursive: true }));

test('a process killed while it writes loses nothing it has acknowledged', async () => {
  const path = join(compiled, 'killed.sqlite');
  const first = await openSqliteStore({ path });
  await first.putBucket(bucket());
  await first.close();

  const [fragmentObject, row] = fragment(0);
  const records = [fragmentObject, row, object('door/playlist.m3u8')].map((record) => JSON.stringify(record));
  for (const [round, linesBeforeKill] of [1, 40, 700].entries()) {
    const lines = await killAfterLines(await startScript(compiled, WRITER, path, ...records), linesBeforeKill);
    const acknowledged = Number(lines.at(-1));
    expect(acknowledged, `round ${round}`).toBeGreaterThanOrEqual(lines.length - 1);
    await expectWholeUpTo(path, acknowledged);
  }
});

/** At most one fragment more than acknowledged: the one that was being stored. */
async function expectWholeUpTo(path: string, acknowledged: number): Promise<void> {
  const raw = (await findSqlite()).open(path, 0);
  expect(raw.prepare('pragma integrity_check').all([])).toEqual([{ integrity_check: 'ok' }]);
  expect(raw.prepare('pragma foreign_key_check').all([])).toEqual([]);
  raw.close();

  const store = await openSqliteStore({ path });
  const fragments = await timelineEntries(store, {
    sources: ['examplebucket/door'],
    by: 'start',
    fromMs: NOON_MS,
    toMs: Number.MAX_SAFE_INTEGER,
  });
  expect([acknowledged + 1, acknowledged + 2]).toContain(fragments.length);
  expect(fragments.map((entry) => entry.sequence)).toEqual(fragments.map((_, index) => index));
  expect(await store.nextSequence('first/playlist.m3u8')).toBe(fragments.length);
  for (const { startMs } of fragments) {
    expect(await store.getObject('examplebucket', `door/${startMs}.ts`)).toBeDefined();
  }
  const playlist = await store.getObject('examplebucket', 'door/playlist.m3u8');
  expect([`playlist-${acknowledged}`, `playlist-${acknowledged + 1}`]).toContain(playlist?.location);
  expect(await store.bucketUsage('examplebucket')).toMatchObject({
    objectCount: fragments.length + 1,
    storageBytes: 3 * (fragments.length + 1),
  });
  await store.close();
}
