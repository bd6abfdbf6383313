/**
 * The cost of the RPC side: a call with a verified signature, and a record index file over four days of 5-second slices.
 * CPU time of this process; the callers of the first measurement run in a separate process. With `--write` the table is
 * written into docs/performance.md.
 *
 *     npm run bench:live -- [--rounds 9] [--calls 20000] [--slices 69120] [--write]
 */
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { formatRpcTime } from '../src/aliyun/auth/rpc-time.ts';
import { Emulator } from '../src/emulator/emulator.ts';
import { type Column, figure, publish, type Row, runBenchmark, table } from './bench/report.ts';
import { callRpc } from './bench/rpc-call.ts';
import { count, flag, readCommandLine } from './support/command-line.ts';

const { values, command } = readCommandLine(import.meta.url, {
  rounds: count(9),
  calls: count(20_000),
  slices: count(69_120),
  write: flag('Write the table into docs/performance.md'),
});

const CALLERS = fileURLToPath(new URL('bench/rpc-callers.ts', import.meta.url));
const SLICE_MS = 5_000;

/** A round is a time in milliseconds. */
const COLUMNS: readonly Column<number>[] = [
  figure({ title: 'CPU time', of: (cpuMs) => cpuMs, format: (cpuMs) => `${cpuMs.toPrecision(3)} ms`, isCpu: true }),
];

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function timeCalls(calls: number, rounds: number): Promise<Row<number>> {
  const emulator = new Emulator({ memory: true, port: 0, rtmpPort: undefined, host: '127.0.0.1' });
  const { port } = await emulator.start();
  const costsMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    const child = fork(CALLERS, [String(port), String(calls)]);
    const code = await new Promise((resolve) => child.on('exit', resolve));
    costsMs.push(cpuMsSince(before) / calls);
    if (code !== 0) throw new Error('the callers failed');
  }
  await emulator.stop();
  return { labels: ['RPC call, its signature verified'], rounds: costsMs };
}

async function timeIndex(slices: number, rounds: number): Promise<Row<number>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-live-'));
  try {
    const options = { dataDir, port: 0, rtmpPort: undefined, host: '127.0.0.1' };
    const first = new Emulator(options);
    await first.start();
    await first.stop();
    const startMs = Date.now() - slices * SLICE_MS;
    fill(join(dataDir, 'metadata.sqlite'), startMs, slices);
    const emulator = new Emulator(options);
    const { port } = await emulator.start();
    const agent = new Agent({ keepAlive: true });
    const costsMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const parameters = {
        Action: 'CreateLiveStreamRecordIndexFiles',
        DomainName: 'a.test',
        AppName: 'app',
        StreamName: 's1',
        OssEndpoint: 'a.test',
        OssBucket: 'examplebucket',
        OssObject: 'index/all.m3u8',
        StartTime: formatRpcTime(startMs + 1000),
        EndTime: formatRpcTime(startMs + slices * SLICE_MS),
      };
      const before = process.cpuUsage();
      const { text } = await callRpc(port, parameters, agent);
      costsMs.push(cpuMsSince(before));
      const { Duration } = JSON.parse(text).RecordInfo ?? {};
      if (!(Duration >= (slices - 2) * 5)) throw new Error(`the index holds ${Duration} s: ${text.slice(0, 300)}`);
    }
    agent.destroy();
    await emulator.stop();
    return { labels: [`index file over ${slices.toLocaleString('en-US')} slices`], rounds: costsMs };
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

/** The rows of four days of a stream in the index, without the bytes. */
function fill(path: string, startMs: number, slices: number): void {
  const database = new Database(path);
  const push = { id: 'a-push', source: { kind: 'stream', domain: '*', app: 'app', stream: 's1' }, startedMs: startMs };
  const body = { ...push, endedMs: null, remoteAddr: '', localAddr: '', publishDomain: '', rawArgs: '' };
  database.transaction(() => {
    database
      .prepare('insert into documents (kind, scope, name, createdMs, body) values (?, ?, ?, ?, ?)')
      .run('push', 'live:*/app/s1', 'a-push', startMs, JSON.stringify(body));
    database
      .prepare('insert into livePlaylists (number, id, nextSequence) values (1, ?, ?)')
      .run('a-recording', slices);
    const insert = database.prepare(
      `insert into fragments (source, startMs, uploadedMs, durationMs, sessionId, playlist, sequence, discontinuity, path)
       values ('live:*/app/s1', ?, ?, ?, 'a-push', 1, ?, 0, ?)`,
    );
    for (let sequence = 0; sequence < slices; sequence++) {
      const sliceMs = startMs + sequence * SLICE_MS;
      const key = `slices/app/s1/${Math.floor(sliceMs / 1000)}_${sequence}.ts`;
      insert.run(sliceMs, sliceMs + SLICE_MS, SLICE_MS, sequence, `examplebucket/${key}`);
    }
  })();
  database.close();
}

async function main(): Promise<void> {
  const { rounds, calls, slices, write } = values;
  const rows = [await timeCalls(calls, rounds), await timeIndex(slices, rounds)];
  publish({ section: 'bench:live', command, rounds, tables: [table([''], COLUMNS, rows)] }, write);
}

await runBenchmark(main, values);
