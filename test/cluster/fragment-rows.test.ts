/** The auditor of `npm run cluster` finds what it is there to find. */
import { beforeAll, expect, it } from 'vitest';
import { databaseViolations } from '../../scripts/cluster/audit/fragment-rows.ts';
import { startTestEmulator } from '../support/emulator.ts';
import { POSTGRES, type PostgresServer, testPostgres } from '../support/postgres.ts';
import { describeWith } from '../support/tools.ts';

/** Two pushes of a channel, one after the other, with two fragments each. */
const HISTORY = `
  insert into channels values ('examplebucket', 'cam', 'i', '', 'enabled', 2, 3, 'playlist.m3u8', null, 0);
  insert into "livePlaylists" (id, "nextSequence") values ('p', 4);
  insert into sessions (id, bucket, channel, incarnation, "startedMs", "endedMs", "remoteAddr", "playlistName")
    select 's' || n, 'examplebucket', 'cam', 'i', n * 1000, n * 1000 + 900, '127.0.0.1:1', 'playlist.m3u8' from generate_series(1, 2) n;
  insert into fragments (source, "startMs", "uploadedMs", "durationMs", "sessionId", playlist, sequence, discontinuity, path)
    select 'examplebucket/cam', n * 500, n * 500, 500, 's' || n / 2, (select number from "livePlaylists" where id = 'p'), n - 2, 0, 'x'
      from generate_series(2, 5) n`;

describeWith([POSTGRES], 'the rows of a cluster', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await testPostgres();
  });

  async function databaseWith(...statements: readonly string[]): Promise<readonly string[]> {
    const metadata = await server.createDatabase();
    const database = new URL(metadata).pathname.slice(1);
    const { emulator } = await startTestEmulator({ metadata });
    await emulator.stop();
    for (const statement of [HISTORY, ...statements]) await server.execute(statement, database);
    return databaseViolations(server, database);
  }

  it('are right when two pushes follow each other', async () => {
    expect(await databaseWith()).toEqual([]);
  });

  it.each([
    ['update fragments set sequence = 9 where sequence = 2', 'a number of a playlist is missing'],
    [
      'update fragments set sequence = 12 - sequence; update "livePlaylists" set "nextSequence" = 20',
      'numbers go back',
    ],
    [`update fragments set "sessionId" = 's2' where sequence = 0`, 'two pushes are in one playlist by turns'],
    [`update fragments set "sessionId" = 's3' where sequence = 3`, 'not in the history'],
    ['update "livePlaylists" set "nextSequence" = 3', 'a number of a playlist could be given twice'],
    [`update sessions set "endedMs" = null where id = 's2'`, 'a push is still open'],
    ['update fragments set "durationMs" = 0', 'a fragment has no duration'],
  ])('are wrong after %s', async (statement, violation) => {
    expect((await databaseWith(statement)).join('\n')).toContain(violation);
  });
});
