import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { openSharedLeases } from '../../src/emulator/shared-leases.ts';
import { openPostgresStore } from '../../src/storage/metadata/postgres.ts';
import { POSTGRES, testPostgres } from '../support/postgres.ts';
import { describeWith } from '../support/tools.ts';

const BOUNDS = { retentionMs: 60_000, maxMessages: 10, maxBytes: 1_000 };

describeWith([POSTGRES], 'what nodes have together', () => {
  it('messages that wait for the database do not delay the renewal of a lease', async () => {
    const url = await (await testPostgres()).createDatabase();
    await (await openPostgresStore({ url, log: silentLog })).close();
    const parts = { config: defaultConfig({}), log: silentLog, followClock() {} };
    const { leases, messageQueues } = await openSharedLeases(parts, { url, outages: undefined });
    const locking = new pg.Client({ connectionString: url });
    await locking.connect();
    onTestFinished(async () => {
      await locking.end();
      await messageQueues.close();
      await leases.close();
    });
    await locking.query('begin');
    await locking.query('lock table "queueMessages"');
    const message = { id: 'm', body: '', priority: 8, enqueuedMs: 0, nextVisibleMs: 0 };
    const sent = Array.from({ length: 24 }, () => messageQueues.add('q', message, BOUNDS));
    await leases.renewAll();
    await locking.query('commit');
    await Promise.all(sent);
    expect(await messageQueues.take('q', 1, 1, 60_000, undefined)).toHaveLength(1);
  }, 60_000);
});
