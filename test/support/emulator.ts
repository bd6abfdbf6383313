import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import OSS from 'ali-oss';
import { onTestFinished } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { Emulator, type EmulatorDeps } from '../../src/emulator/emulator.ts';
import { testPostgres } from './postgres.ts';
import { type S3Server, startS3Server } from './versitygw.ts';

/** A clip of fixtures/clips. */
export function clip(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/clips/${name}`, import.meta.url));
}

export interface TestEmulator {
  readonly emulator: Emulator;
  readonly port: number;
  /** `http://127.0.0.1:port`. */
  readonly endpoint: string;
  /** ali-oss in path style, as the README tells users of a local endpoint to configure it. */
  readonly client: OSS;
}

type SharedStores = Pick<Config, 'metadata' | 'objects'>;

let s3Server: Promise<S3Server> | undefined;

/** An emulator that starts on a folder again has its stores again. */
const storesOfFolders = new Map<string, Promise<SharedStores>>();

/**
 * With `TEST_METADATA=postgres` every emulator that `startTestEmulator` starts has a database of its own in PostgreSQL, and with
 * `TEST_OBJECTS=s3` a prefix of its own in a store of S3: `TEST_METADATA=postgres TEST_OBJECTS=s3 npx vitest run test/e2e test/sdk`.
 * Both servers are started once for each file of tests.
 */
function storesOfTests({ memory = true, dataDir }: Partial<Config>): Promise<SharedStores> {
  if (memory || dataDir === undefined) return createStores();
  const known = storesOfFolders.get(dataDir) ?? createStores();
  storesOfFolders.set(dataDir, known);
  return known;
}

async function createStores(): Promise<SharedStores> {
  return {
    metadata: isAsked('TEST_METADATA', 'postgres') ? await (await testPostgres()).createDatabase() : undefined,
    objects: isAsked('TEST_OBJECTS', 's3') ? (await startS3Once()).address(randomUUID()) : undefined,
  };
}

/** @throws Error when the variable asks for another store: the tests would pass without it */
function isAsked(variable: 'TEST_METADATA' | 'TEST_OBJECTS', store: string): boolean {
  const { [variable]: asked = '' } = process.env;
  if (asked !== '' && asked !== store) throw new Error(`${variable} must be ${store}, or not set; it is ${asked}`);
  return asked === store;
}

function startS3Once(): Promise<S3Server> {
  s3Server ??= startS3Server();
  return s3Server;
}

/** An emulator in memory on a free port, stopped at the end of the test. */
export async function startTestEmulator(options: Partial<Config> = {}, deps: EmulatorDeps = {}): Promise<TestEmulator> {
  const { metadata, objects } = await storesOfTests(options);
  const emulator = new Emulator(
    { metadata, objects, memory: true, port: 0, rtmpPort: undefined, webrtcPort: 0, host: '127.0.0.1', ...options },
    deps,
  );
  const { port } = await emulator.start();
  onTestFinished(() => emulator.stop());
  return { emulator, port, endpoint: `http://127.0.0.1:${port}`, client: createClient(port) };
}

export function createClient(port: number, bucket = 'examplebucket'): OSS {
  return new OSS({
    accessKeyId: 'emulator-ak',
    accessKeySecret: 'emulator-secret',
    bucket,
    region: 'oss-cn-hangzhou',
    endpoint: `http://localhost:${port}`,
    sldEnable: true,
  } as OSS.Options);
}

/** A configuration in the form of ali-oss. */
export function channelConfig(target: Partial<OSS.PutChannelConf['Target']> = {}): OSS.PutChannelConf {
  return {
    Description: '',
    Status: 'enabled',
    Target: { Type: 'HLS', FragDuration: 2, FragCount: 3, PlaylistName: 'playlist.m3u8', ...target },
  };
}
