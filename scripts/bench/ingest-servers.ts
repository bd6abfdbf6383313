/** The RTMP servers that are measured, each in its usual configuration. They write HLS to disk, with fragments of five seconds. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import OSS from 'ali-oss';
import { freePort } from '../../test/support/free-port.ts';
import { startPostgres } from '../../test/support/postgres.ts';
import { startS3Server } from '../../test/support/versitygw.ts';
import {
  FRAGMENT_SEC,
  fileOf,
  type IngestServer,
  LISTED_FRAGMENTS,
  onDisk,
  programMissing,
  type RunningIngestServer,
} from './ingest-server.ts';
import { mediaMtx } from './mediamtx.ts';
import { programVersion, storeVersions } from './program-version.ts';
import { packageVersion } from './report.ts';
import { type BenchServer, startEmulator } from './server.ts';
import { srs } from './srs.ts';

const NGINX = '/usr/sbin/nginx';
const NGINX_RTMP_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';
const NODE_MEDIA_SERVER = fileURLToPath(new URL('./node-media-server-hls.mjs', import.meta.url));
const BUCKET = 'load';
const BUCKET_OPTION = `${BUCKET}:public-read-write`;

/** Servers that no package registry has: the paths of their programs. */
export interface GivenPrograms {
  readonly srs?: string | undefined;
  readonly mediamtx?: string | undefined;
}

export function ingestServers(given: GivenPrograms): readonly IngestServer[] {
  return [
    emulator('this emulator, mpeg-ts', 'mpeg-ts'),
    { ...emulator('this emulator, ffmpeg', 'ffmpeg'), maxPublishers: 60 },
    {
      name: 'this emulator, PostgreSQL and S3',
      missing: () => (existsSync('/usr/lib/postgresql') ? programMissing('go') : 'there is no PostgreSQL'),
      versions: storeVersions,
      start: startOnStores,
    },
    {
      name: 'nginx-rtmp',
      missing: nginxMissing,
      versions: () => [
        programVersion('nginx', NGINX, '-v'),
        programVersion('nginx-rtmp', 'dpkg-query', '-W', 'libnginx-mod-rtmp'),
      ],
      start: startNginx,
    },
    {
      name: 'node-media-server + ffmpeg',
      maxPublishers: 10,
      missing: () => programMissing('ffmpeg'),
      versions: () => [packageVersion('node-media-server'), ffmpegVersion()],
      start: startNms,
    },
    srs(given.srs),
    mediaMtx(given.mediamtx),
  ];
}

/**
 * Another build of the emulator, to measure the cost of a change.
 *
 * @param dist its `dist` folder
 */
export function otherBuild(dist: string): IngestServer {
  return emulator('the other build, mpeg-ts', 'mpeg-ts', resolve(dist, 'main.js'));
}

/** This build, run by a Node with some options. */
export function emulatorWith(nodeOptions: readonly string[]): IngestServer {
  return emulator('this emulator', 'mpeg-ts', undefined, nodeOptions);
}

function emulator(
  name: string,
  segmenter: 'mpeg-ts' | 'ffmpeg',
  program?: string,
  nodeOptions?: readonly string[],
): IngestServer {
  return {
    name,
    missing: () => (segmenter === 'ffmpeg' ? programMissing('ffmpeg') : undefined),
    versions: () => (segmenter === 'ffmpeg' ? [ffmpegVersion()] : []),
    start: (folder, publishers) => startOurs(folder, publishers, ['--segmenter', segmenter], program, nodeOptions),
  };
}

async function startOurs(
  folder: string,
  publishers: number,
  options: readonly string[],
  program: string | undefined,
  nodeOptions: readonly string[] | undefined,
): Promise<RunningIngestServer> {
  const server = await startEmulator(folder, ['--bucket', BUCKET_OPTION, ...options], program, nodeOptions);
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
  const Target = { Type: 'HLS', FragDuration: FRAGMENT_SEC, FragCount: LISTED_FRAGMENTS, PlaylistName: 'index.m3u8' };
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
    request: () => client.getChannelStatus('c-0'),
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
      hls_fragment ${FRAGMENT_SEC}s;
      hls_playlist_length ${LISTED_FRAGMENTS * FRAGMENT_SEC}s;
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

function nginxMissing(): string | undefined {
  const error = programMissing(NGINX) ?? programMissing(NGINX_RTMP_MODULE);
  return error && `${error}: apt-get install nginx-light libnginx-mod-rtmp`;
}

function ffmpegVersion(): string {
  return programVersion('ffmpeg', 'ffmpeg', '-version');
}
