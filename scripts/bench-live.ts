/**
 * The cost of the RPC side: calls per second with verified signatures, and a record index file over four days of
 * 5-second slices. CPU time of this process; the callers of the first measurement run in a separate process.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { rpcSignature, rpcStringToSign } from '../src/aliyun/auth/rpc-query.ts';
import { formatRpcTime } from '../src/aliyun/auth/rpc-time.ts';
import { Emulator } from '../src/emulator/emulator.ts';

const CALLS = 20_000;
const CONNECTIONS = 16;
const SLICES = 69_120;
const SLICE_MS = 5_000;
const ROUNDS = 7;

function signedTarget(action: string, parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries({
    Action: action,
    Version: '2016-11-01',
    Format: 'JSON',
    AccessKeyId: 'emulator-ak',
    SignatureVersion: '1.0',
    SignatureMethod: 'HMAC-SHA1',
    SignatureNonce: randomUUID(),
    Timestamp: formatRpcTime(Date.now()),
    ...parameters,
  }).map(([name, value]) => ({ name, value }));
  const signature = rpcSignature(rpcStringToSign('GET', pairs), 'emulator-secret');
  const query = new URLSearchParams(Object.fromEntries(pairs.map(({ name, value }) => [name, value])));
  query.set('Signature', signature);
  return `/?${query}`;
}

function get(port: number, path: string, agent: Agent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    request({ port, path, agent, host: '127.0.0.1' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end();
  });
}

/** The calling process. */
async function callers(port: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let left = CALLS;
  const caller = async () => {
    while (left-- > 0) {
      const { status } = await get(
        port,
        signedTarget('DescribeLiveStreamsOnlineList', { DomainName: 'a.test' }),
        agent,
      );
      if (status !== 200) throw new Error(`a call was answered with ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, caller));
  agent.destroy();
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function benchCalls(): Promise<void> {
  const emulator = new Emulator({ memory: true, port: 0, rtmpPort: undefined, host: '127.0.0.1' });
  const { port } = await emulator.start();
  const before = process.cpuUsage();
  const child = fork(fileURLToPath(import.meta.url), ['--callers', String(port)]);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  const cpuMs = cpuMsSince(before);
  await emulator.stop();
  if (code !== 0) throw new Error('the callers failed');
  const perSec = Math.round(CALLS / (cpuMs / 1000));
  console.log(`RPC calls   ${perSec} per second of CPU (${(cpuMs / CALLS).toFixed(3)} ms each, signature verified)`);
}

async function benchIndex(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-live-'));
  try {
    const options = { dataDir, port: 0, rtmpPort: undefined, host: '127.0.0.1' };
    const first = new Emulator(options);
    await first.start();
    await first.stop();
    const startMs = Date.now() - SLICES * SLICE_MS;
    fill(join(dataDir, 'metadata.sqlite'), startMs);
    const emulator = new Emulator(options);
    const { port } = await emulator.start();
    const agent = new Agent({ keepAlive: true });
    const costsMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const target = signedTarget('CreateLiveStreamRecordIndexFiles', {
        DomainName: 'a.test',
        AppName: 'app',
        StreamName: 's1',
        OssEndpoint: 'a.test',
        OssBucket: 'examplebucket',
        OssObject: 'index/all.m3u8',
        StartTime: formatRpcTime(startMs + 1000),
        EndTime: formatRpcTime(startMs + SLICES * SLICE_MS),
      });
      const before = process.cpuUsage();
      const { text } = await get(port, target, agent);
      costsMs.push(cpuMsSince(before));
      const { Duration } = JSON.parse(text).RecordInfo ?? {};
      if (!(Duration >= (SLICES - 2) * 5)) throw new Error(`the index holds ${Duration} s: ${text.slice(0, 300)}`);
    }
    agent.destroy();
    await emulator.stop();
    const median = costsMs.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    console.log(`Index file  ${median.toFixed(0)} ms of CPU for ${SLICES} slices (median of ${ROUNDS})`);
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

/** The rows of four days of a stream in the index, without the bytes. */
function fill(path: string, startMs: number): void {
  const database = new Database(path);
  const push = { id: 'a-push', source: { kind: 'stream', domain: '*', app: 'app', stream: 's1' }, startedMs: startMs };
  const body = { ...push, endedMs: null, remoteAddr: '', localAddr: '', publishDomain: '', rawArgs: '' };
  database.transaction(() => {
    database
      .prepare('insert into documents values (?, ?, ?, ?, ?)')
      .run('push', 'live:*/app/s1', 'a-push', startMs, JSON.stringify(body));
    database.prepare('insert into livePlaylists values (1, ?, ?)').run('a-recording', SLICES);
    const insert = database.prepare(
      `insert into fragments (source, startMs, uploadedMs, durationMs, sessionId, playlist, sequence, discontinuity, path)
       values ('live:*/app/s1', ?, ?, ?, 'a-push', 1, ?, 0, ?)`,
    );
    for (let sequence = 0; sequence < SLICES; sequence++) {
      const sliceMs = startMs + sequence * SLICE_MS;
      const key = `slices/app/s1/${Math.floor(sliceMs / 1000)}_${sequence}.ts`;
      insert.run(sliceMs, sliceMs + SLICE_MS, SLICE_MS, sequence, `examplebucket/${key}`);
    }
  })();
  database.close();
}

if (process.argv[2] === '--callers') {
  await callers(Number(process.argv[3]));
} else {
  await benchCalls();
  await benchIndex();
}
