import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { UsageError } from '../../src/index.ts';
import { logFailure } from '../../src/storage/machine-fault.ts';
import { explainStart } from '../../src/storage/make-data-folder.ts';
import { StoreUnavailable } from '../../src/storage/objects/object-store.ts';
import { findSqlite } from '../../src/storage/sqlite/find-sqlite.ts';
import { keptLog } from '../support/kept-log.ts';
import { withResolvers } from '../support/with-resolvers.ts';

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

const failing = (outage: StoreUnavailable['outage']) =>
  Object.assign(new StoreUnavailable('PUT: no answer', { what: 'its object store does not answer' }), { outage });

it.each([
  { what: 'an outage', error: failing(true), level: 'debug' },
  { what: 'no outage', error: failing(false), level: 'warn' },
  { what: 'no store', error: new Error('ENOSPC'), level: 'warn' },
])('what has failed is told at once, at the level of its kind: $what', ({ error, level }) => {
  const { log, lines } = keptLog();
  logFailure(log, 'warn', error, 'upkeep.failed', { what: 'it' });
  expect(lines).toEqual([`${level.padEnd(5)} upkeep.failed what=it`]);
});

it.each([
  { isOutage: true, level: 'debug' },
  { isOutage: false, level: 'error' },
])('what has failed while its store is asked is told when that is known: an outage is $isOutage', async (found) => {
  const { log, lines } = keptLog();
  const { promise, resolve } = withResolvers<boolean>();
  logFailure(log, 'error', failing(promise), 'machine.fault', { reason: 'away' });
  expect(lines).toEqual([]);
  resolve(found.isOutage);
  await promise;
  expect(lines).toEqual([`${found.level} machine.fault reason=away`]);
});
