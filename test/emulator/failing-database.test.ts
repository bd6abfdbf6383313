/** What a running node says of a PostgreSQL that is away, read-only, or of a newer version. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { controlOf } from '../support/control.ts';
import { startTestEmulator } from '../support/emulator.ts';
import { POSTGRES, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { describeWith } from '../support/tools.ts';

describeWith([POSTGRES], 'a node whose PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop('immediate'));

  async function startNode() {
    const metadata = await server.createDatabase();
    const awaited = new Map<string, () => void>();
    const log = createLog(
      'info',
      (line) => {
        for (const [text, tell] of awaited) if (line.includes(text)) tell();
      },
      Date.now,
    );
    const { endpoint } = await startTestEmulator({ metadata }, { log });
    const logged = (text: string) => new Promise<void>((resolve) => awaited.set(text, resolve));
    const database = metadata.split('/').at(-1) ?? '';
    const run = (statement: string) => server.execute(statement, database);
    return { control: controlOf({ endpoint }), endpoint, database, run, logged };
  }

  it('is newer gets no new connections of a proxy, and is not ready', async () => {
    const { control, endpoint, run, logged } = await startNode();
    expect(await control('health', '/health?draining=404')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const noticed = logged('database.newer');
    await run("insert into kysely_migration (name, timestamp) values ('9999 of a newer version', '')");
    await noticed;
    const asked = await fetch(`${endpoint}/_emulator/health?draining=404`);
    expect([asked.status, await asked.json()]).toMatchObject([404, { status: 'draining' }]);
    expect(await control('health', '/health')).toMatchObject({ status: 200, body: { status: 'draining' } });
    expect(await control('ready', '/ready')).toMatchObject({ status: 503, body: { ready: false, draining: true } });
  });

  it('is read-only is not ready, and says why', async () => {
    const { control, database, run } = await startNode();
    expect(await control('ready', '/ready')).toMatchObject({ status: 200, body: { ready: true } });
    await run(`alter database ${database} set default_transaction_read_only = on`);
    await run(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    // The check before is kept for a moment.
    const said = async () => JSON.stringify(await control('ready', '/ready'));
    await expect
      .poll(said, { timeout: 45_000 })
      .toMatch(/"status":503,.*"metadata","state":"failed".*PostgreSQL is read-only/);
  });

  it('is away says so when lifecycle rules are to be executed', async () => {
    const { control } = await startNode();
    const run = () => control('runLifecycle', '/lifecycle/run', {});
    expect(await run()).toMatchObject({ status: 200, body: { buckets: [] } });
    await server.stop('immediate');
    const answer = await run();
    await server.start();
    expect(answer).toMatchObject({
      status: 503,
      body: { error: expect.stringContaining('PostgreSQL cannot be reached') },
    });
  });
});
