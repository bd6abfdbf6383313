import { describe, expect, it } from 'vitest';
import { element, refusal, startRestServer } from '../rest-server.ts';

const TARGET = '/examplebucket/?responseHeader';

function rule(name: string, operations: readonly string[], headers: readonly string[]): string {
  const filters = operations.map((operation) => `<Operation>${operation}</Operation>`).join('');
  const hidden = headers.map((header) => `<Header>${header}</Header>`).join('');
  return `<Rule><Name>${name}</Name><Filters>${filters}</Filters><HideHeaders>${hidden}</HideHeaders></Rule>`;
}

const configuration = (...rules: readonly string[]) =>
  `<ResponseHeaderConfiguration>${rules.join('')}</ResponseHeaderConfiguration>`;

async function startHiding(...rules: readonly string[]) {
  const server = await startRestServer();
  const put = await server.send('PUT', TARGET, { body: configuration(...rules) });
  expect([put.status, put.text]).toEqual([200, '']);
  return server;
}

describe('the response headers of a bucket', () => {
  it('are not configured before the rules are put, and after they were deleted', async () => {
    const { send } = await startRestServer();
    const none = { status: 404, code: 'NoSuchResponseHeaderConfiguration', ec: undefined };
    expect(refusal(await send('GET', TARGET))).toEqual(none);
    await send('PUT', TARGET, { body: configuration(rule('name1', ['GetObject'], ['ETag'])) });
    expect(element(await send('GET', TARGET), 'Name')).toBe('name1');
    expect((await send('DELETE', TARGET)).status).toBe(204);
    expect((await send('DELETE', TARGET)).status).toBe(204);
    expect(refusal(await send('GET', TARGET))).toEqual(none);
    const missing = await send('PUT', '/missing/?responseHeader', { body: configuration() });
    expect(refusal(missing).code).toBe('NoSuchBucket');
  });

  it('come back as they were sent', async () => {
    const rules = [rule('name1', ['Put', 'GetObject'], ['Last-Modified']), rule('name2', ['*'], ['ETag', 'x-oss-a'])];
    const { send } = await startHiding(...rules);
    expect((await send('GET', TARGET)).text.replaceAll(/>\s+</g, '><')).toContain(configuration(...rules));
  });

  it('are left out of the answers of the named operations', async () => {
    const { send } = await startHiding(
      rule('1', ['GetObject'], ['Last-Modified', 'x-oss-meta-a']),
      rule('2', ['Head*'], ['ETAG']),
    );
    const headers = { 'x-oss-meta-a': '1' };
    const put = await send('PUT', '/examplebucket/key', { body: 'x', headers });
    expect(put.headers.etag).toBeDefined();
    const get = await send('GET', '/examplebucket/key');
    expect(get.text).toBe('x');
    expect(get.headers).not.toHaveProperty('last-modified');
    expect(get.headers).not.toHaveProperty('x-oss-meta-a');
    expect(get.headers.etag).toBe(put.headers.etag);
    const head = await send('HEAD', '/examplebucket/key');
    expect(head.headers).not.toHaveProperty('etag');
    expect(head.headers).toMatchObject({ 'last-modified': expect.any(String), 'x-oss-meta-a': '1' });
  });

  it('keep the length of the body', async () => {
    const { send } = await startHiding(rule('1', ['*'], ['Content-Length', 'Server']));
    await send('PUT', '/examplebucket/key', { body: 'four' });
    const head = await send('HEAD', '/examplebucket/key');
    expect(head.headers).toMatchObject({ 'content-length': '4' });
    expect(head.headers).not.toHaveProperty('server');
  });

  it.each([
    ['no operation', configuration(rule('1', ['Get Object'], ['ETag'])), 'InvalidArgument'],
    ['an empty operation', configuration(rule('1', [''], ['ETag'])), 'InvalidArgument'],
    ['no header', configuration(rule('1', ['*'], ['E:Tag'])), 'InvalidArgument'],
    ['too many names', configuration(rule('1', ['*'], Array(1_000).fill('ETag'))), 'InvalidArgument'],
    ['another document', '<CORSConfiguration/>', 'MalformedXML'],
    ['no document', '', 'MalformedXML'],
  ])('are refused with %s', async (_what, body, code) => {
    const { send } = await startRestServer();
    expect(refusal(await send('PUT', TARGET, { body }))).toMatchObject({ status: 400, code });
    expect(refusal(await send('GET', TARGET)).code).toBe('NoSuchResponseHeaderConfiguration');
  });
});
