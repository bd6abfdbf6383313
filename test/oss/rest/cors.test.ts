import { describe, expect, it } from 'vitest';
import { element, refusal, startRestServer } from './rest-server.ts';

const ORIGIN = { origin: 'http://player.test' };
const RULES = `<CORSConfiguration>
  <CORSRule>
    <AllowedOrigin>http://*.test</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>x-oss-*</AllowedHeader>
    <ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds>
  </CORSRule>
  <CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PUT</AllowedMethod></CORSRule>
  <ResponseVary>true</ResponseVary>
</CORSConfiguration>`;

function preflight(method: string, headers?: string): Record<string, string> {
  const wanted = headers === undefined ? {} : { 'access-control-request-headers': headers };
  return { ...ORIGIN, 'access-control-request-method': method, ...wanted };
}

async function startWithRules() {
  const server = await startRestServer({ buckets: { examplebucket: 'public-read' } });
  await server.send('PUT', '/examplebucket/key', { body: 'hello' });
  expect((await server.send('PUT', '/examplebucket/?cors', { body: RULES })).status).toBe(200);
  return server;
}

describe('a bucket without rules', () => {
  it('lets any page read objects, missing ones too', async () => {
    const { send } = await startRestServer({ buckets: { examplebucket: 'public-read' } });
    const missing = await send('GET', '/examplebucket/key', { key: null, headers: ORIGIN });
    expect(missing.status).toBe(404);
    expect(missing.headers['access-control-allow-origin']).toBe('*');
    const reply = await send('OPTIONS', '/examplebucket/key', { key: null, headers: preflight('GET', 'range') });
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'range',
      'access-control-max-age': '3600',
    });
  });

  it('allows nothing else, and nothing at all when that is switched off', async () => {
    const { send } = await startRestServer();
    const put = await send('OPTIONS', '/examplebucket/key', { key: null, headers: preflight('PUT') });
    expect(refusal(put)).toMatchObject({ status: 403, code: 'AccessForbidden' });
    const list = await send('GET', '/examplebucket/', { headers: ORIGIN });
    expect(list.headers).not.toHaveProperty('access-control-allow-origin');
    const strict = await startRestServer({ defaultCors: false });
    const get = await strict.send('OPTIONS', '/examplebucket/key', { key: null, headers: preflight('GET') });
    expect(refusal(get)).toMatchObject({ status: 403, code: 'AccessForbidden' });
  });
});

describe('rules of a bucket', () => {
  it('come back as they were put, and go', async () => {
    const { send } = await startWithRules();
    const reply = await send('GET', '/examplebucket/?cors');
    expect([element(reply, 'AllowedOrigin'), element(reply, 'MaxAgeSeconds'), element(reply, 'ResponseVary')]).toEqual([
      'http://*.test',
      '60',
      'true',
    ]);
    expect((await send('DELETE', '/examplebucket/?cors')).status).toBe(204);
    expect(refusal(await send('GET', '/examplebucket/?cors'))).toMatchObject({
      status: 404,
      code: 'NoSuchCORSConfiguration',
    });
  });

  it('decide on simple requests', async () => {
    const { send } = await startWithRules();
    const get = await send('GET', '/examplebucket/key', { headers: ORIGIN });
    expect(get.headers).toMatchObject({
      'access-control-allow-origin': 'http://player.test',
      'access-control-allow-methods': 'GET',
      'access-control-expose-headers': 'ETag',
      'access-control-max-age': '60',
      vary: 'Origin',
    });
    const foreign = await send('GET', '/examplebucket/key', { headers: { origin: 'http://player.example' } });
    expect([foreign.text, foreign.headers['access-control-allow-origin']]).toEqual(['hello', undefined]);
  });

  it('decide on preflights', async () => {
    const { send } = await startWithRules();
    const ask = (headers: Record<string, string>) => send('OPTIONS', '/examplebucket/key', { key: null, headers });
    const allowed = await ask(preflight('GET', 'X-OSS-Date, x-oss-meta-a'));
    expect([allowed.status, allowed.headers['access-control-allow-headers']]).toEqual([
      200,
      'X-OSS-Date, x-oss-meta-a',
    ]);
    expect((await ask(preflight('PUT'))).headers['access-control-allow-origin']).toBe('*');
    expect(refusal(await ask(preflight('GET', 'authorization'))).code).toBe('AccessForbidden');
    expect(refusal(await ask(preflight('DELETE'))).code).toBe('AccessForbidden');
    expect(refusal(await ask({}))).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(element(await ask(ORIGIN), 'Message')).toContain('Access-Control-Request-Method');
  });

  it.each(['-1', 'soon', '1e3', '9999999999'])('must have a number of seconds, not %s', async (seconds) => {
    const { send } = await startRestServer();
    const body = RULES.replace('>60<', `>${seconds}<`);
    const reply = await send('PUT', '/examplebucket/?cors', { body });
    expect(refusal(reply)).toMatchObject({ status: 400, code: 'InvalidArgument' });
    expect([element(reply, 'ArgumentName'), element(reply, 'ArgumentValue')]).toEqual(['MaxAgeSeconds', seconds]);
  });

  it.each([
    '<CORSConfiguration/>',
    '<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>',
    RULES.replace('>GET<', '>FETCH<'),
    RULES.replace('http://*.test', '*.*'),
    RULES.replace('>ETag<', '>*<'),
  ])('must make sense: %s', async (body) => {
    const { send } = await startRestServer();
    expect(refusal(await send('PUT', '/examplebucket/?cors', { body }))).toMatchObject({
      status: 400,
      code: 'MalformedXML',
    });
  });

  it('are at most ten', async () => {
    const { send } = await startRestServer();
    const rule = '<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>';
    const body = `<CORSConfiguration>${rule.repeat(11)}</CORSConfiguration>`;
    expect(refusal(await send('PUT', '/examplebucket/?cors', { body })).code).toBe('InvalidArgument');
  });
});
