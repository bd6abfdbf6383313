/** A REST app on a free port over real stores in memory, and a client that sends requests byte for byte. */

import { createHmac, generateKeyPairSync } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { percentEncode } from '../../../src/aliyun/auth/canonical.ts';
import type { ReadPresent } from '../../../src/aliyun/auth/request-time.ts';
import type { AccessKey, KeyRing } from '../../../src/aliyun/auth/signed-request.ts';
import { parseQuery } from '../../../src/aliyun/auth/signed-request.ts';
import { isSubResource } from '../../../src/aliyun/auth/sub-resources.ts';
import { createKeyRing } from '../../../src/aliyun/credentials.ts';
import { type Clock, ManualClock, systemClock } from '../../../src/base/clock.ts';
import { createLog, silentLog } from '../../../src/base/log.ts';
import { createHttpServer } from '../../../src/http/http-server.ts';
import type { AnsweredRequest } from '../../../src/http/observer.ts';
import { createOutgoing } from '../../../src/http/outgoing.ts';
import { AccountAccessBlocks } from '../../../src/oss/access/account-access-blocks.ts';
import { UploadCallbacks } from '../../../src/oss/callback/upload-callbacks.ts';
import { createRestApp, type RestOptions } from '../../../src/oss/rest/rest-app.ts';
import type { Services } from '../../../src/oss/rest/rest-call.ts';
import type { MetadataStore } from '../../../src/storage/metadata/metadata-store.ts';
import type { BucketAcl } from '../../../src/storage/metadata/records.ts';
import { openSqliteStore } from '../../../src/storage/metadata/sqlite.ts';
import { createMemoryStore } from '../../../src/storage/objects/memory.ts';
import type { ObjectStore } from '../../../src/storage/objects/object-store.ts';
import { Objects } from '../../../src/storage/objects/objects.ts';
import { Uploads } from '../../../src/storage/objects/uploads.ts';
import { listenOnFreePort } from '../../support/listen.ts';
import { FakeChannels, FakeVod } from './fake-channels.ts';

export const NOW_MS = Date.UTC(2025, 0, 1);
export const KEY: AccessKey = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
/** Of another account. */
export const GUEST: AccessKey = { accessKeyId: 'guest-ak', accessKeySecret: 'guest-secret', uid: '2222222222222222' };
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
  /** Resolves with the first line of the log. */
  firstLine(): Promise<string>;
  /** Requests that did not come as far as the app. */
  readonly refused: readonly AnsweredRequest[];
  /** What the clients were too slow with whose connections were ended. */
  readonly timedOut: readonly string[];
  /** Sends `target` byte for byte, signed with a V1 header. */
  send(method: string, target: string, sent?: Sent): Promise<Reply>;
}

export interface RestServerOptions extends Partial<RestOptions> {
  readonly clock?: Clock;
  readonly realClock?: Clock;
  readonly buckets?: Readonly<Record<string, BucketAcl>>;
  readonly metadata?: MetadataStore;
  readonly store?: ObjectStore;
  /** Besides those of the owner, of a reader and of a guest. */
  readonly keys?: readonly AccessKey[];
  readonly channels?: Services['channels'];
  /** Of the calls to the servers of uploads; default the real time. */
  readonly callbackClock?: Clock;
  readonly vod?: Services['vod'];
  readonly readPresent?: ReadPresent;
  /** Takes what stops the server; default at the end of the test. */
  readonly atEnd?: (stop: () => Promise<void>) => void;
}

export async function startRestServer(options: RestServerOptions = {}): Promise<RestServer> {
  const clock = options.clock ?? new ManualClock(NOW_MS);
  const metadata = options.metadata ?? (await openSqliteStore({ path: ':memory:' }));
  const store = options.store ?? createMemoryStore();
  const objects = new Objects({ metadata, bytes: store, clock });
  const uploads = new Uploads({ metadata, bytes: store, clock, objects });
  const channels = new FakeChannels();
  const lines: string[] = [];
  const logged = new EventEmitter();
  const requestedPasses: string[] = [];
  const callbacks = new UploadCallbacks({
    clock: options.callbackClock ?? systemClock,
    log: silentLog,
    ownerId: '1234567890123456',
    privateKeyPem: async () => callbackKeys().privateKey,
    send: createOutgoing('any'),
  });
  const {
    clock: _clock,
    realClock: _realClock,
    buckets,
    metadata: _metadata,
    store: _store,
    keys: _keys,
    channels: _channels,
    callbackClock: _callbackClock,
    vod: _vod,
    readPresent: _present,
    atEnd = onTestFinished,
    ...restOptions
  } = options;
  const endpoint = {
    serviceDomains: ['localhost', 'oss.localhost'],
    cnames: new Map([['live.test', 'examplebucket']]),
  };
  const app = createRestApp({
    services: {
      metadata,
      objects,
      uploads,
      accessBlocks: new AccountAccessBlocks(metadata),
      clock,
      realClock: options.realClock ?? systemClock,
      region: 'cn-hangzhou',
      keys: keyRing([KEY, READER, GUEST, ...(options.keys ?? [])]),
      channels: options.channels ?? channels,
      callbacks,
      vod: options.vod ?? new FakeVod(),
      lifecycle: { request: (bucket = '') => requestedPasses.push(bucket) },
    },
    readPresent: options.readPresent ?? (() => ({ nowMs: clock.now() })),
    options: { endpoint, ...restOptions },
    log: createLog(
      'info',
      (line) => {
        lines.push(line);
        logged.emit('line');
      },
      () => clock.now(),
    ),
  });
  for (const [name, acl] of Object.entries(buckets ?? { examplebucket: 'private' as const })) {
    await metadata.putBucket({
      name,
      acl,
      storageClass: 'Standard',
      createdMs: NOW_MS,
      owner: '1234567890123456',
      configurations: {},
    });
  }
  const refused: AnsweredRequest[] = [];
  const timedOut: string[] = [];
  const serve = createHttpServer({
    clock,
    onRequest: app.callback(),
    onRefused: (request) => refused.push(request),
    onTimedOut: (part) => timedOut.push(part),
  });
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    serve(socket);
  });
  const port = await listenOnFreePort(server);
  // A connection for each request, unless there are many.
  const agent = options.atEnd ? new Agent({ keepAlive: true }) : undefined;
  atEnd(async () => {
    await callbacks.close();
    agent?.destroy();
    for (const socket of sockets) socket.destroy();
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
    async firstLine() {
      if (lines.length === 0) await once(logged, 'line');
      return lines[0] ?? '';
    },
    refused,
    timedOut,
    requestedPasses,
    send: (method, target, sent = {}) => {
      const key = sent.key === undefined ? KEY : sent.key;
      const plain = { host: sent.host ?? `127.0.0.1:${port}`, ...sent.headers };
      const headers = key ? signV1(method, target, plain, key, clock.now()) : plain;
      return exchange(port, method, target, headers, sent.body, agent);
    },
  };
}

let madeKeys: ReturnType<typeof makeKeys> | undefined;

/** What callbacks are signed with. Made once, because it takes a while. */
export function callbackKeys(): { readonly publicKey: string; readonly privateKey: string } {
  madeKeys ??= makeKeys();
  return madeKeys;
}

function makeKeys() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

export function keyRing(keys: readonly AccessKey[]): KeyRing {
  return createKeyRing(keys);
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
  agent: Agent | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, setHost: false, agent: agent ?? false });
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
