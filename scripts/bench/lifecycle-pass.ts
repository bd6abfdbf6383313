/** How long a lifecycle pass over a large bucket in memory takes, and how long it keeps requests waiting. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import { ControllableClock } from '../../src/base/controllable-clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { Faults } from '../../src/control-plane/faults/faults.ts';
import { openCore } from '../../src/emulator/core.ts';
import { createOssSide } from '../../src/emulator/oss-side.ts';
import { signingCertificate } from '../../src/emulator/signing-certificate.ts';
import { openStores } from '../../src/emulator/stores.ts';
import { Events } from '../../src/events/events.ts';
import { Registry } from '../../src/ingest/registry.ts';
import type { MetadataStore } from '../../src/storage/metadata/metadata-store.ts';
import { newBucket } from '../../src/storage/metadata/new-bucket.ts';
import { IssuedKeys } from '../../src/sts/issued-keys.ts';
import { median } from './figures.ts';
import { send } from './http-load.ts';
import { type Column, type Table, table } from './report.ts';
import { BUCKET } from './scale-contents.ts';
import { type Signable, signOss } from './sign.ts';

interface Figures {
  readonly seconds: number;
  /** CPU time of the longest turn of the event loop: on a machine that does nothing else, nobody waits longer. */
  readonly longestTurnCpuMs: number;
  /** The longest time for which the event loop did nothing else, whatever kept it. */
  readonly longestDelayMs: number;
  readonly requestsMs: readonly number[];
}

const RULE = JSON.stringify({
  rules: [
    {
      id: 'all',
      prefix: '',
      isEnabled: true,
      tags: [],
      expiration: { when: { kind: 'days', days: 1 } },
      transitions: [],
      noncurrentTransitions: [],
    },
  ],
});
const OTHER_BUCKET = 'otherbucket';
const SMALL_OBJECT: Signable = { method: 'PUT', bucket: OTHER_BUCKET, key: 'small', body: Buffer.alloc(1024, 0x47) };
const REQUESTS: readonly Signable[] = [SMALL_OBJECT, { method: 'GET', bucket: OTHER_BUCKET, key: SMALL_OBJECT.key }];
/** Between the end of a request and the next one. */
const PAUSE_MS = 10;

/** What is in the table is the worst of thousands of requests and turns: each line is of one pass. */
const COLUMNS: readonly Column<Figures>[] = [
  column('Time', ({ seconds }) => `${seconds.toFixed(0)} s`),
  column('Longest turn, CPU time', ({ longestTurnCpuMs }) => `${longestTurnCpuMs.toFixed(0)} ms`),
  column('Longest delay of the event loop', ({ longestDelayMs }) => `${longestDelayMs.toFixed(0)} ms`),
  column('Request, median', ({ requestsMs }) => `${median(requestsMs).toFixed(1)} ms`),
  column('Slowest request', ({ requestsMs }) => `${Math.max(...requestsMs).toFixed(0)} ms`),
  column('Requests', ({ requestsMs }) => String(requestsMs.length)),
];

function column(title: string, cellOf: (figures: Figures) => string): Column<Figures> {
  return { title, cell: (rounds) => rounds.map(cellOf).join('; ') };
}

/** The same requests, for some seconds alone, then while every object of a bucket expires. */
export async function lifecyclePassTable(objects: number, quietSec: number): Promise<Table> {
  const clock = new ControllableClock(systemClock);
  const events = new Events(clock);
  const config = defaultConfig({ memory: true });
  const faults = new Faults({ events, operations: { oss: [], live: [] } });
  const parts = { config, clock, log: silentLog, events, faults, followClock: () => {}, registry: new Registry() };
  const stores = await openStores(parts);
  const core = openCore(parts, await IssuedKeys.open(stores.metadata, clock));
  const oss = createOssSide(
    core,
    stores,
    signingCertificate(config, () => true),
  );
  const server = createServer(oss.rest);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const { accessKeyId: id, accessKeySecret: secret } = config;
  const request = async (wanted: Signable) => {
    await send({ port }, signOss(wanted, `127.0.0.1:${port}`, { id, secret }, Date.now()));
  };
  await fillBuckets(stores.plain.metadata, objects);
  for (let n = 0; n < 200; n++) await request(SMALL_OBJECT);
  const quiet = () =>
    new Promise<void>((resolve) => {
      setTimeout(resolve, quietSec * 1000);
    });
  const alone = await measureDuring(quiet, request);
  const duringPass = await measureDuring(async () => {
    const [pass] = await oss.lifecycle.run();
    if (pass?.expired.count !== objects) throw new Error(`${pass?.expired.count} of ${objects} objects expired`);
  }, request);
  server.closeAllConnections();
  server.close();
  await stores.close();
  const pass = `a lifecycle pass that deletes ${objects.toLocaleString('en-US')} objects`;
  return table([''], COLUMNS, [
    { labels: ['no pass'], rounds: [alone] },
    { labels: [pass], rounds: [duringPass] },
  ]);
}

async function fillBuckets(metadata: MetadataStore, objects: number): Promise<void> {
  await metadata.putBucket(newBucket(OTHER_BUCKET, 'private', 0));
  await metadata.putBucket({ ...newBucket(BUCKET, 'private', 0), configurations: { lifecycle: RULE } });
  for (let n = 0; n < objects; n++) {
    await metadata.putObject({
      bucket: BUCKET,
      key: `logs/${n}.ts`,
      type: 'Normal',
      sizeBytes: 250_000,
      etag: 'D41D8CD98F00B204E9800998ECF8427E',
      lastModifiedMs: 0,
      acl: 'default',
      location: `${BUCKET}/${n}`,
      crc64: null,
      contentMd5: null,
      headers: { 'content-type': 'video/MP2T' },
      restore: null,
      accessedMs: null,
    });
  }
}

async function measureDuring(
  action: () => Promise<void>,
  request: (wanted: Signable) => Promise<void>,
): Promise<Figures> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const requestsMs: number[] = [];
  let isOver = false;
  delay.enable();
  const startMs = performance.now();
  const requesting = (async () => {
    for (let n = 0; !isOver; n++) {
      const sentMs = performance.now();
      await request(REQUESTS[n % REQUESTS.length] ?? SMALL_OBJECT);
      requestsMs.push(performance.now() - sentMs);
      await new Promise((resolve) => {
        setTimeout(resolve, PAUSE_MS);
      });
    }
  })();
  let longestTurnCpuMs = 0;
  const turning = (async () => {
    while (!isOver) {
      const before = process.cpuUsage();
      await nextTurn();
      const { user, system } = process.cpuUsage(before);
      longestTurnCpuMs = Math.max(longestTurnCpuMs, (user + system) / 1000);
    }
  })();
  await action();
  const seconds = (performance.now() - startMs) / 1000;
  delay.disable();
  isOver = true;
  await Promise.all([requesting, turning]);
  return { seconds, longestTurnCpuMs, longestDelayMs: delay.max / 1e6, requestsMs };
}
