import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OSS from 'ali-oss';
import { describe, expect, it, onTestFinished } from 'vitest';
import { signRtmpUrl } from '../../src/aliyun/auth/rtmp-url.ts';
import { signV1Url } from '../../src/aliyun/auth/v1-query.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import type { Config } from '../../src/config/config.ts';
import { Emulator } from '../../src/emulator/emulator.ts';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { signedQuery } from '../live/signed-call.ts';
import { channelConfig, startTestEmulator } from '../support/emulator.ts';

const ROLE = 'acs:ram::1234567890123456:role/uploader';
const ASSUME = { Action: 'AssumeRole', RoleArn: ROLE, RoleSessionName: 'alice' };
const STS = { Version: '2015-04-01' };

interface Credentials {
  readonly AccessKeyId: string;
  readonly AccessKeySecret: string;
  readonly SecurityToken: string;
  readonly Expiration: string;
}

function policyText(...Action: readonly string[]): string {
  const Statement = [{ Effect: 'Allow', Action, Resource: ['acs:oss:*:*:examplebucket/a*'] }];
  return JSON.stringify({ Version: '1', Statement });
}

async function call(
  port: number,
  parameters: Readonly<Record<string, string>>,
  { nowMs = Date.now(), key }: { readonly nowMs?: number; readonly key?: Credentials } = {},
) {
  const overrides = key ? { AccessKeyId: key.AccessKeyId, SecurityToken: key.SecurityToken } : {};
  const query = signedQuery(nowMs, { ...STS, ...parameters }, overrides, { secret: key?.AccessKeySecret });
  const response = await fetch(`http://127.0.0.1:${port}/?${query}`);
  // biome-ignore lint/suspicious/noExplicitAny: the tests check the content of the answer
  const body: any = await response.json();
  return { status: response.status, body };
}

function clientOf(port: number, { AccessKeyId, AccessKeySecret, SecurityToken }: Credentials): OSS {
  return new OSS({
    accessKeyId: AccessKeyId,
    accessKeySecret: AccessKeySecret,
    stsToken: SecurityToken,
    // Silences advice of the client.
    refreshSTSToken: async () => expect.unreachable('no test waits for it'),
    bucket: 'examplebucket',
    region: 'oss-cn-hangzhou',
    endpoint: `http://localhost:${port}`,
    sldEnable: true,
  } as OSS.Options);
}

async function start(options: Partial<Config> = {}) {
  const { emulator, port } = await startTestEmulator({
    buckets: [{ name: 'examplebucket', acl: 'private' }],
    ...options,
  });
  const assume = async (parameters: Readonly<Record<string, string>> = {}): Promise<Credentials> => {
    const { status, body } = await call(port, { ...ASSUME, ...parameters });
    expect(status).toBe(200);
    return body.Credentials;
  };
  return { emulator, port, assume };
}

describe('AssumeRole', () => {
  it('answers a temporary key and who it stands for', async () => {
    const clock = new ManualClock(Date.UTC(2025, 0, 1) + 250);
    const { port } = await startTestEmulator({}, { clock });
    const { body } = await call(port, { ...ASSUME, DurationSeconds: '900' }, { nowMs: clock.now() });
    expect(body).toEqual({
      RequestId: expect.any(String),
      Credentials: {
        AccessKeyId: expect.stringMatching(/^STS\.[A-Za-z0-9]{24}$/),
        AccessKeySecret: expect.stringMatching(/^[A-Za-z0-9]{44}$/),
        SecurityToken: expect.stringMatching(/^CAIS/),
        Expiration: '2025-01-01T00:15:00Z',
      },
      AssumedRoleUser: {
        Arn: `${ROLE}/alice`,
        AssumedRoleId: expect.stringMatching(/^3\d{17}:alice$/),
      },
    });
  });

  it.each([
    ['no role', { RoleArn: '' }, 400, 'MissingRoleArn'],
    ['no session name', { RoleSessionName: '' }, 400, 'MissingRoleSessionName'],
    ['a user instead of a role', { RoleArn: 'acs:ram::1234567890123456:user/x' }, 400, 'InvalidParameter.RoleArn'],
    ['a role with a path', { RoleArn: `${ROLE}/x` }, 400, 'InvalidParameter.RoleArn'],
    ['a session name of one letter', { RoleSessionName: 'x' }, 400, 'InvalidParameter.RoleSessionName'],
    ['a session name with a star', { RoleSessionName: 'abc*abc' }, 400, 'InvalidParameter.RoleSessionName'],
    ['a long session name', { RoleSessionName: 'x'.repeat(65) }, 400, 'InvalidParameter.RoleSessionName'],
    ['899 s', { DurationSeconds: '899' }, 400, 'InvalidParameter.DurationSeconds'],
    ['43201 s', { DurationSeconds: '43201' }, 400, 'InvalidParameter.DurationSeconds'],
    ['an hour', { DurationSeconds: '1h' }, 400, 'InvalidParameter.DurationSeconds'],
    ['a policy that is none', { Policy: '{"Statements":[]}' }, 400, 'InvalidParameter.PolicyGrammar'],
    ['a deep policy', { Policy: '['.repeat(2000) }, 400, 'InvalidParameter.PolicyGrammar'],
    ['a large policy', { Policy: policyText(...Array(200).fill('oss:GetObject')) }, 400, 'InvalidParameter.PolicySize'],
    ['a role of another account', { RoleArn: 'acs:ram::999:role/x' }, 403, 'NoPermission'],
  ])('refuses %s', async (_what, parameters, status, code) => {
    const { port } = await start();
    const refused = await call(port, { ...ASSUME, ...parameters });
    expect([refused.status, refused.body.Code]).toEqual([status, code]);
  });

  it('takes the time as the STS client of ali-oss writes it', async () => {
    const { port } = await start();
    const { status } = await call(port, { ...ASSUME, Timestamp: new Date().toISOString() });
    expect(status).toBe(200);
  });

  it('works with the STS client of ali-oss', async () => {
    const { port } = await start();
    const client = new OSS.STS({
      accessKeyId: 'emulator-ak',
      accessKeySecret: 'emulator-secret',
      endpoint: `http://127.0.0.1:${port}`,
    } as OSS.STSOptions);
    const { credentials } = await client.assumeRole(ROLE, JSON.parse(policyText('oss:PutObject')), 3600, 'app');
    await clientOf(port, credentials).put('a.txt', Buffer.from('x'));
  });
});

describe('a temporary key', () => {
  it('may do what its account may', async () => {
    const { port, assume } = await start();
    const client = clientOf(port, await assume());
    await client.put('key', Buffer.from('hello'));
    expect((await client.get('key')).content.toString()).toBe('hello');
    const { body } = await call(port, { Action: 'GetCallerIdentity' }, { key: await assume() });
    expect(body).toMatchObject({
      IdentityType: 'AssumedRoleUser',
      AccountId: '1234567890123456',
      Arn: 'acs:ram::1234567890123456:assumed-role/uploader/alice',
    });
  });

  it('may do no more than its session policy allows', async () => {
    const { port, assume } = await start();
    const client = clientOf(port, await assume({ Policy: policyText('oss:PutObject') }));
    await client.put('a.txt', Buffer.from('x'));
    const denied = { status: 403, code: 'AccessDenied', message: "Access denied by authorizer's policy." };
    await expect(client.put('b.txt', Buffer.from('x'))).rejects.toMatchObject(denied);
    await expect(client.get('a.txt')).rejects.toMatchObject(denied);
    await expect(client.deleteMulti(['a.txt'])).rejects.toMatchObject(denied);
    await expect(client.listBuckets({})).rejects.toMatchObject(denied);
    await expect(client.putBucket('other-bucket')).rejects.toMatchObject(denied);
  });

  it('may call no other product than its session policy allows', async () => {
    const { port, assume } = await start();
    const key = await assume({ Policy: policyText('oss:PutObject') });
    expect((await call(port, ASSUME, { key })).body.Code).toBe('Forbidden.RAM');
    const list = { Version: '2016-11-01', Action: 'DescribeLiveStreamsOnlineList', DomainName: 'example.com' };
    expect((await call(port, list, { key })).body.Code).toBe('Forbidden.RAM');
    expect((await call(port, list, { key: await assume() })).status).toBe(200);
  });

  it('needs its token, and not that of another', async () => {
    const { port, assume } = await start();
    const [one, other] = [await assume(), await assume()];
    const get = (key: Credentials) => clientOf(port, key).get('key');
    await expect(get({ ...one, SecurityToken: other.SecurityToken })).rejects.toMatchObject({
      code: 'AccessKeyIdAndSecurityTokenNotMatch',
    });
    await expect(get({ ...one, SecurityToken: 'x' })).rejects.toMatchObject({ code: 'InvalidSecurityToken' });
    const { SecurityToken: _token, ...without } = one;
    const unsigned = new OSS({
      accessKeyId: without.AccessKeyId,
      accessKeySecret: without.AccessKeySecret,
      bucket: 'examplebucket',
      endpoint: `http://localhost:${port}`,
      sldEnable: true,
    } as OSS.Options);
    await expect(unsigned.get('key')).rejects.toMatchObject({ code: 'InvalidAccessKeyId' });
  });

  it('expires on the clock of the emulator', async () => {
    const clock = new ManualClock(Date.UTC(2025, 0, 1));
    const { port } = await startTestEmulator({ buckets: [{ name: 'examplebucket', acl: 'private' }] }, { clock });
    const { body } = await call(port, { ...ASSUME, DurationSeconds: '900' }, { nowMs: clock.now() });
    const { AccessKeyId, AccessKeySecret, SecurityToken } = body.Credentials;
    const key = { accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret, securityToken: SecurityToken };
    // The URL is valid longer than the key.
    const query = signV1Url({ bucket: 'examplebucket', key: 'key' }, key, clock.now() / 1000 + 7200);
    const get = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/examplebucket/key?${query}`);
      return [response.status, /<Code>([^<]*)/.exec(await response.text())?.[1]];
    };
    const identify = () => call(port, { Action: 'GetCallerIdentity' }, { nowMs: clock.now(), key: body.Credentials });
    clock.advance(900_000);
    expect(await get()).toEqual([404, 'NoSuchKey']);
    expect((await identify()).status).toBe(200);
    clock.advance(1);
    expect(await get()).toEqual([403, 'SecurityTokenExpired']);
    expect((await identify()).body.Code).toBe('InvalidSecurityToken.Expired');
  });

  it('is forgotten by a reset', async () => {
    const { emulator, port, assume } = await start();
    const key = await assume();
    await emulator.control.reset();
    await expect(clientOf(port, key).get('key')).rejects.toMatchObject({ code: 'InvalidAccessKeyId' });
  });

  it('survives a restart, with its policy', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'sts-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const options = { memory: false, dataDir, buckets: [{ name: 'examplebucket', acl: 'private' as const }] };
    const open = async () => {
      const emulator = new Emulator({ port: 0, rtmpPort: undefined, webrtcPort: 0, host: '127.0.0.1', ...options });
      return { emulator, ...(await emulator.start()) };
    };
    const first = await open();
    const { body } = await call(first.port, { ...ASSUME, Policy: policyText('oss:PutObject') });
    await first.emulator.stop();
    const second = await open();
    onTestFinished(() => second.emulator.stop());
    const client = clientOf(second.port, body.Credentials);
    await client.put('a.txt', Buffer.from('x'));
    await expect(client.put('b.txt', Buffer.from('x'))).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it('publishes when its session policy allows it', async () => {
    const { port, assume } = await start();
    const owner = clientOf(port, await assume());
    for (const name of ['a-cam', 'b-cam']) await owner.putChannel(name, channelConfig());
    const publish = async (channel: string, action: string) => {
      const { AccessKeyId, AccessKeySecret, SecurityToken } = await assume({ Policy: policyText(action) });
      const key = { accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret, securityToken: SecurityToken };
      const expiresSec = Math.floor(Date.now() / 1000) + 600;
      const query = signRtmpUrl({ bucket: 'examplebucket', channel }, key, expiresSec);
      const publisher = await RtmpPublisher.publish(`rtmp://127.0.0.1:${port}/examplebucket/live/${channel}?${query}`);
      publisher.destroy();
      await publisher.closed;
    };
    await publish('a-cam', 'oss:PublishRtmpStream');
    await expect(publish('b-cam', 'oss:PublishRtmpStream')).rejects.toThrow(/AccessDenied 0003-00000301/);
    await expect(publish('a-cam', 'oss:PutObject')).rejects.toThrow(/AccessDenied 0003-00000301/);
  });
});

it('no secret is logged or told', async () => {
  const lines: string[] = [];
  const log = createLog(
    'debug',
    (line) => lines.push(line),
    () => 0,
  );
  const { emulator, port } = await startTestEmulator({}, { log });
  const { body } = await call(port, ASSUME);
  const key: Credentials = body.Credentials;
  await clientOf(port, key).listBuckets({});
  const told = JSON.stringify(emulator.events.since(0));
  for (const secret of [key.AccessKeySecret, key.SecurityToken, encodeURIComponent(key.SecurityToken)]) {
    expect(lines.join('\n')).not.toContain(secret);
    expect(told).not.toContain(secret);
  }
});
