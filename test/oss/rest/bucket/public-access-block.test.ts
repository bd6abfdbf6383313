import { describe, expect, it } from 'vitest';
import { element, GUEST, type RestServer, refusal, startRestServer } from '../rest-server.ts';

const DENIED_BY_ACL = { status: 403, code: 'AccessDenied', ec: '0003-00000001' };
const PUBLIC_POLICY = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'oss:GetObject', Principal: ['*'], Resource: 'acs:oss:*:*:examplebucket/*' }],
});

async function block({ send }: RestServer, target: string, text: string | undefined = 'true') {
  const element = text === undefined ? '' : `<BlockPublicAccess>${text}</BlockPublicAccess>`;
  const body = `<PublicAccessBlockConfiguration>${element}</PublicAccessBlockConfiguration>`;
  return send('PUT', `${target}?publicAccessBlock`, { body });
}

async function start() {
  const server = await startRestServer({ buckets: { examplebucket: 'public-read-write' } });
  await server.objects.put('examplebucket', 'key', Buffer.from('hello'));
  return server;
}

describe.each([
  ['a bucket', '/examplebucket'],
  ['the account', '/'],
])('blocked public access of %s', (_what, target) => {
  const isBlocked = async ({ send }: RestServer) =>
    element(await send('GET', `${target}?publicAccessBlock`), 'BlockPublicAccess');

  it('is set, read and deleted', async () => {
    const server = await start();
    expect(await isBlocked(server)).toBe('false');
    expect((await block(server, target)).status).toBe(200);
    expect(await isBlocked(server)).toBe('true');
    expect((await server.send('DELETE', `${target}?publicAccessBlock`)).status).toBe(204);
    expect(await isBlocked(server)).toBe('false');
    await block(server, target);
    // The Python SDK writes `True`, and sends False by default.
    expect((await block(server, target, 'False')).status).toBe(200);
    expect(await isBlocked(server)).toBe('false');
    expect(refusal(await block(server, target, 'x'))).toMatchObject({ status: 400, code: 'MalformedXML' });
  });

  it('makes ACLs private, and they come back with it', async () => {
    const server = await start();
    await block(server, target);
    for (const key of [null, GUEST]) {
      expect(refusal(await server.send('GET', '/examplebucket/key', { key }))).toEqual(DENIED_BY_ACL);
      expect(refusal(await server.send('PUT', '/examplebucket/x', { key, body: 'x' }))).toEqual(DENIED_BY_ACL);
    }
    expect((await server.send('GET', '/examplebucket/key')).text).toBe('hello');
    await block(server, target, 'false');
    expect((await server.send('GET', '/examplebucket/key', { key: null })).text).toBe('hello');
  });

  it('takes from a policy what it gives to everybody, not what it gives to one', async () => {
    const server = await start();
    await server.send('PUT', '/examplebucket?acl', { headers: { 'x-oss-acl': 'private' } });
    const both = JSON.parse(PUBLIC_POLICY);
    const one = { ...both.Statement[0], Principal: [GUEST.uid] };
    const body = JSON.stringify({ Version: '1', Statement: [both.Statement[0], one] });
    expect((await server.send('PUT', '/examplebucket?policy', { body })).status).toBe(200);
    expect((await server.send('GET', '/examplebucket/key', { key: null })).text).toBe('hello');
    await block(server, target);
    expect(refusal(await server.send('GET', '/examplebucket/key', { key: null }))).toEqual(DENIED_BY_ACL);
    expect((await server.send('GET', '/examplebucket/key', { key: GUEST })).text).toBe('hello');
  });

  it.each([
    [
      'PutBucketAcl',
      'PUT',
      '/examplebucket?acl',
      { 'x-oss-acl': 'public-read' },
      'Put public bucket acl is not allowed',
    ],
    [
      'PutObjectACL',
      'PUT',
      '/examplebucket/key?acl',
      { 'x-oss-object-acl': 'public-read' },
      'Put public object acl is not allowed',
    ],
    [
      'PutObject',
      'PUT',
      '/examplebucket/new',
      { 'x-oss-object-acl': 'public-read-write' },
      'Put public object acl is not allowed',
    ],
  ])('refuses a public ACL by %s', async (_what, method, path, headers, message) => {
    const server = await start();
    await block(server, target);
    const reply = await server.send(method, path, { headers: Object.fromEntries(Object.entries(headers)), body: '' });
    expect(refusal(reply)).toMatchObject({ status: 403, code: 'AccessDenied' });
    expect(element(reply, 'Message')).toBe(message);
    const asPrivate = await server.send('PUT', '/examplebucket/new', {
      headers: { 'x-oss-object-acl': 'private' },
      body: '',
    });
    expect(asPrivate.status).toBe(200);
  });

  it('refuses a public policy', async () => {
    const server = await start();
    await block(server, target);
    const reply = await server.send('PUT', '/examplebucket?policy', { body: PUBLIC_POLICY });
    expect(refusal(reply)).toMatchObject({ status: 403, code: 'AccessDenied' });
    expect(element(reply, 'Message')).toBe('Put public bucket policy is not allowed');
  });
});

it('an account blocks its own buckets, new ones too', async () => {
  const server = await start();
  await block(server, '/');
  const reply = await server.send('PUT', '/new-bucket', { headers: { 'x-oss-acl': 'public-read' } });
  expect(refusal(reply)).toMatchObject({ status: 403, code: 'AccessDenied' });
  const guests = await server.send('PUT', '/guests-bucket', { key: GUEST, headers: { 'x-oss-acl': 'public-read' } });
  expect(guests.status).toBe(200);
  expect(element(await server.send('GET', '/?publicAccessBlock', { key: GUEST }), 'BlockPublicAccess')).toBe('false');
});

it('there are no access points', async () => {
  const server = await start();
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const reply = await server.send(method, '/examplebucket?publicAccessBlock&x-oss-access-point-name=ap-01', {
      body: '',
    });
    expect([reply.status, element(reply, 'Message')]).toEqual([404, 'Accesspoint not found']);
  }
});
