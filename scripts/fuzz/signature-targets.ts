/** Signatures of every API, in headers, queries, forms and RTMP URLs; temporary keys, and what signs ApsaraVideo Live. */
import { readFileSync } from 'node:fs';
import { whyAuthKeyFails } from '../../src/aliyun/auth/auth-key.ts';
import { authenticate } from '../../src/aliyun/auth/authenticate.ts';
import { authenticateForm } from '../../src/aliyun/auth/authenticate-form.ts';
import { authenticateRpc } from '../../src/aliyun/auth/rpc-authenticate.ts';
import { readRpcRequest } from '../../src/aliyun/auth/rpc-request.ts';
import { readRtmpQuery } from '../../src/aliyun/auth/rtmp-query.ts';
import { verifyRtmpUrl } from '../../src/aliyun/auth/rtmp-url.ts';
import type { AccessKey, KeyRing } from '../../src/aliyun/auth/signed-request.ts';
import { RpcError } from '../../src/aliyun/rpc-error.ts';
import { OssError } from '../../src/base/errors.ts';
import { splitTarget } from '../../src/http/address.ts';
import { readRoomToken, writeRoomToken } from '../../src/live/rooms/token.ts';
import { MnsError } from '../../src/notify/mns/mns-error.ts';
import { verifyRequest } from '../../src/notify/mns/signature.ts';
import { type FuzzTarget, tolerating } from './fuzz-target.ts';
import { mutateText, pick, type Random } from './mutate.ts';

interface SentRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url), 'utf8'));
const oss = read('signing-vectors');
const rpc = read('rpc-signing-vectors');
const mns = read('mns-signing-vectors');

const NOW_MS: number = oss.clock.unix * 1000;
const RESOURCE = { bucket: 'examplebucket', key: 'mychannel' };

const ossRequests: readonly SentRequest[] = oss.http.map(({ request }: { request: SentRequest }) => request);
const presigned: readonly string[] = oss.presigned
  .filter(({ error }: { error?: string }) => error === undefined)
  .map(({ url }: { url: string }) => splitTarget(url).rawQuery);
const rtmpQueries: readonly string[] = oss.rtmp.map(({ url }: { url: string }) => url.slice(url.indexOf('?') + 1));
const rpcRequests: readonly SentRequest[] = [...rpc.rpc, ...rpc.acs3].flatMap(({ request }) =>
  request ? [request] : [],
);
const mnsRequests: readonly SentRequest[] = mns.requests;

const TOKENS = [
  'OSS ',
  'OSS2 ',
  'OSS4-HMAC-SHA256 ',
  'ACS3-HMAC-SHA256 ',
  'MNS ',
  'Credential=',
  'AccessKeyId:',
  'AdditionalHeaders=',
  'AdditionalHeaders:',
  'Signature=',
  'Signature:',
  'SignedHeaders=',
  'x-oss-credential=',
  'x-oss-signature-version=OSS4-HMAC-SHA256',
  'x-oss-date=',
  'security-token=',
  'Expires=',
  'OSSAccessKeyId=',
  '/20240101/cn-hangzhou/oss/aliyun_v4_request',
  ';host;',
  ',',
  '&',
  '%',
  '%25',
  '99999999999999999999',
  '-1',
  '20240230T000000Z',
];

/** A refused signature is explained by trying what clients do wrong; each attempt asks for the secret. */
const MAX_ATTEMPTS = 2_000;
/** In so many inputs one finds its key. An explanation takes some hundred times as long as everything before it. */
const KNOWN_EVERY = 1_024;

/** A key ring that counts how often a secret is asked for. */
function countingRing(
  random: Random,
  { accessKeyId, accessKeySecret }: AccessKey,
): { readonly keys: KeyRing; attempts(): number } {
  let attempts = 0;
  const key: AccessKey = {
    accessKeyId,
    get accessKeySecret() {
      attempts += 1;
      return accessKeySecret;
    },
  };
  const isKnown = random(KNOWN_EVERY) === 0;
  return {
    keys: { find: () => (isKnown ? key : undefined), all: () => [key], ofToken: () => undefined },
    attempts: () => attempts,
  };
}

function checking(
  inputSize: number,
  documented: Parameters<typeof tolerating>[0],
  random: Random,
  key: AccessKey,
  check: (keys: KeyRing) => unknown,
): void {
  const { keys, attempts } = countingRing(random, key);
  tolerating(documented, inputSize, () => check(keys));
  if (attempts() > MAX_ATTEMPTS) throw new Error(`${attempts()} signatures were computed for one request`);
}

/** The headers with one of them changed. */
function mutateHeaders(headers: Readonly<Record<string, string>>, random: Random): ReadonlyMap<string, string> {
  const changed = new Map(Object.entries(headers));
  const name = random(2) === 0 ? 'authorization' : pick([...changed.keys()], random);
  return changed.set(name, mutateText([changed.get(name) ?? ''], TOKENS, random));
}

const FORM_FIELDS: readonly (readonly [string, string])[] = [
  ['policy', Buffer.from('{"expiration":"2030-01-01T00:00:00Z","conditions":[]}').toString('base64')],
  ['ossaccesskeyid', 'LTAI5tTestAccessKeyId'],
  ['signature', 'W8dZ+Rk3/5l1aVq0yqkDIVaFhsA='],
  ['x-oss-security-token', 'CAIS'],
  ['x-oss-signature-version', 'OSS4-HMAC-SHA256'],
  ['x-oss-credential', 'LTAI5tTestAccessKeyId/20240101/cn-hangzhou/oss/aliyun_v4_request'],
  ['x-oss-date', '20240101T000000Z'],
  ['x-oss-signature', 'ab'.repeat(32)],
  ['x-oss-access-key-id', 'LTAI5tTestAccessKeyId'],
];

const AUTH_KEYS = [
  '1704067200-0-0-0123456789abcdef0123456789abcdef',
  '1704067200-rand-uid-0123456789abcdef0123456789abcdef',
];
const ROOM_TOKENS = ['user', 'other'].map((userId) =>
  writeRoomToken({ appId: 'app', channelId: 'room', userId, displayName: 'Name' }, '0123456789abcdef0123456789abcdef'),
);

export const SIGNATURE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'authorization',
    run(random) {
      const { method, target, headers } = pick(ossRequests, random);
      const { rawPath, rawQuery } = splitTarget(target);
      const changed = random(3) === 0 ? mutateText([rawQuery], TOKENS, random) : rawQuery;
      const request = { method, rawPath, rawQuery: changed, headers: mutateHeaders(headers, random) };
      checking(2_000, [OssError], random, oss.credentials, (keys) =>
        authenticate(request, [RESOURCE], { nowMs: NOW_MS, keys }),
      );
    },
  },
  {
    name: 'signed-url',
    run(random) {
      const rawQuery = mutateText(presigned, TOKENS, random);
      const request = { method: 'GET', rawPath: '/examplebucket/mychannel', rawQuery, headers: new Map() };
      checking(rawQuery.length, [OssError], random, oss.credentials, (keys) =>
        authenticate(request, [RESOURCE], { nowMs: NOW_MS, keys }),
      );
    },
  },
  {
    name: 'form-signature',
    run(random) {
      const fields = new Map<string, string>();
      for (const [name, value] of FORM_FIELDS) {
        const chance = random(8);
        if (chance > 0) fields.set(name, chance === 1 ? mutateText([value], TOKENS, random) : value);
      }
      checking(1_000, [OssError], random, oss.credentials, (keys) =>
        authenticateForm(fields, RESOURCE, { nowMs: NOW_MS, keys }),
      );
    },
  },
  {
    name: 'rtmp-signature',
    run(random) {
      const query = mutateText(rtmpQueries, TOKENS, random);
      checking(query.length, [OssError], random, oss.credentials, (keys) =>
        verifyRtmpUrl(readRtmpQuery(query), [{ bucket: 'examplebucket', channel: 'mychannel' }], {
          nowMs: NOW_MS,
          keys,
        }),
      );
    },
  },
  {
    name: 'rpc-signature',
    run(random) {
      const { method, target, headers, body = '' } = pick(rpcRequests, random);
      const { rawQuery } = splitTarget(target);
      const inQuery = random(2) === 0;
      const query = inQuery ? mutateText([rawQuery], TOKENS, random) : rawQuery;
      const changed = inQuery ? new Map(Object.entries(headers)) : mutateHeaders(headers, random);
      checking(4_000, [RpcError], random, rpc.credentials, (keys) =>
        authenticateRpc(readRpcRequest(method, query, changed, Buffer.from(body)), { nowMs: NOW_MS, keys }),
      );
    },
  },
  {
    name: 'mns-signature',
    run(random) {
      const { method, target, headers, body = '' } = pick(mnsRequests, random);
      const changed = Object.fromEntries(mutateHeaders(headers, random));
      checking(2_000, [MnsError], random, mns.credentials, (keys) => {
        verifyRequest({ method, target, headers: changed }, Buffer.from(body), keys, { nowMs: NOW_MS });
      });
    },
  },
  {
    name: 'auth-key',
    run(random) {
      const text = mutateText(AUTH_KEYS, ['-', '99999999999999', 'auth_key=', '%'], random);
      tolerating([], text.length, () =>
        whyAuthKeyFails(text, { path: '/app/stream', keys: ['key', 'other'], nowMs: NOW_MS }),
      );
    },
  },
  {
    name: 'room-token',
    run(random) {
      const text = mutateText(ROOM_TOKENS, ['H4sI', 'AAAA', '____', '=='], random);
      tolerating([], text.length, () => readRoomToken(text));
    },
  },
];
