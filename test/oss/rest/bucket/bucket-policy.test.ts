import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { element, GUEST, NOW_MS, READER, type RestServer, refusal, startRestServer } from '../rest-server.ts';

const DENIED_BY_POLICY = { status: 403, code: 'AccessDenied', ec: '0003-00000101' };
const DENIED_BY_ACL = { status: 403, code: 'AccessDenied', ec: '0003-00000001' };

type Fields = Readonly<Record<string, unknown>>;

function policyText(...statements: readonly Fields[]): string {
  const everything = {
    Effect: 'Allow',
    Action: ['oss:*'],
    Principal: [GUEST.uid],
    Resource: ['acs:oss:*:*:examplebucket', 'acs:oss:*:*:examplebucket/*'],
  };
  return JSON.stringify({ Version: '1', Statement: statements.map((statement) => ({ ...everything, ...statement })) });
}

async function putPolicy({ send }: RestServer, ...statements: readonly Fields[]): Promise<void> {
  const reply = await send('PUT', '/examplebucket?policy', { body: policyText(...statements) });
  expect(reply.status).toBe(200);
}

describe('a bucket policy', () => {
  it('comes back as it was sent, and goes', async () => {
    const { send } = await startRestServer();
    const none = { status: 404, code: 'NoSuchBucketPolicy', ec: '0030-00000006' };
    expect(refusal(await send('GET', '/examplebucket?policy'))).toEqual(none);
    expect((await send('DELETE', '/examplebucket?policy')).status).toBe(204);
    const text = ` ${policyText({})}\n`;
    expect((await send('PUT', '/examplebucket?policy', { body: text })).status).toBe(200);
    const reply = await send('GET', '/examplebucket?policy');
    expect([reply.text, reply.headers['content-type']]).toEqual([text, 'application/json']);
    expect((await send('DELETE', '/examplebucket?policy')).status).toBe(204);
    expect(refusal(await send('GET', '/examplebucket?policy'))).toEqual(none);
  });

  it('needs a bucket', async () => {
    const { send } = await startRestServer();
    for (const method of ['GET', 'DELETE']) {
      expect(refusal(await send(method, '/missing-bucket?policy'))).toMatchObject({
        status: 404,
        code: 'NoSuchBucket',
      });
    }
  });

  it.each([
    ['is no policy', 'x', '0030-00000005'],
    ['is empty', '', '0030-00000005'],
    ['has a number as version', policyText({}).replace('"1"', '1'), '0030-00000005'],
    ['is larger than 16 KB', policyText({}) + ' '.repeat(16 * 1024), '0030-00000001'],
    ['has a text longer than 4095 bytes', policyText({ Action: `oss:${'a'.repeat(4092)}` }), '0030-00000003'],
    ['is deep', '['.repeat(16 * 1024), '0030-00000005'],
  ])('that %s is refused, and the one before stays', async (_what, body, ec) => {
    const server = await startRestServer();
    await putPolicy(server, {});
    const before = (await server.send('GET', '/examplebucket?policy')).text;
    const reply = await server.send('PUT', '/examplebucket?policy', { body });
    expect(refusal(reply)).toEqual({ status: 400, code: 'InvalidPolicyDocument', ec });
    expect((await server.send('GET', '/examplebucket?policy')).text).toBe(before);
  });

  it.each([
    ['for everyone', { Principal: ['*'] }, 'true'],
    ['for an account', {}, 'false'],
  ])('%s has the status %s', async (_what, fields, isPublic) => {
    const server = await startRestServer();
    const status = async () => element(await server.send('GET', '/examplebucket?policyStatus'), 'IsPublic');
    expect(await status()).toBe('false');
    await putPolicy(server, fields);
    expect(await status()).toBe(isPublic);
  });
});

describe('another account', () => {
  it('may do nothing in a private bucket', async () => {
    const { send, objects } = await startRestServer();
    await objects.put('examplebucket', 'key', Buffer.from('hello'));
    expect(refusal(await send('GET', '/examplebucket/key', { key: GUEST }))).toEqual(DENIED_BY_ACL);
    expect(refusal(await send('PUT', '/examplebucket/key', { key: GUEST, body: 'x' }))).toEqual(DENIED_BY_ACL);
    for (const target of ['/examplebucket', '/examplebucket?acl', '/examplebucket?live', '/examplebucket/key?acl']) {
      const reply = await send('GET', target, { key: GUEST });
      expect(refusal(reply)).toEqual({ status: 403, code: 'AccessDenied', ec: undefined });
      expect(element(reply, 'Message')).toBe('The bucket you visit is not belong to you.');
    }
  });

  it('may what an ACL allows to everyone', async () => {
    const { send, objects } = await startRestServer({ buckets: { examplebucket: 'public-read' } });
    await objects.put('examplebucket', 'key', Buffer.from('hello'));
    expect((await send('GET', '/examplebucket/key', { key: GUEST })).text).toBe('hello');
    expect(refusal(await send('PUT', '/examplebucket/key', { key: GUEST, body: 'x' }))).toEqual(DENIED_BY_ACL);
  });

  it('may what a policy allows, and no more', async () => {
    const server = await startRestServer();
    const { send } = server;
    await putPolicy(server, { Action: ['oss:PutObject', 'oss:ListObjects'] });
    expect((await send('PUT', '/examplebucket/key', { key: GUEST, body: 'x' })).status).toBe(200);
    expect((await send('GET', '/examplebucket', { key: GUEST })).status).toBe(200);
    expect(refusal(await send('GET', '/examplebucket/key', { key: GUEST }))).toEqual(DENIED_BY_ACL);
    expect(refusal(await send('GET', '/examplebucket?policy', { key: GUEST })).status).toBe(403);
  });

  it('lists what it may list by prefix', async () => {
    const server = await startRestServer();
    await putPolicy(server, { Action: 'oss:ListObjects', Condition: { StringLike: { 'oss:Prefix': 'a/*' } } });
    const list = async (query: string) => (await server.send('GET', `/examplebucket${query}`, { key: GUEST })).status;
    expect(await list('?prefix=a/b')).toBe(200);
    expect(await list('?prefix=b/')).toBe(403);
    expect(await list('')).toBe(403);
  });

  it('needs the right to read the source of a copy', async () => {
    const server = await startRestServer({ buckets: { examplebucket: 'private', other: 'private' } });
    const { send, objects } = server;
    await objects.put('other', 'secret', Buffer.from('hello'));
    await objects.put('examplebucket', 'known', Buffer.from('hello'));
    await putPolicy(server, {});
    const copy = (source: string) =>
      send('PUT', '/examplebucket/copy', { key: GUEST, headers: { 'x-oss-copy-source': source } });
    expect(refusal(await copy('/other/secret'))).toEqual(DENIED_BY_ACL);
    expect((await copy('/examplebucket/known')).status).toBe(200);
  });

  it('needs the right to the target of a link besides that to the link', async () => {
    const server = await startRestServer();
    const { send, objects } = server;
    for (const key of ['secret', 'a/known']) await objects.put('examplebucket', key, Buffer.from('hello'));
    await putPolicy(server, { Resource: 'acs:oss:*:*:examplebucket/a/*' });
    for (const [link, target, status] of [
      ['a/1', 'secret', 403],
      ['a/2', 'a%2Fknown', 200],
    ] as const) {
      const headers = { 'x-oss-symlink-target': target };
      expect((await send('PUT', `/examplebucket/${link}?symlink`, { key: GUEST, headers })).status).toBe(200);
      for (const method of ['GET', 'HEAD']) {
        expect((await send(method, `/examplebucket/${link}`, { key: GUEST })).status).toBe(status);
      }
    }
  });

  it('deletes several objects when it may delete each of them', async () => {
    const server = await startRestServer();
    const { send, objects } = server;
    for (const key of ['a/1', 'a/2', 'b']) await objects.put('examplebucket', key, Buffer.from('x'));
    await putPolicy(server, { Action: 'oss:DeleteObject', Resource: 'acs:oss:*:*:examplebucket/a/*' });
    const remove = (keys: readonly string[]) => {
      const body = `<Delete>${keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('')}</Delete>`;
      return send('POST', '/examplebucket?delete', { key: GUEST, body, headers: md5Of(body) });
    };
    expect((await remove(['a/1', 'b'])).status).toBe(403);
    expect(await objects.find('examplebucket', 'a/1')).toBeDefined();
    expect((await remove(['a/1', 'a/2'])).status).toBe(200);
    expect(await objects.find('examplebucket', 'a/1')).toBeUndefined();
  });

  it('may manage channels when a policy says so', async () => {
    const server = await startRestServer();
    await putPolicy(server, { Action: 'oss:GetLiveChannelStat', Resource: 'acs:oss:*:*:examplebucket/cam' });
    expect((await server.send('GET', '/examplebucket/cam?live&comp=stat', { key: GUEST })).status).not.toBe(403);
    expect((await server.send('GET', '/examplebucket/other?live&comp=stat', { key: GUEST })).status).toBe(403);
    expect((await server.send('GET', '/examplebucket/cam?live', { key: GUEST })).status).toBe(403);
  });

  it('does not become the owner by an ACL', async () => {
    const { send } = await startRestServer();
    const put = await send('PUT', '/examplebucket?acl', { key: GUEST, headers: { 'x-oss-acl': 'public-read' } });
    expect(put.status).toBe(403);
    expect(element(await send('GET', '/examplebucket?acl'), 'Grant')).toBe('private');
  });
});

describe('a Deny', () => {
  it('wins over the ACL, for anonymous callers and other accounts', async () => {
    const server = await startRestServer({ buckets: { examplebucket: 'public-read' } });
    await server.objects.put('examplebucket', 'key', Buffer.from('hello'));
    await putPolicy(server, { Effect: 'Deny', Principal: ['*'], Action: 'oss:GetObject' });
    for (const key of [null, GUEST]) {
      expect(refusal(await server.send('GET', '/examplebucket/key', { key }))).toEqual(DENIED_BY_POLICY);
    }
    expect((await server.send('GET', '/examplebucket/key')).text).toBe('hello');
  });

  it('wins over the owner whom it names', async () => {
    const server = await startRestServer();
    await putPolicy(server, { Effect: 'Deny', Principal: ['1234567890123456'], Action: 'oss:PutObject' });
    expect(refusal(await server.send('PUT', '/examplebucket/key', { body: 'x' }))).toEqual(DENIED_BY_POLICY);
    expect((await server.send('DELETE', '/examplebucket?policy')).status).toBe(204);
    expect((await server.send('PUT', '/examplebucket/key', { body: 'x' })).status).toBe(200);
  });

  it('without TLS refuses everybody, the owner included', async () => {
    const server = await startRestServer();
    const Condition = { Bool: { 'acs:SecureTransport': ['false'] } };
    await putPolicy(server, { Effect: 'Deny', Principal: ['*'], Action: 'oss:GetObject', Condition });
    expect(refusal(await server.send('GET', '/examplebucket/key'))).toEqual(DENIED_BY_POLICY);
  });
});

describe('an anonymous caller', () => {
  it.each([
    ['127.0.0.0/8', 200],
    ['10.0.0.0/8', 403],
  ])('from %s gets %i', async (range, status) => {
    const server = await startRestServer();
    await server.objects.put('examplebucket', 'key', Buffer.from('hello'));
    await putPolicy(server, { Principal: ['*'], Condition: { IpAddress: { 'acs:SourceIp': [range] } } });
    expect((await server.send('GET', '/examplebucket/key', { key: null })).status).toBe(status);
  });

  it('may until a time on the clock of the emulator', async () => {
    const clock = new ManualClock(NOW_MS);
    const server = await startRestServer({ clock });
    await server.objects.put('examplebucket', 'key', Buffer.from('hello'));
    const Condition = { DateLessThan: { 'acs:CurrentTime': new Date(NOW_MS + 60_000).toISOString() } };
    await putPolicy(server, { Principal: ['*'], Condition });
    expect((await server.send('GET', '/examplebucket/key', { key: null })).status).toBe(200);
    clock.advance(60_000);
    expect(refusal(await server.send('GET', '/examplebucket/key', { key: null }))).toEqual(DENIED_BY_ACL);
  });
});

it('a read-only key writes nothing, whatever a policy allows', async () => {
  const server = await startRestServer();
  await putPolicy(server, { Principal: ['1234567890123456'] });
  const reply = await server.send('PUT', '/examplebucket/key', { key: READER, body: 'x' });
  expect(refusal(reply)).toEqual({ status: 403, code: 'AccessDenied', ec: '0003-00000201' });
});

describe('with signatures that are not checked', () => {
  it('a policy denies nothing', async () => {
    const server = await startRestServer({ authMode: 'off' });
    await putPolicy(server, { Effect: 'Deny', Principal: ['1234567890123456'] });
    expect((await server.send('PUT', '/examplebucket/key', { body: 'x' })).status).toBe(200);
  });
});

function md5Of(body: string): Record<string, string> {
  return { 'content-md5': createHash('md5').update(body).digest('base64') };
}

describe('the action of a request', () => {
  const allow = (...actions: readonly string[]) => ({ Action: actions });

  it('that copies a version is that for versions', async () => {
    const server = await startRestServer();
    const { send } = server;
    const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
    await send('PUT', '/examplebucket?versioning', { body });
    const put = await send('PUT', '/examplebucket/source', { body: 'x' });
    const source = `/examplebucket/source?versionId=${put.headers['x-oss-version-id']}`;
    const copy = () => send('PUT', '/examplebucket/copy', { key: GUEST, headers: { 'x-oss-copy-source': source } });
    await putPolicy(server, allow('oss:PutObject', 'oss:GetObject'));
    expect(refusal(await copy())).toEqual(DENIED_BY_ACL);
    await putPolicy(server, allow('oss:PutObject', 'oss:GetObjectVersion'));
    expect((await copy()).status).toBe(200);
  });

  it('that sets the ACL of what is written is a second one', async () => {
    const server = await startRestServer();
    const put = (headers: Readonly<Record<string, string>>) =>
      server.send('PUT', '/examplebucket/key', { key: GUEST, headers, body: 'x' });
    const acl = { 'x-oss-object-acl': 'default' };
    await putPolicy(server, allow('oss:PutObject'));
    expect((await put({})).status).toBe(200);
    expect(refusal(await put(acl))).toMatchObject({ status: 403, code: 'AccessDenied' });
    await putPolicy(server, allow('oss:PutObject', 'oss:PutObjectAcl'));
    expect((await put(acl)).status).toBe(200);
  });

  it('that sets the ACL of a bucket is PutBucketAcl, also in PutBucket', async () => {
    const server = await startRestServer();
    await putPolicy(server, { Effect: 'Deny', Action: ['oss:PutBucketAcl'], Principal: ['1234567890123456'] });
    const put = (headers: Readonly<Record<string, string>>) => server.send('PUT', '/examplebucket', { headers });
    expect(refusal(await put({ 'x-oss-acl': 'public-read' }))).toEqual(DENIED_BY_POLICY);
    expect((await put({})).status).toBe(200);
  });

  it('that writes tags with an object is a second one', async () => {
    const server = await startRestServer();
    const put = (headers: Readonly<Record<string, string>>) =>
      server.send('PUT', '/examplebucket/key', { key: GUEST, headers, body: 'x' });
    await putPolicy(server, allow('oss:PutObject'));
    expect((await put({})).status).toBe(200);
    expect(refusal(await put({ 'x-oss-tagging': 'a=b' }))).toEqual(DENIED_BY_ACL);
    await putPolicy(server, allow('oss:PutObject', 'oss:PutObjectTagging'));
    expect((await put({ 'x-oss-tagging': 'a=b' })).status).toBe(200);
  });
});
