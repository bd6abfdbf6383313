/** RTMP servers that write HLS to disk, each in its usual configuration, with fragments of five seconds. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import OSS from 'ali-oss';
import { freePort } from '../../test/support/free-port.ts';
import { startEmulator } from './server.ts';

const NGINX = '/usr/sbin/nginx';
const NGINX_RTMP_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';
const NODE_MEDIA_SERVER = fileURLToPath(new URL('./node-media-server-hls.mjs', import.meta.url));
const BUCKET = 'load';
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
  /** Where the fragment of a playlist is on disk. */
  fragmentPath(publisher: number, uri: string): string;
  stop(): Promise<void>;
}

export const INGEST_SERVERS: readonly IngestServer[] = [
  emulator('this emulator, mpeg-ts', 'mpeg-ts'),
  { ...emulator('this emulator, ffmpeg', 'ffmpeg'), maxPublishers: 60 },
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
  const options = ['--bucket', `${BUCKET}:public-read-write`, '--segmenter', segmenter];
  const server = await startEmulator(folder, options, program);
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
    fragmentPath: (n, uri) => join(folder, 'objects', BUCKET, `c-${n}`, uri),
    stop: () => server.stop(),
  };
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
    fragmentPath: (n, uri) => join(hls, `c-${n}`, uri),
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
