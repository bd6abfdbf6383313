import { execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { createLog, silentLog } from '../../../src/base/log.ts';
import type { MetadataStore } from '../../../src/storage/metadata/metadata-store.ts';
import { openPostgresStore } from '../../../src/storage/metadata/postgres.ts';
import { createMemoryStore } from '../../../src/storage/objects/memory.ts';
import { Objects } from '../../../src/storage/objects/objects.ts';
import type { StoreFault } from '../../../src/storage/outages.ts';
import { connectPostgres, type PostgresTimeouts, reachPostgres } from '../../../src/storage/postgres/connect.ts';
import { DatabaseFault } from '../../../src/storage/postgres/database-fault.ts';
import { bucket, fragment, object } from '../../contract/metadata-records.ts';
import { listenDuringTest } from '../../support/listen.ts';
import { losingAnswersTo } from '../../support/losing-answers.ts';
import { POSTGRES, type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { describeWith } from '../../support/tools.ts';

const TIMEOUTS: Partial<PostgresTimeouts> = {
  patienceMs: 300,
  lockMs: 200,
  statementMs: 400,
  answerMs: 700,
  connectMs: 700,
};

describeWith([POSTGRES], 'a PostgreSQL that fails', () => {
  let server: PostgresServer;
  let url: string;
  let database: string;
  const stores: MetadataStore[] = [];
  const lines: string[] = [];
  const told: { readonly fault: StoreFault; readonly forMs: number }[] = [];
  const outages = { failed: (fault: StoreFault, forMs = 0) => void told.push({ fault, forMs }) };

  beforeAll(async () => {
    server = await startPostgres();
    url = await server.createDatabase();
    database = url.split('/').at(-1) ?? '';
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await server.stop('immediate').catch(() => {});
  });

  const open = async (timeouts: Partial<PostgresTimeouts> = TIMEOUTS) => {
    const log = createLog('debug', (line) => lines.push(line), Date.now);
    const store = await openPostgresStore({ url, log, outages, timeouts });
    stores.push(store);
    await store.putBucket(bucket());
    return store;
  };
  const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => 'no failure',
      (error: unknown) => error,
    );

  test.each(['fast', 'immediate'] as const)(
    'restarts (%s) under load: the same store goes on, no acknowledged write is lost',
    async (mode) => {
      const store = await open({ patienceMs: 10_000 });
      const acknowledged: string[] = [];
      let isLoaded = true;
      const writer = async (name: string) => {
        for (let index = 0; isLoaded; index += 1) {
          const key = `${mode}/${name}/${index}`;
          const failed = await failureOf(store.putObject(object(key)));
          if (failed === 'no failure') acknowledged.push(key);
          else expect(failed).toBeInstanceOf(DatabaseFault);
        }
      };
      const writers = Array.from({ length: 8 }, (_, index) => writer(String(index)));
      const written = async (count: number) => {
        while (acknowledged.length < count) await store.getBucket('examplebucket').catch(() => {});
      };
      await written(50);
      await server.stop(mode);
      await server.start();
      await written(acknowledged.length + 50);
      isLoaded = false;
      await Promise.all(writers);
      const kept = await Promise.all(acknowledged.map((key) => store.getObject('examplebucket', key)));
      expect(kept.filter((found) => found === undefined)).toEqual([]);
      expect(lines.join('\n')).toContain('postgres.connection-lost');
      expect(told).not.toEqual([]);
    },
  );

  test('restarts while fragments are written: each is stored once, and one that fails may be stored', async () => {
    const store = await open({ patienceMs: 10_000 });
    const puts = Array.from({ length: 30 }, (_, index) => store.putFragment(...fragment(index)));
    const [outcomes] = await Promise.all([Promise.allSettled(puts), server.stop('fast').then(() => server.start())]);
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    for (const outcome of failed)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ name: 'DatabaseFault', mayBeDone: true });
    const [record] = fragment(0);
    const listed = await store.lastFragments(fragment(0)[1].playlistId, 100);
    const stored = outcomes.length - failed.length;
    expect(new Set(listed.map(({ startMs }) => startMs)).size).toBe(listed.length);
    expect(listed.length).toBeGreaterThanOrEqual(stored);
    for (const outcome of outcomes)
      if (outcome.status === 'fulfilled') expect(outcome.value.replacedLocation).toBeUndefined();
    expect(await store.getObject('examplebucket', record.key)).toBeDefined();
  });

  test('loses the answer to a COMMIT: the write fails, and its bytes stay, because the row is there', async () => {
    const direct = await open();
    const losing = losingAnswersTo('commit\0', server.port);
    const port = await listenDuringTest(losing.server);
    const behind = url.replace(/:\d+\//, `:${port}/`);
    const store = await openPostgresStore({ url: behind, log: silentLog, timeouts: TIMEOUTS });
    stores.push(store);
    const bytes = createMemoryStore();
    const objects = new Objects({ metadata: store, bytes, clock: systemClock });
    losing.begin();
    const put = await failureOf(objects.put('examplebucket', 'lost', Buffer.from('abc')));
    expect(put).toMatchObject({ name: 'DatabaseFault', mayBeDone: true });
    const row = await direct.getObject('examplebucket', 'lost');
    expect((await bytes.open(row?.location ?? '')).sizeBytes).toBe(3);
  });

  test('is down: every call says so, and the next one after the start succeeds', async () => {
    const store = await open();
    await server.stop();
    const refused = await failureOf(store.getBucket('examplebucket'));
    expect(refused).toBeInstanceOf(DatabaseFault);
    expect(String(refused)).toMatch(/PostgreSQL cannot be reached .*ECONNREFUSED/);
    await expect(openPostgresStore({ url, log: silentLog, timeouts: TIMEOUTS })).rejects.toThrow(
      /--metadata postgres:.*cannot be reached/,
    );
    await server.start();
    expect(await store.getBucket('examplebucket')).toEqual(bucket());
  });

  test('is held by a lock: the call ends within its time, and nothing of it is stored', async () => {
    const store = await open();
    const blocker = server.execute(
      `begin; lock table objects in access exclusive mode; select pg_sleep(1.5); commit`,
      database,
    );
    let attempts = 0;
    let failure: unknown = 'no failure';
    while (failure === 'no failure') {
      attempts += 1;
      failure = await failureOf(store.putObject(object(`held/${attempts}`)));
    }
    expect(failure).toBeInstanceOf(DatabaseFault);
    expect(String(await failureOf(store.getObject('examplebucket', `held/${attempts}`)))).toContain(
      'PostgreSQL is slow',
    );
    await blocker;
    expect(await store.getObject('examplebucket', `held/${attempts}`)).toBeUndefined();
  });

  test('is read-only: writes say so, reads go on', async () => {
    const store = await open();
    await server.execute(`alter database ${database} set default_transaction_read_only = on`);
    const other = await failureOf(open());
    expect(String(other)).toContain('PostgreSQL is read-only');
    await server.execute(`alter database ${database} set default_transaction_read_only = off`);
    expect(await store.getBucket('examplebucket')).toEqual(bucket());
  });

  test('is stopped, or cut off: the call ends within its time', async () => {
    const store = await open();
    await store.getBucket('examplebucket');
    const pids = execFileSync('pgrep', ['-f', `postgres: emu ${database} `], { encoding: 'utf8' })
      .trim()
      .split('\n');
    for (const pid of pids) process.kill(Number(pid), 'SIGSTOP');
    told.length = 0;
    const hung = await failureOf(store.getBucket('examplebucket'));
    for (const pid of pids) process.kill(Number(pid), 'SIGCONT');
    expect(hung).toBeInstanceOf(DatabaseFault);
    const [first] = told.filter(({ fault }) => fault === hung);
    expect(first?.fault.mayBeOutage).toBe(true);
    // As long as it was waited for: the outage began then.
    expect(first?.forMs).toBeGreaterThan(500);
    expect(await store.getBucket('examplebucket')).toEqual(bucket());
  });

  test('has all its connections in use: that is no outage, and fewer requests would succeed', async () => {
    const timeouts = { ...TIMEOUTS, connectMs: 100, patienceMs: 0 };
    const db = await connectPostgres<Record<never, never>>({
      url,
      log: silentLog,
      outages,
      timeouts,
      maxConnections: 1,
    });
    told.length = 0;
    const failed = await db
      .connection()
      .execute(() => failureOf(sql`select 1`.execute(db)))
      .finally(() => db.destroy());
    expect(failed).toMatchObject({
      what: 'all connections to PostgreSQL are in use',
      isLoss: true,
      isBusy: true,
      mayBeOutage: false,
    });
    expect(told.map(({ fault }) => fault)).toEqual([failed]);
  });

  test('answers when it is asked, if only that it refuses; one that is silent, gone, or something else does not', async () => {
    const sockets: Socket[] = [];
    const silent = await listenDuringTest(createServer((socket) => void sockets.push(socket.on('error', () => {}))));
    const closing = await listenDuringTest(createServer((socket) => socket.on('error', () => {}).end()));
    const other = await listenDuringTest(createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400')));
    const at = (port: number) => url.replace(/:\d+\//, `:${port}/`);
    const reach = (address: string, connectMs?: number) => failureOf(reachPostgres(address, connectMs));
    expect(await reach(url)).toBe('no failure');
    expect(await reach(`${url}-that-is-not-there`)).toBe('no failure');
    // It has no TLS.
    expect(await reach(`${url}?sslmode=require`)).toBe('no failure');
    for (const port of [closing, other]) expect(await reach(at(port))).not.toBe('no failure');
    expect(await reach(at(silent), 100)).toMatchObject({ name: 'DatabaseFault', mayBeOutage: true });
    for (const socket of sockets) socket.destroy();
    await server.stop();
    expect(await reach(url)).toMatchObject({ name: 'DatabaseFault', mayBeOutage: true });
    await server.start();
  });

  test('is a port that takes connections and says nothing: the start ends within its time', async () => {
    const sockets: Socket[] = [];
    const port = await listenDuringTest(createServer((socket) => void sockets.push(socket.on('error', () => {}))));
    const silent = openPostgresStore({
      url: `postgres://emu:hunter2@127.0.0.1:${port}/x`,
      log: silentLog,
      timeouts: { ...TIMEOUTS, connectMs: 100 },
    });
    const failure = String(await failureOf(silent));
    for (const socket of sockets) socket.destroy();
    expect(failure).toMatch(/cannot be reached \(.*timeout/);
    expect(failure).not.toContain('hunter2');
  });

  test('is given up: what is under way, waits for a place or connects fails at once, and what is asked later', async () => {
    const sockets: Socket[] = [];
    const silent = await listenDuringTest(createServer((socket) => void sockets.push(socket.on('error', () => {}))));
    const ending = new AbortController();
    const options = { log: silentLog, signal: ending.signal, maxConnections: 1 };
    const [there, away] = [
      await connectPostgres({ ...options, url }),
      await connectPostgres({ ...options, url: url.replace(/:\d+\//, `:${silent}/`) }),
    ];
    const sleep = () => failureOf(sql`select pg_sleep(30)`.execute(there));
    await sql`select 1`.execute(there);
    const waiting = [sleep(), sleep(), failureOf(sql`select 1`.execute(away))];
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    ending.abort();
    const failures = await Promise.all([...waiting, sleep()]);
    for (const failure of failures) {
      expect(failure).toMatchObject({ name: 'DatabaseFault', what: 'the request was given up', isPassing: false });
    }
    for (const socket of sockets) socket.destroy();
    await Promise.all([there.destroy(), away.destroy()]);
    await vi.waitFor(() => expect(getEventListeners(ending.signal, 'abort')).toEqual([]));
  });

  const messageOf = (type: string, body: Buffer) => {
    const head = Buffer.alloc(5, type);
    head.writeInt32BE(4 + body.length, 1);
    return Buffer.concat([head, body]);
  };
  test.each([
    { what: 'a way to sign in that pg does not know', bytes: messageOf('R', Buffer.of(0, 0, 0, 7)) },
    { what: 'less than a message says it has', bytes: messageOf('K', Buffer.alloc(2)) },
    { what: 'an answer to something else', bytes: Buffer.from('HTTP/1.1 400 Bad Request') },
  ])('answers with what is not of the protocol, and the process goes on: $what', async ({ bytes }) => {
    const answer = (socket: Socket) => socket.on('error', () => {}).once('data', () => socket.write(bytes));
    const port = await listenDuringTest(createServer(answer));
    const address = `postgres://emu:hunter2@127.0.0.1:${port}/x`;
    expect(await failureOf(reachPostgres(address, 300))).toMatchObject({ name: 'DatabaseFault', mayBeOutage: true });
    const db = await connectPostgres({ url: address, log: silentLog, timeouts: { ...TIMEOUTS, connectMs: 300 } });
    const failed = await failureOf(sql`select 1`.execute(db)).finally(() => db.destroy());
    expect(failed).toMatchObject({ name: 'DatabaseFault', mayBeOutage: true });
  });
});
