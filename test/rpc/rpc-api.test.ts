import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MAX_RPC_PARAMETERS, parseRpcParameters } from '../../src/aliyun/auth/rpc-query.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import type { Config } from '../../src/config/config.ts';
import { RPC_VECTORS } from '../aliyun/auth/rpc-vectors.ts';
import { signedQuery } from '../live/signed-call.ts';
import { startTestEmulator } from '../support/emulator.ts';

const NOW_MS = RPC_VECTORS.clock.unix * 1000;
const MINUTES_MS = 60_000;
const LIST = { Action: 'DescribeLiveStreamsOnlineList', DomainName: 'example.com' };

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests check the content of the answer
  readonly body: any;
}

async function start(options: Partial<Config> = {}) {
  const clock = new ManualClock(NOW_MS);
  const logged: string[] = [];
  const log = createLog(
    'debug',
    (line) => logged.push(line),
    () => clock.now(),
  );
  const { endpoint, emulator } = await startTestEmulator(options, { clock, log });
  const send = async (target: string, init: RequestInit = {}): Promise<Reply> => {
    const response = await fetch(`${endpoint}${target}`, init);
    const text = await response.text();
    const body = text.startsWith('{') ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, body };
  };
  const call = (
    overrides: Readonly<Record<string, string | undefined>> = {},
    parameters: Readonly<Record<string, string>> = LIST,
  ) => send(`/?${signedQuery(clock.now(), parameters, overrides)}`);
  return { clock, logged, endpoint, emulator, send, call };
}

const at = (ms: number) => `${new Date(NOW_MS + ms).toISOString().slice(0, 19)}Z`;

describe('the gateway', () => {
  it.each([
    ['Format yaml', { Format: 'yaml' }, 400, 'InvalidParameter.Format', 'Specified parameter Format is not valid.'],
    ['no Action', { Action: undefined }, 400, 'MissingAction', 'Action is mandatory for this action.'],
    ['no Version', { Version: undefined }, 400, 'MissingVersion', 'Version is mandatory for this action.'],
    ['another Version', { Version: '2099-01-01' }, 400, 'InvalidVersion', 'Specified parameter Version is not valid.'],
    [
      'an unknown Action',
      { Action: 'DescribeLiveSnapshotConfig' },
      404,
      'InvalidAction.NotFound',
      'Specified api is not found, please check your url and method.',
    ],
    [
      'an Action in another case',
      { Action: 'describelivestreamsonlinelist' },
      404,
      'InvalidAction.NotFound',
      undefined,
    ],
    ...['AccessKeyId', 'Signature', 'SignatureMethod', 'SignatureVersion', 'SignatureNonce', 'Timestamp'].flatMap(
      (name) =>
        [undefined, ''].map(
          (value) =>
            [
              `${value ?? 'no'} ${name}`,
              { [name]: value },
              400,
              `Missing${name}`,
              `${name} is mandatory for this action.`,
            ] as const,
        ),
    ),
    [
      'another algorithm',
      { SignatureMethod: 'HMAC-SHA256' },
      400,
      'InvalidSignatureMethod',
      'Specified signature method is not valid.',
    ],
    ['a bearer token', { SignatureType: 'BEARERTOKEN' }, 400, 'InvalidSignatureMethod', undefined],
    ['another signature version', { SignatureVersion: '2.0' }, 400, 'InvalidSignatureVersion', undefined],
    [
      'a time in another form',
      { Timestamp: '2024-01-01 00:00:00' },
      400,
      'InvalidTimeStamp.Format',
      'Specified time stamp or date value is not well formatted.',
    ],
    [
      'a time 15 min 1 s ago',
      { Timestamp: at(-15 * MINUTES_MS - 1000) },
      400,
      'InvalidTimeStamp.Expired',
      'Specified time stamp or date value is expired.',
    ],
    ['a time in 15 min 1 s', { Timestamp: at(15 * MINUTES_MS + 1000) }, 400, 'InvalidTimeStamp.Expired', undefined],
    [
      'an unknown key',
      { AccessKeyId: 'nobody' },
      404,
      'InvalidAccessKeyId.NotFound',
      'Specified access key is not found.',
    ],
    [
      'a token nobody has',
      { SecurityToken: 'x' },
      400,
      'InvalidSecurityToken.Malformed',
      'Specified SecurityToken is malformed.',
    ],
    ['a wrong signature', { Signature: 'AAAA' }, 400, 'SignatureDoesNotMatch', undefined],
    ['no DomainName', { DomainName: undefined }, 400, 'MissingDomainName', 'DomainName is mandatory for this action.'],
    ['an empty DomainName', { DomainName: '' }, 400, 'MissingDomainName', undefined],
  ] as const)('refuses %s', async (_, overrides, status, code, message) => {
    const { call, send } = await start();
    // Without Action, only the header shows that it is a call.
    const reply =
      'Action' in overrides && overrides.Action === undefined
        ? await send(`/?${signedQuery(NOW_MS, LIST, overrides)}`, { headers: { 'x-acs-action': LIST.Action } })
        : await call(overrides);
    expect({ status: reply.status, code: reply.body?.Code ?? /<Code>(.*)<\/Code>/.exec(reply.text)?.[1] }).toEqual({
      status,
      code,
    });
    if (message !== undefined && reply.body) expect(reply.body.Message).toBe(message);
  });

  it('takes a time 14 min 59 s away, either way', async () => {
    const { call } = await start();
    for (const ms of [-15 * MINUTES_MS + 1000, 15 * MINUTES_MS - 1000]) {
      expect((await call({ Timestamp: at(ms) })).status).toBe(200);
    }
  });

  it('ends the message of a wrong signature with its own string to sign, for the Go SDK to compare', async () => {
    const { call, logged } = await start();
    const query = { SignatureNonce: 'n', Signature: 'AAAA' };
    const { body } = await call(query);
    const expected = new URLSearchParams(signedQuery(NOW_MS, LIST, { SignatureNonce: 'n' }));
    expect(body.Message).toBe(
      `Specified signature is not matched with our calculation. server string to sign is:GET&%2F&${encodeURIComponent(
        [...expected]
          .filter(([name]) => name !== 'Signature')
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
          .join('&'),
      )}`,
    );
    expect(logged.join('\n')).toContain('code=SignatureDoesNotMatch');
  });

  it('tells of every call as an event, without its signature', async () => {
    const { call, emulator } = await start();
    const answered = emulator.events.waitFor('request.answered');
    await call({ DomainName: undefined });
    expect(await answered).toMatchObject({
      operation: LIST.Action,
      target: `/?Action=${LIST.Action}`,
      method: 'GET',
      status: 400,
      refusal: { code: 'MissingDomainName', reason: expect.stringContaining('DomainName') },
    });
  });

  it.each([
    ['Foo;Signature=SeCrEt', '***'],
    ['Signature=SeCrEt', '***'],
    ['AssumeRole&SecurityToken=SeCrEt', '***'],
    ['Foo%26Signature%3DSeCrEt', '***'],
    [`CAIS${'SeCrEt'.repeat(4)}`, '***'],
    ['SeCrEt'.repeat(11), '***'],
    ['DescribeNothing', 'DescribeNothing'],
  ])('shows of the unknown action %s no more than a name: %s', async (action, shown) => {
    const { endpoint, emulator, logged } = await start();
    const target = `/?Action=${shown}`;
    const [asParameter, asHeader] = [
      { url: `${endpoint}/?Action=${encodeURIComponent(action)}&Version=2016-11-01`, headers: {} },
      {
        url: endpoint,
        headers: { 'x-acs-action': action, 'x-acs-version': '2016-11-01', authorization: 'ACS3-HMAC-SHA256 a' },
      },
    ];
    for (const { url, headers } of [asParameter, asHeader]) {
      const answered = emulator.events.waitFor('request.answered');
      await fetch(url, { method: 'POST', headers });
      expect(await answered).toMatchObject({ target });
    }
    const told = [JSON.stringify(emulator.events.since(0)), ...logged].join('\n');
    expect(told).not.toContain('SeCrEt');
  });

  it('takes a nonce once, and only from a signature that fits', async () => {
    const { call } = await start();
    const nonce = { SignatureNonce: 'once' };
    expect((await call({ ...nonce, Signature: 'AAAA' })).body.Code).toBe('SignatureDoesNotMatch');
    expect((await call(nonce)).status).toBe(200);
    expect((await call(nonce)).body).toMatchObject({
      Code: 'SignatureNonceUsed',
      Message: 'Specified signature nonce was used already.',
    });
  });

  it('does not share nonces with another emulator', async () => {
    const nonce = { SignatureNonce: 'once' };
    for (let round = 0; round < 2; round++) expect((await (await start()).call(nonce)).status).toBe(200);
  });

  it('names the first thing that is wrong', async () => {
    const { send } = await start();
    const wrong = [
      ['Format', 'yaml', 'InvalidParameter.Format'],
      ['Version', '1', 'InvalidVersion'],
      ['Action', 'Nothing', 'InvalidAction.NotFound'],
      ['AccessKeyId', '', 'MissingAccessKeyId'],
      ['SignatureMethod', 'x', 'InvalidSignatureMethod'],
      ['SignatureVersion', 'x', 'InvalidSignatureVersion'],
      ['Timestamp', 'x', 'InvalidTimeStamp.Format'],
      ['Timestamp', at(-3_600_000), 'InvalidTimeStamp.Expired'],
      ['AccessKeyId', 'nobody', 'InvalidAccessKeyId.NotFound'],
      ['SecurityToken', 'x', 'InvalidSecurityToken.Malformed'],
      ['Signature', 'AAAA', 'SignatureDoesNotMatch'],
      ['DomainName', '', 'MissingDomainName'],
    ] as const;
    for (const [first, [, , code]] of wrong.entries()) {
      const overrides = Object.fromEntries(
        wrong
          .slice(first)
          .toReversed()
          .map(([name, value]) => [name, value]),
      );
      const { text } = await send(`/?${signedQuery(NOW_MS, LIST, overrides)}`);
      expect(text).toContain(code);
    }
  });

  it('refuses other methods', async () => {
    const { send } = await start();
    const reply = await send(`/?${signedQuery(NOW_MS, LIST)}`, { method: 'PUT' });
    expect(reply).toMatchObject({ status: 400, body: { Code: 'UnsupportedHTTPMethod' } });
  });
});

describe('keys', () => {
  async function startWithKeys() {
    const folder = await mkdtemp(join(tmpdir(), 'keys-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const credentials = join(folder, 'keys.json');
    const keys = [
      { accessKeyId: 'reader', accessKeySecret: 's', readOnly: true },
      { accessKeyId: 'former', accessKeySecret: 's', disabled: true },
      { accessKeyId: 'session', accessKeySecret: 's', securityToken: 'token', expiration: at(MINUTES_MS) },
    ];
    await writeFile(credentials, JSON.stringify(keys));
    const { send, clock } = await start({ credentials });
    return {
      clock,
      as: (AccessKeyId: string, parameters: Readonly<Record<string, string>> = LIST) =>
        send(`/?${signedQuery(clock.now(), { ...parameters, AccessKeyId }, {}, { secret: 's' })}`),
    };
  }

  it('that may only read may not write', async () => {
    const { as } = await startWithKeys();
    expect((await as('reader')).status).toBe(200);
    const write = { Action: 'DeleteLiveAppRecordConfig', DomainName: 'example.com', AppName: '*' };
    expect(await as('reader', write)).toMatchObject({ status: 403, body: { Code: 'Forbidden.RAM' } });
  });

  it('that are disabled may nothing', async () => {
    const { as } = await startWithKeys();
    expect(await as('former')).toMatchObject({
      status: 400,
      body: { Code: 'InvalidAccessKeyId.Inactive', Message: 'Specified access key is disabled.' },
    });
  });

  it('of a session need its token, until it expires', async () => {
    const { as, clock } = await startWithKeys();
    expect((await as('session')).body.Code).toBe('MissingSecurityToken');
    const withToken = { ...LIST, SecurityToken: 'token' };
    expect((await as('session', withToken)).status).toBe(200);
    expect((await as('session', { ...LIST, SecurityToken: 'x' })).body.Code).toBe(
      'InvalidSecurityToken.MismatchWithAccessKey',
    );
    clock.advance(MINUTES_MS + 1);
    expect((await as('session', withToken)).body.Code).toBe('InvalidSecurityToken.Expired');
  });

  it('are not asked for when signatures are off, and only logged when they are loose', async () => {
    const query = new URLSearchParams({ ...LIST, Version: '2016-11-01', Format: 'JSON' });
    expect((await (await start({ auth: 'off' })).send(`/?${query}`)).status).toBe(200);
    const { send, logged } = await start({ auth: 'loose' });
    expect((await send(`/?${query}`)).status).toBe(200);
    expect(logged.join('\n')).toMatch(/auth\.let-through .*code=MissingAccessKeyId/);
  });
});

describe('an answer', () => {
  const requestId = /^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/;

  it('is JSON', async () => {
    const { call } = await start();
    const { headers, body } = await call();
    expect(headers.get('content-type')).toBe('application/json;charset=utf-8');
    expect(body.RequestId).toMatch(requestId);
    expect(headers.get('x-acs-request-id')).toBe(body.RequestId);
    expect(body.OnlineInfo).toEqual({ LiveStreamOnlineInfo: [] });
  });

  it.each([undefined, 'xml', 'XML'])('is XML with Format %s', async (Format) => {
    const { call } = await start();
    const { headers, text } = await call({ Format });
    expect(headers.get('content-type')).toBe('text/xml;charset=utf-8');
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<DescribeLiveStreamsOnlineListResponse>/);
    expect(text).toContain('<TotalNum>0</TotalNum>');
  });

  it('is JSON without Format where the client accepts that', async () => {
    const { send } = await start();
    const target = `/?${signedQuery(NOW_MS, LIST, { Format: undefined })}`;
    const reply = await send(target, { headers: { accept: 'application/json' } });
    expect(reply.body.TotalNum).toBe(0);
  });

  it('repeats an element per list entry in XML', async () => {
    const { call } = await start();
    for (const StreamName of ['a&b', 'c']) {
      const forbid = {
        Action: 'ForbidLiveStream',
        DomainName: 'example.com',
        AppName: 'app',
        LiveStreamType: 'publisher',
      };
      await call({}, { ...forbid, StreamName });
    }
    const { text } = await call({ Format: 'XML', Action: 'DescribeLiveStreamsBlockList' });
    const list = /<StreamUrls>([\s\S]*)<\/StreamUrls>/.exec(text)?.[1]?.replaceAll(/\s/g, '');
    expect(list).toBe('<StreamUrl>example.com/app/a&amp;b</StreamUrl><StreamUrl>example.com/app/c</StreamUrl>');
  });

  it('that refuses leads to a page that explains', async () => {
    const { call, send, endpoint } = await start();
    const { body } = await call({ Action: 'DescribeLive<Nothing>' });
    expect(Object.keys(body)).toEqual(['RequestId', 'HostId', 'Code', 'Message', 'Recommend']);
    expect(`http://${body.HostId}`).toBe(endpoint);
    expect(body.Recommend).toBe(`${endpoint}/_emulator/errors?code=${body.Code}&requestId=${body.RequestId}`);
    const page = await send(body.Recommend.slice(endpoint.length));
    expect(page.headers.get('content-type')).toMatch(/^text\/html; ?charset=utf-8$/);
    expect(page.text).toContain('CreateLiveStreamRecordIndexFiles');
    expect(page.text).toContain('InvalidAction.NotFound (***)');
    expect(page.text).not.toContain('<Nothing>');
    expect((await send('/_emulator/errors?requestId=nobodys')).text).toContain('Nothing is remembered');
  });

  it('that refuses is XML too', async () => {
    const { call } = await start();
    const { headers, text, status } = await call({ Format: 'XML', DomainName: undefined });
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 400, type: 'text/xml;charset=utf-8' });
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error>\n {2}<RequestId>/);
    expect(text).toContain('<Code>MissingDomainName</Code>');
  });
});

describe('on the shared port', () => {
  it('a call may be a form, or half of one', async () => {
    const { send } = await start();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = signedQuery(NOW_MS, LIST, {}, { method: 'POST' });
    expect((await send('/', { method: 'POST', headers: type, body })).status).toBe(200);
    const half = new URLSearchParams(signedQuery(NOW_MS, LIST, {}, { method: 'POST' }));
    half.delete('DomainName');
    const rest = { method: 'POST', headers: type, body: 'DomainName=example.com' };
    expect((await send(`/?${half}`, rest)).status).toBe(200);
  });

  it('the query outweighs the form', async () => {
    const { send } = await start({ auth: 'off', liveDomains: ['play.test'] });
    const query = new URLSearchParams({ ...LIST, DomainName: 'play.test', Version: '2016-11-01', Format: 'JSON' });
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const reply = await send(`/?${query}`, { method: 'POST', headers, body: 'DomainName=other.test' });
    expect(reply.status).toBe(200);
  });

  it('a body of another type holds no parameters', async () => {
    const { send } = await start({ auth: 'off' });
    const query = new URLSearchParams({ Action: LIST.Action, Version: '2016-11-01', Format: 'JSON' });
    const headers = { 'content-type': 'text/plain' };
    const reply = await send(`/?${query}`, { method: 'POST', headers, body: 'DomainName=example.com' });
    expect(reply.body.Code).toBe('MissingDomainName');
  });

  it('whatever is no call is OSS', async () => {
    const { send, endpoint } = await start();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const replies = [
      await send('/'),
      await send('/?Action=x'),
      await send('/?max-keys=3'),
      await send('/', { method: 'POST', headers: form, body: 'a=b' }),
      await send('/examplebucket?Action=x&Version=y'),
    ];
    for (const { headers } of replies) expect(headers.get('server')).toBe('AliyunOSS');
    const call = await fetch(`${endpoint}/?${signedQuery(NOW_MS, LIST)}`);
    expect(call.headers.get('server')).toBeNull();
  });

  it('a body that is longer than any call is OSS', async () => {
    const { send } = await start();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = `Action=${LIST.Action}&Version=2016-11-01&x=${'x'.repeat(1024 * 1024)}`;
    expect((await send('/', { method: 'POST', headers, body })).headers.get('server')).toBe('AliyunOSS');
  });

  it('a client that leaves within its body hurts nobody', async () => {
    const { send, endpoint } = await start();
    const leaving = new AbortController();
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('Action='));
        setImmediate(() => leaving.abort());
      },
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const init = { method: 'POST', headers, body, signal: leaving.signal, duplex: 'half' } as RequestInit;
    await expect(fetch(`${endpoint}/`, init)).rejects.toThrow();
    expect((await send(`/?${signedQuery(NOW_MS, LIST)}`)).status).toBe(200);
  });
});

describe('what strangers send', () => {
  it('is no name of an operation, in no event and no metric, and is logged and shown cut', async () => {
    const { send, emulator, logged, endpoint } = await start();
    const actions = Array.from({ length: 20 }, (_, index) => `a${index}${'x'.repeat(20_000)}`);
    for (const action of actions) {
      const body = new URLSearchParams({
        Action: action,
        Version: '2016-11-01',
        Format: 'JSON',
        SignatureNonce: action,
      });
      expect(await send('/', { method: 'POST', body })).toMatchObject({ status: 404 });
    }
    const metrics = await (await fetch(`${endpoint}/_emulator/metrics`)).text();
    const labels = metrics.split('\n').filter((line) => line.startsWith('oss_livechannel_rpc_requests_total{'));
    expect(labels).toEqual([expect.stringMatching(/operation="unknown",.*\} 20$/)]);
    const told = emulator.events.since(0).filter(({ type }) => type === 'request.answered');
    expect(told).toHaveLength(20);
    for (const event of told) expect(event).not.toHaveProperty('operation');
    expect(told[0]).toMatchObject({ target: '/?Action=***' });
    expect(JSON.stringify(told).length).toBeLessThan(20 * 8_000);
    expect(Math.max(...logged.map((line) => line.length))).toBeLessThan(40_000);
  });

  it('has a bounded number of parameters, which are read before anybody asks for a signature', async () => {
    const { call } = await start();
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`X.${index}`, '']));
    expect(await call({}, { ...LIST, ...many(900) })).toMatchObject({ status: 200 });
    const refused = await call({ Signature: 'x' }, { ...LIST, ...many(1_500) });
    expect(refused).toMatchObject({ status: 400, body: { Code: 'InputInvalid' } });
    expect(parseRpcParameters('a&'.repeat(500_000))).toHaveLength(MAX_RPC_PARAMETERS + 1);
  });

  it('is not shown in full where a signature is explained', async () => {
    const { call } = await start();
    const { status, body } = await call({ Signature: 'x' }, { ...LIST, More: 'é'.repeat(2_000) });
    expect({ status, code: body.Code }).toEqual({ status: 400, code: 'SignatureDoesNotMatch' });
    expect(body.Message).toContain('GET&%2F&');
  });
});
