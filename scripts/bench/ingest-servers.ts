/** RTMP servers that write HLS to disk, each in its usual configuration, with fragments of five seconds. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import OSS from 'ali-oss';
import { freePort } from '../../test/support/free-port.ts';
import { startPostgres } from '../../test/support/postgres.ts';
import { startS3Server } from '../../test/support/versitygw.ts';
import { type BenchServer, startEmulator } from './server.ts';

const NGINX = '/usr/sbin/nginx';
const NGINX_RTMP_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';
const NODE_MEDIA_SERVER = fileURLToPath(new URL('./node-media-server-hls.mjs', import.meta.url));
const BUCKET = 'load';
const BUCKET_OPTION = `${BUCKET}:public-read-write`;
/** Everything that a run records stays listed. */
const LISTED_FRAGMENTS = 100;
const START_ATTEMPTS = 200;

export interface IngestServer {
  readonly name: string;
  /** It is not measured with more publishers, because it starts a process for each. */
  readonly maxPublishers?: number;
  /** Why it cannot run here. */
  missing(): string | undefined;
  start(folder: string, publishers: number): Promise<RunningIngestServer>;
}

export interface RunningIngestServer {
  readonly pid: number;
  /** `{n}` stands for the number of the publisher. */
  readonly publishUrl: string;
  /** The text of a live playlist, once there is one. */
  playlist(publisher: number): Promise<string | undefined>;
  fragment(publisher: number, uri: string): Promise<RecordedFragment>;
  stop(): Promise<void>;
}

export interface RecordedFragment {
  /** A path or a URL. */
  readonly address: string;
  /** When all of it was stored. */
  readonly storedMs: number;
}

export const INGEST_SERVERS: readonly IngestServer[] = [
  emulator('this emulator, mpeg-ts', 'mpeg-ts'),
  { ...emulator('this emulator, ffmpeg', 'ffmpeg'), maxPublishers: 60 },
  {
    name: 'this emulator, PostgreSQL and S3',
    missing: () => (existsSync('/usr/lib/postgresql') ? programMissing('go') : 'there is no PostgreSQL'),
    start: startOnStores,
  },
  { name: 'nginx-rtmp', missing: nginxMissing, start: startNginx },
  { name: 'node-media-server + ffmpeg', maxPublishers: 10, missing: () => programMissing('ffmpeg'), start: startNms },
];

/**
 * Another build of the emulator, to measure the cost of a change.
 *
 * @param dist its `dist` folder
 */
export function otherBuild(dist: string): IngestServer {
  return emulator('the other build, mpeg-ts', 'mpeg-ts', resolve(dist, 'main.js'));
}

function emulator(name: string, segmenter: 'mpeg-ts' | 'ffmpeg', program?: string): IngestServer {
  return {
    name,
    missing: () => (segmenter === 'ffmpeg' ? programMissing('ffmpeg') : undefined),
    start: (folder, publishers) => startOurs(folder, publishers, segmenter, program),
  };
}

async function startOurs(
  folder: string,
  publishers: number,
  segmenter: string,
  program: string | undefined,
): Promise<RunningIngestServer> {
  const server = await startEmulator(folder, ['--bucket', BUCKET_OPTION, '--segmenter', segmenter], program);
  const recording = await recordingOn(server, publishers);
  return { ...recording, fragment: (n, uri) => fileOf(join(folder, 'objects', BUCKET, `c-${n}`, uri)) };
}

/** Only the emulator is measured, and not what it stores to. */
async function startOnStores(folder: string, publishers: number): Promise<RunningIngestServer> {
  const [database, store] = await Promise.all([startPostgres(), startS3Server()]);
  const metadata = await database.createDatabase();
  const stores = ['--metadata', metadata, '--objects', store.address('bench')];
  const server = await startEmulator(folder, ['--bucket', BUCKET_OPTION, ...stores]);
  const recording = await recordingOn(server, publishers);
  return {
    ...recording,
    async fragment(n, uri) {
      const key = `c-${n}/${uri}`;
      const query = `select "lastModifiedMs" from objects where key = '${key}'`;
      const [row] = await database.execute(query, new URL(metadata).pathname.slice(1));
      return { address: `http://127.0.0.1:${server.port}/${BUCKET}/${key}`, storedMs: Number(row?.lastModifiedMs) };
    },
    async stop() {
      await recording.stop();
      await store.stop();
      await database.stop('immediate');
    },
  };
}

async function recordingOn(server: BenchServer, publishers: number): Promise<Omit<RunningIngestServer, 'fragment'>> {
  const endpoint = `http://127.0.0.1:${server.port}`;
  const credentials = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
  const client = new OSS({ ...credentials, bucket: BUCKET, endpoint, sldEnable: true } as OSS.Options);
  const Target = { Type: 'HLS', FragDuration: 5, FragCount: LISTED_FRAGMENTS, PlaylistName: 'index.m3u8' };
  for (let n = 0; n < publishers; n++) {
    await client.putChannel(`c-${n}`, { Description: '', Status: 'enabled', Target });
  }
  return {
    pid: server.pid,
    publishUrl: `rtmp://127.0.0.1:${server.port}/${BUCKET}/live/c-{n}`,
    async playlist(n) {
      const response = await fetch(`${endpoint}/${BUCKET}/c-${n}/index.m3u8`);
      const text = await response.text();
      return response.ok ? text : undefined;
    },
    stop: () => server.stop(),
  };
}

async function fileOf(path: string): Promise<RecordedFragment> {
  return { address: path, storedMs: (await stat(path)).mtimeMs };
}

async function startNginx(folder: string): Promise<RunningIngestServer> {
  const port = await freePort();
  const hls = join(folder, 'hls');
  await mkdir(hls, { recursive: true });
  const configuration = join(folder, 'nginx.conf');
  await writeFile(
    configuration,
    `load_module ${NGINX_RTMP_MODULE};
user root;
daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 4096; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    application live {
      live on;
      hls on;
      hls_nested on;
      hls_path ${hls};
      hls_fragment 5s;
      hls_playlist_length ${LISTED_FRAGMENTS * 5}s;
      hls_fragment_naming system;
    }
  }
}
`,
  );
  const child = spawn(NGINX, ['-c', configuration, '-p', folder], { stdio: 'ignore' });
  return onDisk(child, port, hls);
}

async function startNms(folder: string): Promise<RunningIngestServer> {
  const port = await freePort();
  const child = spawn(process.execPath, [NODE_MEDIA_SERVER, String(port), folder], { stdio: 'ignore', cwd: folder });
  return onDisk(child, port, join(folder, 'hls'));
}

/** A server that writes `<hls>/<name>/index.m3u8`. */
async function onDisk(child: ChildProcess, port: number, hls: string): Promise<RunningIngestServer> {
  const exited = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  await listening(port);
  return {
    pid: child.pid ?? 0,
    publishUrl: `rtmp://127.0.0.1:${port}/live/c-{n}`,
    playlist: (n) => readFile(join(hls, `c-${n}`, 'index.m3u8'), 'utf8').catch(() => undefined),
    fragment: (n, uri) => fileOf(join(hls, `c-${n}`, uri)),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      process.off('exit', kill);
    },
  };
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(50);
  }
  throw new Error(`nothing listens on port ${port}`);
}

function nginxMissing(): string | undefined {
  const error = programMissing(NGINX) ?? programMissing(NGINX_RTMP_MODULE);
  return error && `${error}: apt-get install nginx-light libnginx-mod-rtmp`;
}

function programMissing(program: string): string | undefined {
  try {
    execFileSync(program.startsWith('/') ? 'ls' : 'which', [program], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `there is no ${program}`;
  }
}
