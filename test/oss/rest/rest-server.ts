/** A REST app on a free port over real stores in memory, and a client that sends requests byte for byte. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { onTestFinished } from 'vitest';
import { percentEncode } from '../../../src/aliyun/auth/canonical.ts';
import type { AccessKey, KeyRing } from '../../../src/aliyun/auth/signed-request.ts';
import { parseQuery } from '../../../src/aliyun/auth/signed-request.ts';
import { isSubResource } from '../../../src/aliyun/auth/sub-resources.ts';
import { type Clock, ManualClock } from '../../../src/base/clock.ts';
import { createLog } from '../../../src/base/log.ts';
import { answerClientError } from '../../../src/http/client-error.ts';
import { createRestApp, type RestOptions } from '../../../src/oss/rest/rest-app.ts';
import type { Services } from '../../../src/oss/rest/rest-call.ts';
import type { BucketAcl, MetadataStore } from '../../../src/storage/metadata/metadata-store.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { createMemoryStore } from '../../../src/storage/objects/memory.ts';
import type { ObjectStore } from '../../../src/storage/objects/object-store.ts';
import { Objects } from '../../../src/storage/objects/objects.ts';
import { Uploads } from '../../../src/storage/objects/uploads.ts';
import { listenOnFreePort } from '../../support/listen.ts';
import { FakeChannels, FakeVod } from './fake-channels.ts';

export const NOW_MS = Date.UTC(2025, 0, 1);
export const KEY: AccessKey = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
export const READER: AccessKey = { accessKeyId: 'reader-ak', accessKeySecret: 'reader-secret', readOnly: true };

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The key that signs; `null` sends the request unsigned. Default: the key of the owner. */
  readonly key?: AccessKey | null;
  /** Host header. Default: the address, which means path style. */
  readonly host?: string;
}

export interface RestServer {
  readonly port: number;
  readonly server: Server;
  readonly metadata: MetadataStore;
  readonly store: ObjectStore;
  readonly objects: Objects;
  readonly channels: FakeChannels;
  readonly clock: Clock;
  /** The buckets that were named when a lifecycle pass was requested. */
  readonly requestedPasses: readonly string[];
  /** Log lines so far. */
  readonly lines: readonly string[];
  /** Sends `target` byte for byte, signed with a V1 header. */
  send(method: string, target: string, sent?: Sent): Promise<Reply>;
}

export interface RestServerOptions extends Partial<RestOptions> {
  readonly clock?: Clock;
  readonly buckets?: Readonly<Record<string, BucketAcl>>;
  readonly store?: ObjectStore;
  readonly channels?: Services['channels'];
  readonly vod?: Services['vod'];
}

export async function startRestServer(options: RestServerOptions = {}): Promise<RestServer> {
  const clock = options.clock ?? new ManualClock(NOW_MS);
  const metadata = await openSqliteStore({ path: ':memory:' });
  const store = options.store ?? createMemoryStore();
  const objects = new Objects({ metadata, bytes: store, clock });
  const uploads = new Uploads({ metadata, bytes: store, clock, objects });
  const channels = new FakeChannels();
  const lines: string[] = [];
  const requestedPasses: string[] = [];
  const { clock: _clock, buckets, store: _store, channels: _channels, vod: _vod, ...restOptions } = options;
  const endpoint = {
    serviceDomains: ['localhost', 'oss.localhost'],
    cnames: new Map([['live.test', 'examplebucket']]),
  };
  const app = createRestApp({
    services: {
      metadata,
      objects,
      uploads,
      clock,
      region: 'cn-hangzhou',
      keys: keyRing([KEY, READER]),
      channels: options.channels ?? channels,
      vod: options.vod ?? new FakeVod(),
      lifecycle: { request: (bucket = '') => requestedPasses.push(bucket) },
    },
    options: { endpoint, ...restOptions },
    log: createLog(
      'info',
      (line) => lines.push(line),
      () => clock.now(),
    ),
  });
  for (const [name, acl] of Object.entries(buckets ?? { examplebucket: 'private' as const })) {
    await metadata.putBucket({ name, acl, storageClass: 'Standard', createdMs: NOW_MS, configurations: {} });
  }
  const server = createServer(app.callback()).on('clientError', answerClientError);
  const port = await listenOnFreePort(server);
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await metadata.close();
    await store.close();
  });
  return {
    port,
    server,
    metadata,
    store,
    objects,
    channels,
    clock,
    lines,
    requestedPasses,
    send: (method, target, sent = {}) => {
      const key = sent.key === undefined ? KEY : sent.key;
      const plain = { host: sent.host ?? `127.0.0.1:${port}`, ...sent.headers };
      const headers = key ? signV1(method, target, plain, key, clock.now()) : plain;
      return exchange(port, method, target, headers, sent.body);
    },
  };
}

export function keyRing(keys: readonly AccessKey[]): KeyRing {
  return { find: (id) => keys.find(({ accessKeyId }) => accessKeyId === id), all: () => keys };
}

/** The query of a V1 signed GET, for path-style addresses. */
export function signedQuery(target: string, expiresSec: number, key: AccessKey = KEY): string {
  const string = `GET\n\n\n${expiresSec}\n${canonicalResource(target)}`;
  const signature = createHmac('sha1', key.accessKeySecret).update(string).digest('base64');
  return `OSSAccessKeyId=${key.accessKeyId}&Expires=${expiresSec}&Signature=${percentEncode(signature)}`;
}

function signV1(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  key: AccessKey,
  nowMs: number,
): Record<string, string> {
  const date = new Date(nowMs).toUTCString();
  const ossLines = Object.keys(headers)
    .filter((name) => name.startsWith('x-oss-'))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`);
  const vhost = /^([a-z0-9-]+)\.(?:oss\.)?localhost(?::|$)|^([a-z0-9-]+)\.[^:]*\.aliyuncs\.com/.exec(
    headers.host ?? '',
  );
  const bucket = vhost?.[1] ?? vhost?.[2];
  const resource = canonicalResource(bucket === undefined || bucket === 'oss' ? target : `/${bucket}${target}`);
  const string = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', date].join('\n');
  const signature = createHmac('sha1', key.accessKeySecret)
    .update(`${string}\n${ossLines.join('')}${resource}`)
    .digest('base64');
  return { ...headers, date, authorization: `OSS ${key.accessKeyId}:${signature}` };
}

function canonicalResource(target: string): string {
  const [rawPath = '', rawQuery = ''] = target.split('?');
  const path = decodeURIComponent(rawPath);
  const bucketOnly = /^\/[^/]+$/.test(path) ? `${path}/` : path;
  const signed = parseQuery(rawQuery)
    .filter(({ name }) => isSubResource(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, value }) => (value === '' ? name : `${name}=${value}`));
  return signed.length > 0 ? `${bucketOnly}?${signed.join('&')}` : bucketOnly;
}

function exchange(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, setHost: false, agent: false });
    outgoing.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString() });
        });
    });
    outgoing.end(body);
  });
}

/** The text of the first element of that name in a document. */
export function element(reply: Reply, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(reply.text)?.[1];
}

/** The parts of a refusal, for one comparison. */
export function refusal(reply: Reply): { status: number; code: string | undefined; ec: string | undefined } {
  return { status: reply.status, code: element(reply, 'Code'), ec: element(reply, 'EC') };
}
