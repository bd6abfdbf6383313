/** The servers that bench-rest compares: how each is started, its data and its requests. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { send, type WireRequest } from './http-load.ts';
import { type BenchServer, EMULATOR, startEmulator, startServer } from './server.ts';
import { type Signable, signAzure, signOss, signS3 } from './sign.ts';

export const OPERATIONS = [
  'GetLiveChannelInfo',
  'ListLiveChannel (1,000 channels)',
  'PutLiveChannel',
  'GetObject (1 MiB)',
  'PutObject (64 KiB)',
] as const;
export type OperationName = (typeof OPERATIONS)[number];

export interface Target {
  readonly name: string;
  /** Starts it with everything below `folder`, and creates the data that the operations need. */
  start(folder: string): Promise<BenchServer>;
  /** Signed requests to send in turn; none for an operation that it does not have. */
  requests(operation: OperationName, server: BenchServer): readonly WireRequest[];
}

export const PEERS_FOLDER = fileURLToPath(new URL('../../node_modules/.cache/bench-peers/', import.meta.url));
const PEERS = { s3rver: '3.7.1', '@20minutes/s3rver': '4.0.4', azurite: '3.35.0' };

const BUCKET = 'examplebucket';
const FRAGMENT_KEY = 'channel-0/1700000000000.ts';
const FRAGMENT = Buffer.alloc(1024 * 1024, 0x47);
const UPLOAD = Buffer.alloc(64 * 1024, 0x47);
const CHANNELS = 1_000;
/** Requests that change something use this many names in turn. */
const NAMES = 100;

type Sign = (request: Signable, host: string) => WireRequest;

/**
 * The emulator as a user starts it, but without its log.
 * @param dist of another build of the emulator
 */
export function emulatorTarget(dist?: string): Target {
  const key = { id: 'emulator-ak', secret: 'emulator-secret' };
  const sign: Sign = (request, host) => signOss(request, host, key, Date.now());
  return {
    name: dist === undefined ? 'this emulator' : 'the other build',
    async start(folder) {
      const server = await startEmulator(folder, [], dist === undefined ? EMULATOR : resolve(dist, 'main.js'));
      for (let n = 0; n < CHANNELS; n++) await send(server, sign(putChannel(n), hostOf(server)));
      await send(server, sign(putObject(FRAGMENT_KEY, FRAGMENT), hostOf(server)));
      return server;
    },
    requests: (operation, server) =>
      (channelRequests(operation) ?? objectRequests(operation)).map((request) => sign(request, hostOf(server))),
  };
}

/** The original. It accepts V4 signatures without checking them. */
export function s3rverTarget(): Target {
  return s3Target('s3rver', `s3rver ${PEERS.s3rver}`);
}

/** Its maintained fork, which checks them. */
export function s3rverForkTarget(): Target {
  return s3Target('@20minutes/s3rver', `@20minutes/s3rver ${PEERS['@20minutes/s3rver']}`);
}

function s3Target(packageName: keyof typeof PEERS, name: string): Target {
  const sign: Sign = (request, host) => signS3(request, host, { id: 'S3RVER', secret: 'S3RVER' });
  return {
    name,
    async start(folder) {
      const options = { address: '127.0.0.1', port: 0, silent: true, directory: folder };
      const program = `const S3rver = require('${packageName}');
        const server = new S3rver({ ...${JSON.stringify(options)}, configureBuckets: [{ name: '${BUCKET}' }] });
        server.run().then(({ port }) => console.log('http://127.0.0.1:' + port));`;
      const server = await startServer(['-e', program], PEERS_FOLDER);
      await send(server, sign(putObject(FRAGMENT_KEY, FRAGMENT), hostOf(server)));
      return server;
    },
    requests: (operation, server) => objectRequests(operation).map((request) => sign(request, hostOf(server))),
  };
}

export function azuriteTarget(): Target {
  // The account of every Azurite, from its documentation.
  const key = {
    id: 'devstoreaccount1',
    secret: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
  };
  const sign: Sign = (request, host) => {
    const isUpload = request.method === 'PUT' && request.key !== '';
    const headers = { ...request.headers, ...(isUpload && { 'x-ms-blob-type': 'BlockBlob' }) };
    return signAzure({ ...request, headers }, host, key, Date.now());
  };
  return {
    name: `Azurite ${PEERS.azurite} (blob)`,
    async start(folder) {
      const program = join(PEERS_FOLDER, 'node_modules/azurite/dist/src/blob/main.js');
      const options = ['--silent', '--disableTelemetry', '--skipApiVersionCheck'];
      const server = await startServer([program, '--blobPort', '0', '--location', folder, ...options]);
      await send(server, sign({ method: 'PUT', bucket: BUCKET, key: '', query: 'restype=container' }, hostOf(server)));
      await send(server, sign(putObject(FRAGMENT_KEY, FRAGMENT), hostOf(server)));
      return server;
    },
    requests: (operation, server) => objectRequests(operation).map((request) => sign(request, hostOf(server))),
  };
}

export function peerVersions(): readonly string[] {
  return Object.entries(PEERS).map(([name, version]) => `${name} ${version}`);
}

/** The project does not depend on them, not even for development. */
export async function installPeers(): Promise<void> {
  await mkdir(PEERS_FOLDER, { recursive: true });
  await writeFile(join(PEERS_FOLDER, 'package.json'), JSON.stringify({ private: true, dependencies: PEERS }));
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await promisify(execFile)('npm', ['install', ...options], { cwd: PEERS_FOLDER });
}

function hostOf(server: BenchServer): string {
  return `127.0.0.1:${server.port}`;
}

function channelRequests(operation: OperationName): readonly Signable[] | undefined {
  switch (operation) {
    case 'GetLiveChannelInfo':
      return numbers(NAMES).map((n) => ({ method: 'GET', bucket: BUCKET, key: channelName(n), query: 'live' }));
    case 'ListLiveChannel (1,000 channels)':
      return [{ method: 'GET', bucket: BUCKET, key: '', query: 'live&max-keys=1000' }];
    case 'PutLiveChannel':
      return numbers(NAMES).map(putChannel);
    default:
      return undefined;
  }
}

function objectRequests(operation: OperationName): readonly Signable[] {
  switch (operation) {
    case 'GetObject (1 MiB)':
      return [{ method: 'GET', bucket: BUCKET, key: FRAGMENT_KEY }];
    case 'PutObject (64 KiB)':
      return numbers(NAMES).map((n) => putObject(`uploads/${n}.bin`, UPLOAD));
    default:
      return [];
  }
}

function putChannel(n: number): Signable {
  const target = '<Type>HLS</Type><FragDuration>5</FragDuration><FragCount>3</FragCount>';
  const xml = `<LiveChannelConfiguration><Status>enabled</Status><Target>${target}</Target></LiveChannelConfiguration>`;
  return { method: 'PUT', bucket: BUCKET, key: channelName(n), query: 'live', body: Buffer.from(xml) };
}

function putObject(key: string, body: Buffer): Signable {
  return { method: 'PUT', bucket: BUCKET, key, headers: { 'content-type': 'video/MP2T' }, body };
}

function channelName(n: number): string {
  return `channel-${String(n).padStart(4, '0')}`;
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n);
}
