import { describe, expect, it } from 'vitest';
import { element, GUEST, type Reply, refusal, startRestServer } from '../rest-server.ts';

function tagging(pairs: Readonly<Record<string, string>>): string {
  const tags = Object.entries(pairs).map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`);
  return `<Tagging><TagSet>${tags.join('')}</TagSet></Tagging>`;
}

function keysOf(reply: Reply): string[] {
  return [...reply.text.matchAll(/<Key>(.*)<\/Key>/g)].map(([, key = '']) => key);
}

function namesOf(reply: Reply): string[] {
  return [...reply.text.matchAll(/<Name>(.*)<\/Name>/g)].map(([, name = '']) => name);
}

describe('the tags of a bucket', () => {
  it('are kept in order, replaced as a whole, and deleted', async () => {
    const { send } = await startRestServer();
    const put = (pairs: Readonly<Record<string, string>>) =>
      send('PUT', '/examplebucket/?tagging', { body: tagging(pairs) });
    const none = await send('GET', '/examplebucket/?tagging');
    expect([none.status, keysOf(none), none.text.includes('<TagSet></TagSet>')]).toEqual([200, [], true]);
    expect((await put({ '%@abc': 'abc', '123++': '++123%' })).status).toBe(200);
    const both = await send('GET', '/examplebucket/?tagging');
    expect([keysOf(both), element(both, 'Value')]).toEqual([['%@abc', '123++'], 'abc']);
    await put({ b: '1', a: '' });
    expect(keysOf(await send('GET', '/examplebucket/?tagging'))).toEqual(['b', 'a']);
    expect((await send('DELETE', '/examplebucket/?tagging')).status).toBe(204);
    expect((await send('DELETE', '/examplebucket/?tagging')).status).toBe(204);
    expect(keysOf(await send('GET', '/examplebucket/?tagging'))).toEqual([]);
  });

  it('are deleted by their keys', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/?tagging', { body: tagging({ k1: '1', k2: '2', k3: '3', '%@': '4' }) });
    expect((await send('DELETE', '/examplebucket/?tagging=k2,%25%40,other')).status).toBe(204);
    expect(keysOf(await send('GET', '/examplebucket/?tagging'))).toEqual(['k1', 'k3']);
  });

  it.each([
    ['21 tags', Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, 'v'])), undefined],
    ['an empty key', { '': 'v' }, '0010-00000219'],
    ['a key of 65 characters', { ['k'.repeat(65)]: 'v' }, '0010-00000219'],
    ['a value of 129 characters', { k: 'v'.repeat(129) }, '0010-00000219'],
    ['a key of Aliyun', { 'Aliyun-abc': 'v' }, '0010-00000207'],
    ['a key that is a URL', { 'https://a': 'v' }, '0010-00000207'],
    ['a key of the access control', { 'acs:abc': 'v' }, '0010-00000002'],
  ])('are refused: %s', async (_what, pairs, ec) => {
    const { send } = await startRestServer();
    const reply = await send('PUT', '/examplebucket/?tagging', { body: tagging(pairs) });
    expect(refusal(reply)).toEqual({ status: 400, code: 'InvalidArgument', ec });
    expect(keysOf(await send('GET', '/examplebucket/?tagging'))).toEqual([]);
  });

  it('have different keys', async () => {
    const { send } = await startRestServer();
    const body = tagging({ a: '1' }).replace(/<Tag>.*<\/Tag>/, '$&$&');
    const refused = { status: 400, code: 'InvalidArgument', ec: '0010-00000210' };
    expect(refusal(await send('PUT', '/examplebucket/?tagging', { body }))).toEqual(refused);
  });
});

describe('ListBuckets', () => {
  const buckets = { abucket: 'private', bbucket: 'private', cbucket: 'private' } as const;

  it.each([
    ['tag-key=k', ['abucket', 'bbucket']],
    ['tag-key=k&tag-value=1', ['abucket']],
    ['tag-value=1', ['abucket', 'cbucket']],
    ['tag-key=none', []],
    ['tagging=%22k%22%3A%222%22', ['bbucket']],
    ['tagging=%22k%22%3A%221%22%2C%22l%22%3A%22x%22', ['abucket']],
    ['tag-key=k&tagging=%22l%22%3A%22x%22', ['abucket']],
    ['', ['abucket', 'bbucket', 'cbucket']],
  ])('filters by tags: %s', async (query, expected) => {
    const { send } = await startRestServer({ buckets });
    await send('PUT', '/abucket/?tagging', { body: tagging({ k: '1', l: 'x' }) });
    await send('PUT', '/bbucket/?tagging', { body: tagging({ k: '2' }) });
    await send('PUT', '/cbucket/?tagging', { body: tagging({ m: '1' }) });
    const list = await send('GET', `/?${query}`);
    expect(namesOf(list)).toEqual(expected);
    expect(list.text.includes('<Tagging>')).toBe(query !== '' && expected.length > 0);
  });

  it("filters the caller's buckets only", async () => {
    const { send } = await startRestServer({ buckets });
    await send('PUT', '/abucket/?tagging', { body: tagging({ k: '1' }) });
    expect((await send('PUT', '/guestbucket', { key: GUEST })).status).toBe(200);
    await send('PUT', '/guestbucket/?tagging', { key: GUEST, body: tagging({ k: '1' }) });
    expect(namesOf(await send('GET', '/?tag-key=k'))).toEqual(['abucket']);
    expect(namesOf(await send('GET', '/?tag-key=k', { key: GUEST }))).toEqual(['guestbucket']);
  });

  it('is the same with regionList', async () => {
    const { send } = await startRestServer({ buckets });
    expect(namesOf(await send('GET', '/?regionList'))).toEqual(['abucket', 'bbucket', 'cbucket']);
  });

  it('pages through what it filters', async () => {
    const { send } = await startRestServer({ buckets });
    for (const name of ['abucket', 'cbucket']) {
      await send('PUT', `/${name}/?tagging`, { body: tagging({ k: '1' }) });
    }
    const first = await send('GET', '/?tag-key=k&max-keys=1');
    expect([namesOf(first), element(first, 'NextMarker')]).toEqual([['abucket'], 'abucket']);
    const second = await send('GET', '/?tag-key=k&max-keys=1&marker=abucket');
    expect([namesOf(second), element(second, 'IsTruncated')]).toEqual([['cbucket'], 'false']);
  });

  it.each([
    ['tagging=k', 'tagging'],
    ['tagging=%22k%22%3A1', 'tagging'],
    ['tagging=%22k%22%3A%7B%7D', 'tagging'],
    [`tagging=%22k%22%3A${'%5B'.repeat(2000)}`, 'tagging'],
    ['prefix=UPPER', 'prefix'],
    ['prefix=-a', 'prefix'],
    [`prefix=${'a'.repeat(64)}`, 'prefix'],
  ])('refuses %s', async (query, argument) => {
    const { send } = await startRestServer({ buckets });
    const reply = await send('GET', `/?${query}`);
    expect(refusal(reply)).toMatchObject({ status: 400, code: 'InvalidArgument' });
    expect(element(reply, 'ArgumentName')).toBe(argument);
  });

  it('shows the resource group when one is asked for', async () => {
    const { send } = await startRestServer();
    const id = element(await send('GET', '/examplebucket/?bucketInfo'), 'ResourceGroupId') ?? '';
    const list = await send('GET', '/', { headers: { 'x-oss-resource-group-id': id } });
    expect([namesOf(list), element(list, 'ResourceGroupId')]).toEqual([['examplebucket'], id]);
    expect(namesOf(await send('GET', '/', { headers: { 'x-oss-resource-group-id': 'rg-other' } }))).toEqual([]);
  });
});
