import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { bucket, fragment, NOON_MS, object, part, upload } from '../../contract/metadata-records.ts';

async function openIn() {
  const folder = await mkdtemp(join(tmpdir(), 'locations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'metadata.sqlite');
  const metadata = await openSqliteStore({ path });
  onTestFinished(() => metadata.close());
  await metadata.putBucket(bucket({ configurations: { versioning: '{"status":"Enabled"}' } }));
  return { path, metadata };
}

it('every location that a row names is given once: of objects, covered versions, fragments and parts', async () => {
  const { metadata } = await openIn();
  await metadata.putObject(object('k', { location: 'b/1' }));
  await metadata.putObject(object('k', { location: 'b/2' }));
  await metadata.deleteObject('examplebucket', 'k', NOON_MS);
  const [fragmentObject, row] = fragment(0);
  await metadata.putFragment({ ...fragmentObject, location: 'b/3.ts' }, row);
  await metadata.putUpload(upload('big', 'u1'));
  const parts = Array.from({ length: 1100 }, (_, n) => part('u1', n + 1, { location: `b/part-${n}` }));
  for (const one of parts) await metadata.putPart(one);
  const found: string[] = [];
  for await (const some of metadata.locations()) found.push(...some.map(({ location }) => location));
  expect(found.toSorted()).toEqual(['b/1', 'b/2', 'b/3.ts', ...parts.map(({ location }) => location)].toSorted());
});

it('no other column of the database names a location', async () => {
  const { path } = await openIn();
  const database = new Database(path, { readonly: true });
  onTestFinished(() => {
    database.close();
  });
  const columns = database
    .prepare(
      `select tables.name || '.' || columns.name from sqlite_schema as tables, pragma_table_info(tables.name) as columns
       where tables.type = 'table' and columns.name like '%location%' order by 1`,
    )
    .pluck()
    .all();
  expect(columns).toEqual(['objects.location', 'parts.location']);
});
