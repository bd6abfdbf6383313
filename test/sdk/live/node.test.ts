import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import RPCClient from '@alicloud/pop-core';
import { RuntimeOptions } from '@alicloud/tea-util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readRoomToken } from '../../../src/live/rooms/token.ts';
import { startTestEmulator } from '../../support/emulator.ts';

// CommonJS that was compiled from modules: vitest and TypeScript give it different default exports.
const {
  default: OpenApiClient,
  Config,
  OpenApiRequest,
  Params,
} = Object(createRequire(import.meta.url)('@alicloud/openapi-client'));

const RECORD_CONFIG = {
  DomainName: 'example.com',
  AppName: '*',
  OssBucket: 'examplebucket',
  OssEndpoint: '127.0.0.1:9000',
  RecordFormat: [
    {
      Format: 'm3u8',
      SliceDuration: 5,
      OssObjectPrefix: '{AppName}/{StartTime} {EndTime}',
      SliceOssObjectPrefix: "{AppName}/~!*()'中/{UnixTimestamp}_{Sequence}",
    },
  ],
};

type Call = (action: string, parameters: Readonly<Record<string, unknown>>) => Promise<unknown>;
interface Keys {
  readonly id: string;
  readonly secret: string;
  readonly token?: string;
}
const OWNER: Keys = { id: 'emulator-ak', secret: 'emulator-secret' };

function popCore(method: 'GET' | 'POST') {
  return (port: number, { id, secret, token }: Keys): Call => {
    const client = new RPCClient({
      accessKeyId: id,
      accessKeySecret: secret,
      endpoint: `http://127.0.0.1:${port}`,
      apiVersion: '2016-11-01',
      ...(token && { securityToken: token }),
    });
    return (action, parameters) => client.request(action, { ...parameters }, { method });
  };
}

function openApiClient(method: 'GET' | 'POST', signatureAlgorithm?: 'v2') {
  return (port: number, { id, secret, token }: Keys): Call => {
    const client = new OpenApiClient(
      new Config({
        accessKeyId: id,
        accessKeySecret: secret,
        endpoint: `127.0.0.1:${port}`,
        protocol: 'http',
        ...(token && { securityToken: token }),
        ...(signatureAlgorithm && { signatureAlgorithm }),
      }),
    );
    return async (action, parameters) => {
      const params = new Params({
        action,
        version: '2016-11-01',
        protocol: 'HTTP',
        pathname: '/',
        method,
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        bodyType: 'json',
      });
      const request = new OpenApiRequest({ query: flat(parameters) });
      const { body } = await client.callApi(params, request, new RuntimeOptions({}));
      return body;
    };
  };
}

/** `Name.1.Field`, as the generated clients write lists before they call the generic one. */
function flat(value: unknown, prefix = ''): Record<string, string> {
  if (typeof value !== 'object' || value === null) return { [prefix]: String(value) };
  const entries = Array.isArray(value)
    ? value.map((item, index) => [String(index + 1), item] as const)
    : Object.entries(value);
  return Object.assign({}, ...entries.map(([name, item]) => flat(item, prefix === '' ? name : `${prefix}.${name}`)));
}

async function credentialsFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const key = { accessKeyId: 'STS.session', accessKeySecret: 'session-secret', securityToken: 'a+b/c==' };
  await writeFile(join(folder, 'keys.json'), JSON.stringify([key]));
  return join(folder, 'keys.json');
}

describe.each([
  ['pop-core, GET', popCore('GET')],
  ['pop-core, POST', popCore('POST')],
  ['openapi-client, ACS3, POST', openApiClient('POST')],
  ['openapi-client, ACS3, GET', openApiClient('GET')],
  ['openapi-client, v2, POST', openApiClient('POST', 'v2')],
])('%s', (_, connect) => {
  it('adds a configuration and sees it', async () => {
    const { port } = await startTestEmulator();
    const call = connect(port, OWNER);
    await call('AddLiveAppRecordConfig', RECORD_CONFIG);
    const found = Object(await call('DescribeLiveRecordConfig', { DomainName: 'example.com' }));
    const [config] = found.LiveAppRecordList.LiveAppRecord;
    const [expected] = RECORD_CONFIG.RecordFormat;
    expect(config.RecordFormatList.RecordFormat).toEqual([{ ...expected, CycleDuration: 21_600 }]);
  });

  it('gets code and message of a refusal', async () => {
    const { port } = await startTestEmulator();
    const call = connect(port, OWNER);
    const wrong = { ...RECORD_CONFIG, OssBucket: 'nobodys' };
    await expect(call('AddLiveAppRecordConfig', wrong)).rejects.toMatchObject({
      code: 'InvalidOssBucket.NotFound',
      message: expect.stringContaining('The parameter OssBucket does not exist.'),
    });
  });

  it('gets an address of a room', async () => {
    const { port } = await startTestEmulator();
    const call = connect(port, OWNER);
    const room = { AppId: 'app-1', ChannelId: 'room' };
    const user = { ...room, UserId: 'u1', DisplayName: "Zoë 门 ~!*()'", ExpireTime: 60 };
    const { RtmpAddress } = Object(await call('CreateRoomRealTimeStreamAddress', user));
    const [, name = ''] = /\/rtc[0-9a-f]{12}\/([\w-]+)\?auth_key=/.exec(RtmpAddress) ?? [];
    expect(readRoomToken(name)).toEqual({
      appId: 'app-1',
      channelId: 'room',
      userId: 'u1',
      displayName: "Zoë 门 ~!*()'",
    });
    expect(await call('DescribeChannelParticipants', room)).toMatchObject({ TotalNum: 0, UserList: [] });
    await expect(call('CreateRoomRealTimeStreamAddress', { ...user, UserId: 'a b' })).rejects.toMatchObject({
      code: 'InputInvalid',
      message: expect.stringContaining('UserId is invalid.'),
    });
  });

  it('is refused with a wrong secret', async () => {
    const { port } = await startTestEmulator();
    const call = connect(port, { ...OWNER, secret: 'wrong' });
    const listed = call('DescribeLiveRecordConfig', { DomainName: 'example.com' });
    await expect(listed).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  });
});

describe.each([
  ['pop-core', popCore('POST')],
  ['openapi-client, ACS3', openApiClient('POST')],
  ['openapi-client, v2', openApiClient('GET', 'v2')],
])('%s with a temporary key', (_, connect) => {
  it('is known by its token', async () => {
    const { port } = await startTestEmulator({ credentials: await credentialsFile() });
    const session = { id: 'STS.session', secret: 'session-secret' };
    const list = (keys: Keys) => connect(port, keys)('DescribeLiveRecordConfig', { DomainName: 'example.com' });
    expect(await list({ ...session, token: 'a+b/c==' })).toMatchObject({ TotalNum: 0 });
    await expect(list(session)).rejects.toMatchObject({ code: 'MissingSecurityToken' });
  });
});
