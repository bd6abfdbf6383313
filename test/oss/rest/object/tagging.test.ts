import { describe, expect, it } from 'vitest';
import { element, type Reply, type RestServer, refusal, startRestServer } from '../rest-server.ts';

type Pairs = readonly (readonly [key: string, value: string])[];

const TEN: Pairs = Array.from({ length: 10 }, (_, index) => [`k${index}`, 'v'] as const);

/** The tags that are refused, and the EC of the refusal where its page is known. */
const REFUSED: readonly [what: string, pairs: Pairs, ec: string | undefined][] = [
  ['11 tags', [...TEN, ['k10', 'v']], undefined],
  ['an empty key', [['', 'v']], '0010-00000219'],
  ['a key of 129 characters', [['k'.repeat(129), 'v']], '0010-00000209'],
  ['a value of 257 characters', [['k', 'v'.repeat(257)]], undefined],
  ['a key with other characters', [['%@abc', 'v']], '0010-00000217'],
  ['a value with other characters', [['k', '%abc']], '0010-00000217'],
  ['a control character', [['k', 'a\u0001']], '0010-00000217'],
  [
    'the same key twice',
    [
      ['k', 'a'],
      ['k', 'b'],
    ],
    '0010-00000210',
  ],
];

const ACCEPTED: Pairs = [
  ['k'.repeat(128), 'v'.repeat(256)],
  // Two code units each, but one character.
  ['𠀀'.repeat(128), '𠀀'.repeat(256)],
  ['+ -=._:/', ' 中文 é 9'],
  ['empty', ''],
];

function header(pairs: Pairs): string {
  return pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
}

function document(pairs: Pairs): string {
  const tags = pairs.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`);
  return `<Tagging><TagSet>${tags.join('')}</TagSet></Tagging>`;
}

async function tagsOf({ send }: RestServer, key = 'key'): Promise<[string, string][]> {
  const { text } = await send('GET', `/examplebucket/${key}?tagging`);
  return [...text.matchAll(/<Key>(.*)<\/Key>\s*<Value>(.*)<\/Value>/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);
}

const REQUESTS: readonly [string, (server: RestServer, pairs: Pairs) => Promise<Reply>][] = [
  [
    'PutObject',
    ({ send }, pairs) => send('PUT', '/examplebucket/key', { body: 'x', headers: { 'x-oss-tagging': header(pairs) } }),
  ],
  [
    'AppendObject',
    ({ send }, pairs) =>
      send('POST', '/examplebucket/key?append&position=0', { body: 'x', headers: { 'x-oss-tagging': header(pairs) } }),
  ],
  [
    'PutSymlink',
    ({ send }, pairs) =>
      send('PUT', '/examplebucket/key?symlink', {
        headers: { 'x-oss-symlink-target': 'other', 'x-oss-tagging': header(pairs) },
      }),
  ],
  [
    'InitiateMultipartUpload',
    async ({ send }, pairs) => {
      const begun = await send('POST', '/examplebucket/key?uploads', { headers: { 'x-oss-tagging': header(pairs) } });
      if (begun.status !== 200) return begun;
      const target = `/examplebucket/key?uploadId=${element(begun, 'UploadId')}`;
      return send('POST', target, { headers: { 'x-oss-complete-all': 'yes' } });
    },
  ],
  [
    'CopyObject',
    async ({ send }, pairs) => {
      await send('PUT', '/examplebucket/source', { body: 'x' });
      const headers = { 'x-oss-copy-source': '/examplebucket/source', 'x-oss-tagging-directive': 'Replace' };
      return send('PUT', '/examplebucket/key', { headers: { ...headers, 'x-oss-tagging': header(pairs) } });
    },
  ],
  [
    'PutObjectTagging',
    async ({ send }, pairs) => {
      await send('PUT', '/examplebucket/key', { body: 'x' });
      return send('PUT', '/examplebucket/key?tagging', { body: document(pairs) });
    },
  ],
];

describe.each(REQUESTS)('the tags of %s', (_name, request) => {
  it.each(REFUSED)('are refused: %s', async (_what, pairs, ec) => {
    const server = await startRestServer();
    const refused = refusal(await request(server, pairs));
    expect(refused).toMatchObject({ status: 400, code: 'InvalidArgument', ...(ec !== undefined && { ec }) });
  });

  it('are kept when they fit', async () => {
    const server = await startRestServer();
    expect((await request(server, ACCEPTED)).status).toBe(200);
    expect(await tagsOf(server)).toEqual(ACCEPTED);
  });

  it('can be ten', async () => {
    const server = await startRestServer();
    expect((await request(server, TEN)).status).toBe(200);
    expect(await tagsOf(server)).toEqual(TEN);
  });
});

describe('the header x-oss-tagging', () => {
  it.each([
    ['aa=bb=cc', '0010-00000219'],
    ['a=%ff', '0010-00000216'],
    ['a=1&', '0010-00000219'],
    ['a=%', '0010-00000216'],
  ])('is refused as %s', async (text, ec) => {
    const { send } = await startRestServer();
    const reply = await send('PUT', '/examplebucket/key', { body: 'x', headers: { 'x-oss-tagging': text } });
    expect(refusal(reply)).toEqual({ status: 400, code: 'InvalidArgument', ec });
    expect((await send('HEAD', '/examplebucket/key')).status).toBe(404);
  });

  it('may name keys alone, and write blanks as a plus', async () => {
    const server = await startRestServer();
    await server.send('PUT', '/examplebucket/key', { body: 'x', headers: { 'x-oss-tagging': 'a&b+c=d+e' } });
    expect(await tagsOf(server)).toEqual([
      ['a', ''],
      ['b c', 'd e'],
    ]);
  });

  it('is ignored by an append to an object that exists', async () => {
    const server = await startRestServer();
    const { send } = server;
    await send('POST', '/examplebucket/key?append&position=0', { body: 'x', headers: { 'x-oss-tagging': 'a=1' } });
    const headers = { 'x-oss-tagging': '=wrong', 'x-oss-meta-a': 'new' };
    const later = await send('POST', '/examplebucket/key?append&position=1', { body: 'x', headers });
    expect(later.status).toBe(200);
    expect(await tagsOf(server)).toEqual([['a', '1']]);
    expect((await send('HEAD', '/examplebucket/key')).headers).not.toHaveProperty('x-oss-meta-a');
  });
});

describe('x-oss-tagging-directive', () => {
  it.each([
    [{}, [['a', '1']]],
    [{ 'x-oss-tagging': 'b=2' }, [['a', '1']]],
    [{ 'x-oss-tagging-directive': 'Copy', 'x-oss-tagging': '=wrong' }, [['a', '1']]],
    [{ 'x-oss-tagging-directive': 'copy' }, [['a', '1']]],
    [{ 'x-oss-tagging-directive': 'Replace', 'x-oss-tagging': 'b=2' }, [['b', '2']]],
    [{ 'x-oss-tagging-directive': 'REPLACE' }, []],
    [{ 'x-oss-metadata-directive': 'REPLACE' }, [['a', '1']]],
  ])('%o', async (directive, expected) => {
    const server = await startRestServer();
    await server.send('PUT', '/examplebucket/source', { body: 'x', headers: { 'x-oss-tagging': 'a=1' } });
    const headers = { 'x-oss-copy-source': '/examplebucket/source', ...directive };
    expect((await server.send('PUT', '/examplebucket/key', { headers })).status).toBe(200);
    expect(await tagsOf(server)).toEqual(expected);
  });

  it('must be one of both', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/source', { body: 'x' });
    const headers = { 'x-oss-copy-source': '/examplebucket/source', 'x-oss-tagging-directive': 'Keep' };
    const reply = await send('PUT', '/examplebucket/key', { headers });
    expect(refusal(reply)).toMatchObject({ status: 400, code: 'InvalidArgument' });
    expect(element(reply, 'ArgumentName')).toBe('x-oss-tagging-directive');
  });
});
