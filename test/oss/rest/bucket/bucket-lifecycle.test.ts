import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { element, NOW_MS, type RestServer, refusal, startRestServer } from '../rest-server.ts';

const TARGET = '/examplebucket/?lifecycle';
const EXPIRE = '<Expiration><Days>3</Days></Expiration>';

function rule(id: string, prefix: string, actions = EXPIRE): string {
  return `<Rule><ID>${id}</ID><Prefix>${prefix}</Prefix><Status>Enabled</Status>${actions}</Rule>`;
}

function put({ send }: RestServer, rules: string, headers: Record<string, string> = {}) {
  return send('PUT', TARGET, { body: `<LifecycleConfiguration>${rules}</LifecycleConfiguration>`, headers });
}

describe('PutBucketLifecycle, GetBucketLifecycle and DeleteBucketLifecycle', () => {
  it('store, give and delete the rules', async () => {
    const server = await startRestServer();
    const { send } = server;
    const missing = await send('GET', TARGET);
    expect(refusal(missing)).toMatchObject({ status: 404, code: 'NoSuchLifecycle' });
    expect((await put(server, rule('b', 'b/') + rule('a', 'a/'))).status).toBe(200);
    const got = await send('GET', TARGET);
    expect(got.headers['content-type']).toBe('application/xml');
    expect(got.text.match(/<ID>[^<]*/g)).toEqual(['<ID>b', '<ID>a']);
    expect((await put(server, rule('c', 'c/'))).status).toBe(200);
    expect((await send('GET', TARGET)).text.match(/<ID>[^<]*/g)).toEqual(['<ID>c']);
    expect((await send('DELETE', TARGET)).status).toBe(204);
    expect((await send('DELETE', TARGET)).status).toBe(204);
    expect(refusal(await send('GET', TARGET))).toMatchObject({ status: 404, code: 'NoSuchLifecycle' });
  });

  it('make up the ids that are left out, each another one', async () => {
    const server = await startRestServer();
    await put(server, rule('', 'a/') + rule('', 'b/'));
    const ids = (await server.send('GET', TARGET)).text.match(/<ID>[^<]+/g);
    expect(new Set(ids).size).toBe(2);
  });

  it('request a pass over the bucket', async () => {
    const server = await startRestServer();
    await put(server, rule('a', ''));
    expect(server.requestedPasses).toEqual(['examplebucket']);
    await put(server, '');
    expect(server.requestedPasses).toHaveLength(1);
  });

  it('let prefixes overlap only on request', async () => {
    const server = await startRestServer();
    const overlapping = rule('rule1', 'dir1/') + rule('rule2', 'dir1/dir2/');
    const refused = await put(server, overlapping);
    expect(refusal(refused)).toEqual({ status: 400, code: 'InvalidRequest', ec: '0014-00000084' });
    expect(element(refused, 'Message')).toBe('Overlap for same action type Expiration');
    expect((await put(server, overlapping, { 'x-oss-allow-same-action-overlap': 'false' })).status).toBe(400);
    expect((await put(server, overlapping, { 'x-oss-allow-same-action-overlap': 'true' })).status).toBe(200);
  });

  it.each([
    ['nothing', '', 'MalformedXML'],
    ['no XML', '<LifecycleConfiguration><Rule>', 'MalformedXML'],
    ['another document', '<Lifecycle></Lifecycle>', 'MalformedXML'],
    ['deep nesting', `<LifecycleConfiguration>${'<Rule>'.repeat(10_000)}`, 'MalformedXML'],
    ['a megabyte', `<LifecycleConfiguration>${' '.repeat(1024 * 1024)}</LifecycleConfiguration>`, 'MalformedXML'],
    [
      'a million days',
      `<LifecycleConfiguration>${rule('a', '', '<Expiration><Days>9999999999</Days></Expiration>')}</LifecycleConfiguration>`,
      'InvalidArgument',
    ],
  ])('refuse %s, and keep what there was', async (_what, body, code) => {
    const server = await startRestServer();
    await put(server, rule('kept', ''));
    expect(refusal(await server.send('PUT', TARGET, { body }))).toMatchObject({ status: 400, code });
    expect(element(await server.send('GET', TARGET), 'ID')).toBe('kept');
  });

  it('take 1,000 rules, each within the one before, when overlap is allowed', async () => {
    const server = await startRestServer();
    const nested = Array.from({ length: 1000 }, (_, n) => rule(`rule${n}`, 'a'.repeat(n))).join('');
    expect((await put(server, nested, { 'x-oss-allow-same-action-overlap': 'true' })).status).toBe(200);
    expect(refusal(await put(server, nested))).toMatchObject({ ec: '0014-00000084' });
  });

  it('are for the owner, and for a bucket that exists', async () => {
    const { send } = await startRestServer({ buckets: { examplebucket: 'public-read-write' } });
    expect(refusal(await send('GET', TARGET, { key: null }))).toMatchObject({ status: 403, code: 'AccessDenied' });
    expect(refusal(await send('GET', '/nobucket/?lifecycle'))).toMatchObject({ status: 404, code: 'NoSuchBucket' });
  });
});

describe('x-oss-expiration', () => {
  const object = '/examplebucket/old/a';

  it('says in answers to GET and HEAD when which rule will delete the object', async () => {
    const server = await startRestServer({ clock: new ManualClock(NOW_MS + 1) });
    await put(server, rule('规则 1', 'old/'));
    const stored = await server.send('PUT', object, { body: 'x' });
    expect(stored.headers['x-oss-expiration']).toBeUndefined();
    const expected = `expiry-date="Sun, 05 Jan 2025 00:00:00 GMT", rule-id="${encodeURIComponent('规则 1')}"`;
    for (const method of ['GET', 'HEAD']) {
      expect((await server.send(method, object)).headers['x-oss-expiration']).toBe(expected);
    }
    expect((await server.send('GET', object, { headers: { range: 'bytes=0-0' } })).headers).toMatchObject({
      'x-oss-expiration': expected,
    });
  });

  it('is absent when no rule will', async () => {
    const server = await startRestServer();
    await server.send('PUT', object, { body: 'x' });
    expect((await server.send('GET', object)).headers).not.toHaveProperty('x-oss-expiration');
    await put(
      server,
      rule('a', 'other/') + rule('b', 'old/', '<AbortMultipartUpload><Days>1</Days></AbortMultipartUpload>'),
    );
    expect((await server.send('GET', object)).headers).not.toHaveProperty('x-oss-expiration');
  });
});
