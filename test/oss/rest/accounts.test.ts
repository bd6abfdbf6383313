import { describe, expect, it } from 'vitest';
import { element, GUEST, KEY, refusal, startRestServer } from './rest-server.ts';

function bucketNames(text: string): readonly string[] {
  return [...text.matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name = '']) => name);
}

describe('a bucket', () => {
  it('belongs to the account that created it, which documents show', async () => {
    const { send } = await startRestServer({ buckets: {} });
    await send('PUT', '/mine');
    await send('PUT', '/yours', { key: GUEST });
    await send('PUT', '/yours/key', { key: GUEST, body: 'x' });
    for (const target of ['/yours?bucketInfo', '/yours?acl', '/yours/key?acl', '/yours']) {
      expect(element(await send('GET', target, { key: GUEST }), 'ID')).toBe(GUEST.uid);
    }
    expect(element(await send('GET', '/mine?bucketInfo'), 'ID')).toBe('1234567890123456');
  });

  it('is listed to its account only', async () => {
    const { send } = await startRestServer({ buckets: {} });
    for (const name of ['a-1', 'a-3']) await send('PUT', `/${name}`);
    for (const name of ['a-2', 'a-4', 'b-5']) await send('PUT', `/${name}`, { key: GUEST });
    const list = await send('GET', '/', { key: GUEST });
    expect([bucketNames(list.text), element(list, 'ID')]).toEqual([['a-2', 'a-4', 'b-5'], GUEST.uid]);
    expect(bucketNames((await send('GET', '/')).text)).toEqual(['a-1', 'a-3']);
    const page = await send('GET', '/?prefix=a-&max-keys=1', { key: GUEST });
    expect([bucketNames(page.text), element(page, 'NextMarker')]).toEqual([['a-2'], 'a-2']);
    const next = await send('GET', '/?prefix=a-&max-keys=1&marker=a-2', { key: GUEST });
    expect([bucketNames(next.text), element(next, 'IsTruncated')]).toEqual([['a-4'], 'false']);
  });

  it('of another account cannot be created again', async () => {
    const { send } = await startRestServer();
    const put = await send('PUT', '/examplebucket', { key: GUEST, headers: { 'x-oss-acl': 'public-read' } });
    expect(refusal(put)).toEqual({ status: 409, code: 'BucketAlreadyExists', ec: '0015-00000102' });
    expect(element(await send('GET', '/examplebucket?acl'), 'Grant')).toBe('private');
    expect((await send('PUT', '/examplebucket')).status).toBe(200);
  });

  it('that its ACL creates belongs to the caller', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/new-bucket?acl', { key: GUEST, headers: { 'x-oss-acl': 'private' } });
    expect(element(await send('GET', '/new-bucket?acl', { key: GUEST }), 'ID')).toBe(GUEST.uid);
    expect((await send('GET', '/new-bucket?acl')).status).toBe(403);
  });

  it('is used by all keys of its account', async () => {
    const second = { accessKeyId: 'second-ak', accessKeySecret: 'second-secret', uid: '2222222222222222' };
    const { send } = await startRestServer({ buckets: {}, keys: [second] });
    await send('PUT', '/yours', { key: GUEST });
    expect((await send('PUT', '/yours/key', { key: second, body: 'x' })).status).toBe(200);
    expect((await send('DELETE', '/yours', { key: KEY })).status).toBe(403);
  });
});
