import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { UsageError } from '../../src/index.ts';
import { explainStart } from '../../src/storage/make-data-folder.ts';
import { findSqlite } from '../../src/storage/sqlite/find-sqlite.ts';

it('a database that another program holds ends a start with one sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'held-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const driver = await findSqlite();
  const [holder, late] = [1, 2].map(() => driver.open(join(folder, 'metadata.sqlite'), 0));
  holder?.exec('begin exclusive');
  let failure: unknown;
  try {
    late?.exec('begin immediate');
  } catch (error) {
    failure = explainStart(error, folder);
  }
  holder?.close();
  late?.close();
  expect(failure).toBeInstanceOf(UsageError);
  expect(String(failure)).toContain('another program holds the database: end it (database is locked)');
});
