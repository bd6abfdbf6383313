import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { ManualClock, systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { LeaseLost } from '../../../src/storage/leases/lease-lost.ts';
import {
  type Fence,
  type Lease,
  type LeaseHolder,
  RESET_LEASE,
  type Seen,
} from '../../../src/storage/leases/leases.ts';
import type { LeaseTables } from '../../../src/storage/leases/postgres/lease-statements.ts';
import { PostgresLeases, type PostgresLeasesOptions } from '../../../src/storage/leases/postgres-leases.ts';
import { migratePostgres } from '../../../src/storage/metadata/postgres/migrate-postgres.ts';
import { openPostgresStore } from '../../../src/storage/metadata/postgres.ts';
import { checked } from '../../../src/storage/metadata/sql/check-fence.ts';
import type { Tables } from '../../../src/storage/metadata/sql/tables.ts';
import { timelineEntries } from '../../../src/storage/metadata/timeline-entries.ts';
import { connectPostgres } from '../../../src/storage/postgres/connect.ts';
import { leasesContract } from '../../contract/leases.ts';
import { bucket, fragment } from '../../contract/metadata-records.ts';
import { listenDuringTest } from '../../support/listen.ts';
import { losingAnswersTo } from '../../support/losing-answers.ts';
import { POSTGRES, type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { describeWith } from '../../support/tools.ts';

const SOURCE = 'examplebucket/door';

describeWith([POSTGRES], 'leases in PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let db: Kysely<Tables>;

  beforeAll(async () => {
    server = await startPostgres();
    url = await server.createDatabase();
    db = await connectPostgres<Tables>({ url, log: silentLog });
    await migratePostgres(db);
  }, 60_000);

  afterAll(async () => {
    await db?.destroy();
    await server?.stop('immediate');
  });

  /** A node of an empty database. */
  async function only(): Promise<PostgresLeases> {
    await sql`truncate nodes, leases`.execute(db);
    return node('only');
  }

  async function node(
    name: string,
    options: Partial<PostgresLeasesOptions> = {},
    holder: Partial<LeaseHolder> = {},
  ): Promise<PostgresLeases> {
    const own = options.db ?? (await connectPostgres<LeaseTables>({ url, log: silentLog }));
    const leases = new PostgresLeases({ db: own, clock: systemClock, log: silentLog, name, ...options });
    leases.attach({ stateOf: () => undefined, lose() {}, end() {}, ...holder });
    onTestFinished(() => leases.close());
    await leases.readTime();
    await leases.announce();
    return leases;
  }

  leasesContract(only);

  /** As if its node had stopped long ago. */
  const end = (source: string) =>
    sql`update leases set "expiresAt" = clock_timestamp() - interval '1 second' where source = ${source}`.execute(db);

  const write = (fence: Fence | undefined) => db.transaction().execute(checked(fence, async () => 'written'));

  async function hold(leases: PostgresLeases, source = SOURCE): Promise<Lease> {
    const { lease } = await leases.acquire({ source, sessionId: `push of ${leases.owner}` });
    if (!lease) throw new Error(`${source} is held`);
    return lease;
  }

  it('one that has ended is taken over, and then its old owner can neither write, renew nor release', async () => {
    const one = await only();
    const lost: string[] = [];
    const other = await node('other', {}, { lose: (source) => lost.push(source) });
    const before = await hold(other);
    expect(await write(before.fence)).toBe('written');
    await end(SOURCE);
    await expect(write(before.fence)).rejects.toBeInstanceOf(LeaseLost);
    const after = await hold(one);
    expect(after).toMatchObject({ isTakeover: true, number: before.number + 1 });
    await other.renewAll();
    expect(lost).toEqual([SOURCE]);
    await before.release();
    expect(await one.holder(SOURCE)).toMatchObject({ owner: one.owner, number: after.number });
    expect(await write(after.fence)).toBe('written');
  });

  it('a fragment is stored in one statement, and only as long as the lease is held', async () => {
    const leases = await only();
    const own = await openPostgresStore({ url, log: silentLog });
    onTestFinished(() => own.close());
    await own.putBucket(bucket());
    const { fence } = await hold(leases);
    await own.putFragment(...fragment(0), fence);
    // Also where the quick statement does not do it: the key is there already.
    await own.putFragment(...fragment(0), fence);
    await end(SOURCE);
    for (const index of [0, 1]) {
      await expect(own.putFragment(...fragment(index), fence)).rejects.toBeInstanceOf(LeaseLost);
    }
    const { source } = fragment(0)[1];
    expect(
      await timelineEntries(own, { sources: [source], by: 'start', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }),
    ).toHaveLength(1);
    await own.clear();
  });

  it('one that has ended is not renewed, even if nobody else took it', async () => {
    const lost: string[] = [];
    await only();
    const leases = await node('late', {}, { lose: (source, reason) => lost.push(`${source}: ${reason}`) });
    await hold(leases);
    await hold(leases, 'examplebucket/yard');
    await end(SOURCE);
    await leases.renewAll();
    expect(lost).toEqual([`${SOURCE}: the lease has ended`]);
    expect((await leases.held()).map(({ source }) => source)).toEqual(['examplebucket/yard']);
  });

  it('a node that cannot renew loses its leases before they end, by its own clock and without asking anybody', async () => {
    await only();
    const clock = new ManualClock(0);
    const lost: string[] = [];
    const leases = await node('slow', { clock }, { lose: (source) => lost.push(source) });
    await hold(leases);
    clock.advance(5_000);
    await leases.renewAll();
    clock.advance(7_999);
    expect(lost).toEqual([]);
    clock.advance(1);
    expect(lost).toEqual([SOURCE]);
    // The row still stands for the rest of the lease.
    expect(await leases.holder(SOURCE)).toBeDefined();
  });

  it('whoever waits for the lease of a dead node outlives it, and not that of a live one', async () => {
    const leaseMs = 400;
    const one = await only();
    const dead = await node('dead', { leaseMs });
    const live = await node('live', { leaseMs });
    live.start();
    await hold(dead);
    await hold(live, 'examplebucket/yard');
    const holders = await Promise.all([SOURCE, 'examplebucket/yard'].map((source) => one.holder(source)));
    const [deadHolder, liveHolder] = holders;
    if (!deadHolder || !liveHolder) throw new Error('nobody holds');
    const waiting = await node('waiting', { leaseMs });
    expect(await Promise.all([waiting.outlive(deadHolder), waiting.outlive(liveHolder)])).toEqual([true, false]);
  });

  it('a push that this node has lost is outlived as that of a dead node', async () => {
    await only();
    let lose = () => {};
    const lost = new Promise<void>((resolve) => (lose = resolve));
    const leases = await node('losing', { leaseMs: 1_000 }, { lose: () => lose() });
    await leases.acquire({ source: SOURCE, sessionId: 'lost', push: { startedMs: 0, remoteAddr: '' } });
    const holder = await leases.holder(SOURCE);
    await lost;
    expect(holder && (await leases.outlive(holder))).toBe(true);
  });

  it('what another node asks for comes with the renewal, once, and not to whoever has the lease later', async () => {
    const one = await only();
    const asked: string[] = [];
    const other = await node(
      'other',
      {},
      {
        stateOf: () => ({ stat: { audio: { bandwidth: 1, sampleRate: 48_000, codec: 'AAC' } } }),
        end: (source, { code }) => asked.push(`${source} ${code}`),
      },
    );
    const lease = await hold(other);
    await other.renewAll();
    const holder = await one.holder(SOURCE);
    if (!holder) throw new Error('nobody holds');
    expect(holder).toMatchObject({ node: 'other', state: { stat: { audio: { codec: 'AAC' } } } });
    await one.ask(holder, { code: 'a', description: '' });
    await one.ask(holder, { code: 'b', description: '' });
    await other.renewAll();
    expect(asked).toEqual([`${SOURCE} a`, `${SOURCE} b`]);
    await one.ask(holder, { code: 'late', description: '' });
    await lease.release();
    await hold(other);
    await other.renewAll();
    expect(asked).toHaveLength(2);
    const { rows } = await sql`select from "leaseRequests"`.execute(db);
    expect(rows).toEqual([]);
  });

  it('what another node asks for is done once, whether the answer that told of it was lost or not', async () => {
    const one = await only();
    const asked: string[] = [];
    const losing = losingAnswersTo('leaseRequests', server.port);
    const port = await listenDuringTest(losing.server);
    const behind = url.replace(/:\d+\//, `:${port}/`);
    const own = await connectPostgres<LeaseTables>({ url: behind, log: silentLog });
    const other = await node('other', { db: own }, { end: (_, { code }) => asked.push(code) });
    await hold(other);
    const holder = await one.holder(SOURCE);
    if (!holder) throw new Error('nobody holds');
    await one.ask(holder, { code: 'a', description: '' });
    losing.begin();
    await expect(other.renewAll()).rejects.toThrow('cannot be reached');
    expect(asked).toEqual([]);
    losing.end();
    await other.renewAll();
    await other.renewAll();
    expect(asked).toEqual(['a']);
    const { rows } = await sql`select from "leaseRequests"`.execute(db);
    expect(rows).toEqual([]);
  });

  it('one that something is written under for long is renewed later, and does not keep the others waiting', async () => {
    const lost: string[] = [];
    await only();
    const writing = await node('writing', {}, { lose: (source) => lost.push(source) });
    const [slow, quick] = [await hold(writing, 'examplebucket/slow'), await hold(writing, 'examplebucket/quick')];
    const expiries = async () => {
      const held = await writing.held();
      return held.map(({ source, expiresMs }) => ({ source, expiresMs }));
    };
    const before = await expiries();
    await db.transaction().execute(
      checked(slow.fence, async () => {
        await writing.renewAll();
        const [quickly, slowly] = await expiries();
        expect(quickly?.expiresMs).toBeGreaterThan(before[0]?.expiresMs ?? Number.NaN);
        expect(slowly).toEqual(before[1]);
      }),
    );
    expect([lost, slow.isHeld(), quick.isHeld()]).toEqual([[], true, true]);
    await writing.renewAll();
    expect((await expiries())[1]?.expiresMs).toBeGreaterThan(before[1]?.expiresMs ?? Number.NaN);
  });

  it('a node that was forgotten, because it was not seen for long, is listed again', async () => {
    const one = await only();
    const address = { url: 'http://127.0.0.1:1', key: 'key' };
    await one.announce(address);
    await sql`truncate nodes`.execute(db);
    await one.renewAll();
    expect(await one.nodes()).toMatchObject([{ id: one.owner, name: 'only', address }]);
  });

  it('the status of a channel comes with its renewal', async () => {
    const told: string[] = [];
    await only();
    const leases = await node('telling', {}, { noteStatus: (source, status) => told.push(`${source} ${status}`) });
    await sql`insert into buckets (name, acl, "storageClass", "createdMs", owner, configurations)
      values ('examplebucket', 'private', 'Standard', 0, '1', '{}') on conflict do nothing`.execute(db);
    await db
      .insertInto('channels')
      .values({
        bucket: 'examplebucket',
        name: 'door',
        incarnation: 'i',
        description: '',
        status: 'disabled',
        fragDurationSec: 5,
        fragCount: 3,
        playlistName: 'playlist.m3u8',
        snapshot: null,
        lastModifiedMs: 0,
      })
      .execute();
    await hold(leases);
    await hold(leases, 'live:*/app/stream');
    await leases.renewAll();
    expect(told).toEqual([`${SOURCE} disabled`]);
  });

  it('a renewal tells of the latest reset, and of tables that a newer version has made', async () => {
    const one = await only();
    const other = await node('other');
    const seen: Seen[] = [];
    one.onSeen((now) => seen.push(now));
    await one.renewAll();
    expect(seen.at(-1)).toEqual({ reset: undefined, newerSchema: undefined });
    other.attach({ stateOf: () => ({ reset: { step: 'ending', bucket: 'b' } }), lose() {}, end() {} });
    const lease = await hold(other, RESET_LEASE);
    await other.renewAll();
    await one.renewAll();
    const { number } = lease;
    const reset = { number, state: { step: 'ending', bucket: 'b' } };
    expect(seen.at(-1)?.reset).toEqual({ ...reset, owner: other.owner, isGoingOn: true });
    await one.acknowledge('done');
    expect((await other.presentNodes()).map(({ name, acknowledged }) => [name, acknowledged])).toEqual([
      ['only', 'done'],
      ['other', null],
    ]);
    await lease.release();
    await sql`insert into kysely_migration (name, timestamp) values ('9999 of a newer version', '')`.execute(db);
    await one.renewAll();
    await sql`delete from kysely_migration where name like '9999%'`.execute(db);
    expect(seen.at(-1)).toEqual({
      reset: { ...reset, owner: null, isGoingOn: false },
      newerSchema: '9999 of a newer version',
    });
  });

  it('they survive a restart of the database', async () => {
    const leases = await only();
    const { fence } = await hold(leases);
    await server.stop('immediate');
    await server.start();
    await leases.renewAll();
    expect(await write(fence)).toBe('written');
  });

  it('under stress nobody writes after a successor, numbers have no gap and starts rise', async () => {
    await only();
    await sql`create table written (position serial, number bigint, sequence bigint, start bigint)`.execute(db);
    const beginMs = Date.now();
    let stored = 0;
    let takeovers = 0;
    let refused = 0;
    const isEnough = () => stored > 100 && takeovers > 5 && refused > 5;
    // Their clocks differ by up to a minute: only the offset to the database's clock makes them agree.
    const publisher = async (index: number) => {
      let aheadMs = 0;
      const wrongMs = index * 20_000;
      const clock = {
        now: () => Date.now() + wrongMs,
        elapsed: () => performance.now(),
        setTimeout: systemClock.setTimeout,
      };
      const leases = await node(`node ${index}`, { leaseMs: 40, clock, onOffset: (ms) => (aheadMs = ms) });
      while (!isEnough()) {
        const { lease } = await leases.acquire({ source: SOURCE, sessionId: `${index}` });
        if (!lease) {
          await sleep(2);
          continue;
        }
        takeovers += lease.isTakeover ? 1 : 0;
        try {
          const { rows } = await sql<{ next: number; last: number }>`
            select coalesce(max(sequence) + 1, 0) as next, coalesce(max(start), 0) as last from written`.execute(db);
          let { next = 0, last = 0 } = rows[0] ?? {};
          for (let count = 0; count < 40; count++) {
            last = Math.max(clock.now() + aheadMs, last + 1);
            const start = Math.round(last);
            await db
              .transaction()
              .execute(
                checked(lease.fence, (trx) =>
                  sql`insert into written (number, sequence, start) values (${lease.number}, ${next}, ${start})`.execute(
                    trx,
                  ),
                ),
              );
            next++;
            stored++;
            if (Math.random() < 0.3) await leases.renewAll();
            if (Math.random() < 0.1) await sleep(Math.random() * 80);
          }
          await lease.release();
        } catch (error) {
          if (!(error instanceof LeaseLost)) throw error;
          refused++;
        }
      }
    };
    await Promise.all([0, 1, 2, 3].map(publisher));
    const { rows } = await sql<{ number: number; sequence: number; start: number }>`
      select number, sequence, start from written order by position`.execute(db);
    // By the order of commits: `position` is taken under the lock of the lease.
    expect(rows.map(({ sequence }) => sequence)).toEqual(rows.map((_, index) => index));
    const falls = (of: 'number' | 'start') =>
      rows.filter((row, index) => index > 0 && row[of] < (rows[index - 1]?.[of] ?? 0));
    expect(falls('number')).toEqual([]);
    expect(falls('start')).toEqual([]);
    const [first] = rows;
    const last = rows.at(-1);
    // A clock that is a minute ahead did not reach the names.
    expect((last?.start ?? 0) - (first?.start ?? 0)).toBeLessThan(15_000 + Date.now() - beginMs);
  }, 180_000);
});
