/** The matrix for everything besides OSS: RPC, MNS, pushes, watching and the control API, at one running emulator. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signAuthKey } from '../../src/aliyun/auth/auth-key.ts';
import { signRtmpUrl } from '../../src/aliyun/auth/rtmp-url.ts';
import type { AccessKey } from '../../src/aliyun/auth/signed-request.ts';
import { API } from '../../src/control-plane/admin/control-api.ts';
import { Emulator } from '../../src/emulator/emulator.ts';
import { LIVE_OPERATIONS } from '../../src/live/live-operations.ts';
import { MNS_OPERATIONS } from '../../src/notify/mns/mns-operations.ts';
import { contentMd5, hmacSignature } from '../../src/notify/mns/signature.ts';
import { RtmpPublisher, RtmpRefusedError } from '../../src/rtmp/client.ts';
import { STS_OPERATIONS } from '../../src/sts/sts-operations.ts';
import { signedQuery } from '../live/signed-call.ts';
import { offerOf } from '../support/offer.ts';
import { listedRulesOf, MATRIX, type Principal, refusalOf, Tally } from './matrix.ts';

const AUTH_KEY = 'MainKey123456789';
const OTHER_ACCOUNT = '2222222222222222';
const OWNER_ACCOUNT = '1234567890123456';
const CREDENTIALS = [
  { accessKeyId: 'second-ak', accessKeySecret: 'second-secret' },
  { accessKeyId: 'guest-ak', accessKeySecret: 'guest-secret', uid: OTHER_ACCOUNT },
  { accessKeyId: 'reader-ak', accessKeySecret: 'reader-secret', readOnly: true },
  { accessKeyId: 'gone-ak', accessKeySecret: 'gone-secret', disabled: true },
  { accessKeyId: 'STS.valid', accessKeySecret: 'valid-secret', securityToken: 'valid-token' },
  {
    accessKeyId: 'STS.old',
    accessKeySecret: 'old-secret',
    securityToken: 'old-token',
    expiration: '2020-01-01T00:00:00Z',
  },
];
const OWNER: AccessKey = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
const SESSION_POLICY = JSON.stringify({
  Version: '1',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['oss:GetObject', 'oss:PutObject', 'live:DescribeLiveStreamsOnlineList'],
      Resource: '*',
    },
  ],
});

const RPC_RULES = listedRulesOf(MATRIX.rpc);
const MNS_RULES = listedRulesOf(MATRIX.mns, 'mns');
const tally = new Tally();
const agent = new Agent({ keepAlive: true });
let folder: string;
let emulator: Emulator;
let port: number;
/** Keys as principals use them. */
const issued = new Map<string, AccessKey>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matrix-'));
  const credentials = join(folder, 'credentials.json');
  await writeFile(credentials, JSON.stringify(CREDENTIALS));
  emulator = new Emulator({
    memory: true,
    port: 0,
    rtmpPort: undefined,
    webrtcPort: 0,
    host: '127.0.0.1',
    credentials,
    buckets: MATRIX.bucketAcls.map((acl) => ({ name: `bucket-${acl}`, acl })),
    channels: [],
    liveAuthKeys: [{ domain: '*', key: AUTH_KEY }],
  });
  port = (await emulator.start()).port;
  const channels = MATRIX.principals.map((_, i) => ({ name: `cam-${i}` }));
  await emulator.control.seed({ buckets: MATRIX.bucketAcls.map((acl) => ({ name: `bucket-${acl}`, acl, channels })) });
  await issueSession();
});

afterAll(async () => {
  agent.destroy();
  await emulator.stop();
  await rm(folder, { recursive: true });
  process.stdout.write(`authorization matrix, other APIs: ${tally.cells} cells\n`);
});

describe('the tables of operations', () => {
  it('have a row for each in the matrix, and no other rows', () => {
    const rpc = [...LIVE_OPERATIONS, ...STS_OPERATIONS].map(({ name }) => name);
    expect([...RPC_RULES.keys()].sort()).toEqual(rpc.sort());
    expect([...MNS_RULES.keys()].sort()).toEqual(Object.keys(MNS_OPERATIONS).sort());
  });
});

describe.each(MATRIX.principals.map((principal, index) => ({ ...principal, index })))('$name', (principal) => {
  const { index } = principal;

  it.each([...RPC_RULES])('%s', async (action, rule) => {
    const expected = refusalOf(principal, rule, { bucket: 'private' }, 'rpc');
    const { code } = await callRpc(principal, action, parametersFor(index));
    // What comes after the permission is not about it.
    const seen = expected === undefined && !isAboutPermission(code) ? undefined : code;
    tally.note(`${principal.name}, ${action}`, expected, seen);
    expect(tally.take()).toEqual([]);
  });

  it('has made a domain if it may, and otherwise none', async () => {
    const may = refusalOf(principal, ruleOf('AddLiveDomain'), { bucket: 'private' }, 'rpc') === undefined;
    const { text } = await callRpc(ownerPrincipal(), 'DescribeLiveUserDomains', {});
    expect(text.includes(`p${index}.example.com`)).toBe(may);
  });

  it.each([...MNS_RULES])('MNS: %s', async (pattern, rule) => {
    const expected = refusalOf(principal, rule, { bucket: 'private' }, 'mns');
    const seen = await seenInMns(principal, pattern, `n${index}`);
    tally.note(`${principal.name}, MNS ${pattern}`, expected, seen);
    expect(tally.take()).toEqual([]);
  });

  it('publishing to a channel', async () => {
    for (const bucket of MATRIX.bucketAcls) {
      const expected = refusalOf(principal, MATRIX.rtmp, { bucket }, 'rtmp');
      tally.note(`${principal.name}, bucket ${bucket}, RTMP`, expected, await seenInPush(principal, bucket, index));
    }
    expect(tally.take()).toEqual([]);
  });
});

describe('watching', () => {
  const expiresSec = Math.floor(Date.now() / 1000) + 600;
  const sign = (path: string, sec = expiresSec, key = AUTH_KEY) => signAuthKey(path, sec, '0', '0', key);

  beforeAll(async () => {
    await emulator.control.publishes.start({
      url: `rtmp://127.0.0.1:${port}/app/s1?auth_key=${sign('/app/s1')}`,
      durationSec: 3600,
    });
  });

  it.each(Object.entries(MATRIX.watching.extensions))(
    'by %s needs auth_key by every address',
    async (way, extension) => {
      const right = sign(`/app/s1${extension}`);
      const other = extension === '' ? '.flv' : '';
      const queries: readonly (readonly [query: string, isRight: boolean])[] = [
        ['', false],
        ['auth_key=', false],
        [`auth_key=${right}`, true],
        [`a%75th_key=${right}`, true],
        [`AUTH_KEY=${right}`, false],
        [`auth_key=${sign(`/app/s1${other}`)}`, false],
        [`auth_key=${sign(`/app/s2${extension}`)}`, false],
        [`auth_key=${sign(`/app/s1${extension}`, 1)}`, false],
        [`auth_key=${sign(`/app/s1${extension}`, expiresSec, 'other')}`, false],
        [`auth_key=&auth_key=${right}`, false],
        [`auth_key=${right}&auth_key=`, true],
        [`a%75th_key=x&auth_key=${right}`, false],
        [`auth_key=${right}x`, false],
      ];
      for (const prefix of ['', '/_emulator/live']) {
        for (const vhost of ['', 'vhost=', 'vhost=other.test', 'vhost=127.0.0.1', 'vhost=*']) {
          for (const [query, isRight] of queries) {
            const target = `${prefix}/app/s1${extension}?${[vhost, query].filter((part) => part !== '').join('&')}`;
            const status = await watch(way, target);
            tally.note(`${way} ${target}`, isRight ? undefined : '403', status === 403 ? '403' : undefined);
          }
        }
      }
      expect(tally.take()).toEqual([]);
    },
  );
});

describe('the control API', () => {
  it.each(Object.entries(API))('%s', async (_, route) => {
    const target = `/_emulator${route.path.replace(/:\w+/g, 'x')}`;
    const foreign = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
    for (const [headers, expected] of [
      [foreign, '403'],
      [{}, undefined],
    ] as const) {
      const { status } = await send(route.method, target, { headers });
      tally.note(`${route.method} ${target} ${JSON.stringify(headers)}`, expected, status === 403 ? '403' : undefined);
    }
    expect(tally.take()).toEqual([]);
  });
});

function ownerPrincipal(): Principal {
  const [owner] = MATRIX.principals;
  if (!owner) throw new Error('the matrix has no principals');
  return owner;
}

function ruleOf(action: string) {
  const rule = RPC_RULES.get(action);
  if (!rule) throw new Error(`the matrix has no row for ${action}`);
  return rule;
}

async function issueSession(): Promise<void> {
  const { text } = await callRpc(ownerPrincipal(), 'AssumeRole', { ...parametersFor(0), Policy: SESSION_POLICY });
  const { Credentials } = JSON.parse(text);
  issued.set('session', {
    accessKeyId: Credentials.AccessKeyId,
    accessKeySecret: Credentials.AccessKeySecret,
    securityToken: Credentials.SecurityToken,
  });
}

/** The key that a principal signs with; undefined when it signs nothing. */
function keyOf({ key, secret, token }: Principal): AccessKey | undefined {
  if (key === undefined) return undefined;
  const session = issued.get(key);
  if (session) return session;
  const known = [OWNER, ...CREDENTIALS].find(({ accessKeyId }) => accessKeyId === key);
  const accessKeySecret = secret ?? known?.accessKeySecret ?? 'no-secret';
  return { accessKeyId: key, accessKeySecret, ...(token !== undefined && { securityToken: token }) };
}

/** Enough for most operations. */
function parametersFor(index: number): Readonly<Record<string, string>> {
  const account = MATRIX.principals[index]?.account === 'other' ? OTHER_ACCOUNT : OWNER_ACCOUNT;
  const domain = `p${index}.example.com`;
  return {
    DomainName: domain,
    LiveDomainType: 'liveVideo',
    Region: 'cn-shanghai',
    PullDomain: domain,
    PushDomain: domain,
    AppName: 'app',
    StreamName: 'stream',
    LiveStreamType: 'publisher',
    OssEndpoint: 'oss-cn-hangzhou.aliyuncs.com',
    OssBucket: 'bucket-private',
    NotifyUrl: 'http://127.0.0.1:1/',
    AppId: `app${index}`,
    ChannelId: 'room',
    UserId: 'user',
    DisplayName: 'User',
    RoleArn: `acs:ram::${account}:role/role`,
    RoleSessionName: 'session',
  };
}

function isAboutPermission(code: string | undefined): boolean {
  return /^(Forbidden|NoPermission|InvalidAccessKeyId|InvalidSecurityToken|MissingSecurityToken|Signature|Incomplete)/.test(
    code ?? '',
  );
}

async function callRpc(principal: Principal, action: string, parameters: Readonly<Record<string, string>>) {
  const key = keyOf(principal);
  const version = STS_OPERATIONS.some(({ name }) => name === action) ? '2015-04-01' : '2016-11-01';
  const overrides = {
    Action: action,
    Version: version,
    AccessKeyId: key?.accessKeyId,
    SecurityToken: key?.securityToken,
  };
  const query = signedQuery(Date.now(), parameters, overrides, { secret: key?.accessKeySecret ?? '' });
  const { text } = await send('GET', `/?${query}`);
  const { Code: code }: { readonly Code?: string } = JSON.parse(text);
  return { text, code };
}

/** The owner makes what is needed, and looks afterwards whether it is there. */
async function seenInMns(principal: Principal, pattern: string, name: string): Promise<string | undefined> {
  const [method = '', path = ''] = pattern.split(' ');
  const isTopic = path.startsWith('/topics');
  const base = `/${isTopic ? 'topics' : 'queues'}/${name}`;
  const owner = ownerPrincipal();
  const isPut = pattern === 'PUT /topics/*' || pattern === 'PUT /queues/*';
  const isDelete = pattern === 'DELETE /topics/*' || pattern === 'DELETE /queues/*';
  const subscription = '<Subscription><Endpoint>http://127.0.0.1:1/</Endpoint></Subscription>';
  const documents: Readonly<Record<string, string>> = {
    'PUT /topics/*': '<Topic></Topic>',
    'PUT /topics/*/subscriptions/*': subscription,
    'PUT /queues/*': '<Queue></Queue>',
  };
  const message = '<Message><MessageBody>aGk=</MessageBody></Message>';
  const document = documents[pattern] ?? (method === 'POST' ? message : '');
  let query = '';
  if (isPut) await callMns(owner, 'DELETE', base);
  else await callMns(owner, 'PUT', base, isTopic ? '<Topic></Topic>' : '<Queue></Queue>');
  if (pattern === 'DELETE /topics/*/subscriptions/*')
    await callMns(owner, 'PUT', `${base}/subscriptions/s`, subscription);
  if (pattern === 'GET /queues/*/messages') await callMns(owner, 'POST', `${base}/messages`, message);
  if (pattern === 'DELETE /queues/*/messages') {
    await callMns(owner, 'POST', `${base}/messages`, message);
    const { text } = await callMns(owner, 'GET', `${base}/messages`);
    query = `?ReceiptHandle=${/<ReceiptHandle>([^<]*)/.exec(text)?.[1]}`;
  }
  const target = `${path.replace(/\*/, name).replace(/\*/, 's')}${query}`;
  const { status, code } = await callMns(principal, method, target, document);
  const isRefused = status >= 300;
  if (isPut || isDelete) {
    const isThere = (await callMns(owner, 'POST', `${base}/messages`, message)).status === 201;
    if (isThere !== (isPut ? !isRefused : isRefused)) return `${status}, and ${base} is ${isThere ? 'there' : 'gone'}`;
  }
  await callMns(owner, 'DELETE', base);
  return isRefused ? (code ?? String(status)) : undefined;
}

async function callMns(principal: Principal, method: string, target: string, document = '') {
  const key = keyOf(principal);
  const body = Buffer.from(document);
  const headers: Record<string, string> = {
    'content-md5': contentMd5(body),
    'content-type': 'text/xml',
    date: new Date().toUTCString(),
    'x-mns-version': '2015-06-06',
  };
  if (key) {
    if (key.securityToken !== undefined) headers['security-token'] = key.securityToken;
    headers.authorization = `MNS ${key.accessKeyId}:${hmacSignature({ method, target, headers }, key.accessKeySecret)}`;
  }
  const { status, text } = await send(method, target, { headers, body: document });
  return { status, text, code: /<Code>([^<]*)/.exec(text)?.[1] };
}

async function seenInPush(principal: Principal, acl: string, index: number): Promise<string | undefined> {
  const key = keyOf(principal);
  const name = { bucket: `bucket-${acl}`, channel: `cam-${index}` };
  const query = key ? `?${signRtmpUrl(name, key, Math.floor(Date.now() / 1000) + 600)}` : '';
  try {
    const publisher = await RtmpPublisher.publish(
      `rtmp://127.0.0.1:${port}/${name.bucket}/live/${name.channel}${query}`,
    );
    await publisher.unpublish();
    return undefined;
  } catch (error) {
    if (!(error instanceof RtmpRefusedError)) throw error;
    const [code] = error.description.split(/[ :]/);
    // Nothing is signed, and that is what is missing: the service asks for the first parameter of a signature.
    return code === 'InvalidArgument' && !key ? 'AccessDenied' : code;
  }
}

function watch(way: string, target: string): Promise<number> {
  switch (way) {
    case 'WHEP':
      return offer(target, 'application/sdp', offerOf('h264'));
    case 'RTS':
      return offer(target, 'text/plain', JSON.stringify({ jsep: { type: 'offer', sdp: offerOf('h264') } }));
    default:
      return send('GET', target).then(({ status }) => status);
  }
}

async function offer(target: string, contentType: string, body: string): Promise<number> {
  return (await send('POST', target, { headers: { 'content-type': contentType }, body })).status;
}

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Of an answer without end only the head is read. */
function send(method: string, target: string, { headers = {}, body = '' }: Sent = {}) {
  return new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const whole = body === '' ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) };
    const asked = request({ host: '127.0.0.1', port, agent, method, path: target, headers: whole });
    asked.on('error', reject).on('response', (response: IncomingMessage) => {
      const { statusCode: status = 0 } = response;
      if (/video\/x-flv|event-stream/.test(response.headers['content-type'] ?? '') && status === 200) {
        resolve({ status, text: '' });
        response.destroy();
        return;
      }
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => resolve({ status, text: Buffer.concat(chunks).toString() }));
    });
    asked.end(body);
  });
}
