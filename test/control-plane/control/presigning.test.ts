import { describe, expect, it } from 'vitest';
import { type RunningEmulator, startEmulator } from '../../../src/index.ts';
import { controlOf } from '../../support/control.ts';

/** Sends a request as a browser does that was given its signed path. */
async function send(emulator: RunningEmulator, request: Readonly<Record<string, unknown>>, body?: string) {
  const { method = 'GET', headers = {} } = request;
  const signed = await controlOf(emulator)('presign', '/presign', request);
  expect(signed.status).toBe(200);
  // `fetch` resolves `.` and `..` as browsers do.
  const answer = await fetch(emulator.endpoint + signed.body.path, {
    method: String(method),
    headers: Object(headers),
    ...(body !== undefined && { body }),
  });
  return { status: answer.status, text: await answer.text(), signed: signed.body };
}

const ODD_KEYS = [
  'a b/100%/c#d?e&f=g+h',
  'q?acl',
  '..',
  '.',
  'up/../down/./here',
  'folder//',
  '日本語/😀.txt',
  'back\\slash\ttab\nline\u0001',
  `<&>"'`,
  'x'.repeat(1023),
];

describe('a presigned request', () => {
  it.each(ODD_KEYS)('reaches the object %j as a browser sends it', async (key) => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const bucket = 'media';
    const headers = { 'content-type': 'text/x-test', 'x-oss-object-acl': 'private' };
    expect(await send(emulator, { method: 'PUT', bucket, key, headers }, 'content')).toMatchObject({ status: 200 });
    expect(await send(emulator, { bucket, key })).toMatchObject({ status: 200, text: 'content' });
    const query = { 'list-type': '2', 'encoding-type': 'url' };
    const listed = await send(emulator, { bucket, query });
    expect(listed.text).toContain(`<Key>${encodeURIComponent(key)}</Key>`);
    expect((await send(emulator, { bucket, key, query: { acl: '' } })).text).toContain('<Grant>private</Grant>');
    expect((await send(emulator, { method: 'DELETE', bucket, key })).status).toBe(204);
    expect((await send(emulator, { method: 'HEAD', bucket, key })).status).toBe(404);
  });

  it('is refused where the service refuses it', async () => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const refusedBy = async (key: string) => (await send(emulator, { method: 'PUT', bucket: 'media', key })).text;
    expect(await refusedBy('/leading')).toContain('<Code>InvalidObjectName</Code>');
    expect(await refusedBy('x'.repeat(1024))).toContain('<Code>InvalidObjectName</Code>');
    expect((await send(emulator, { bucket: 'none' })).text).toContain('<Code>NoSuchBucket</Code>');
  });

  it('lists the buckets where it names none', async () => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    expect((await send(emulator, {})).text).toContain('<Name>media</Name>');
  });

  it('is good for its method and headers only, by the clock of the emulator, until it expires', async () => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const control = controlOf(emulator);
    await control('setClock', '/clock/set', { to: '2040-01-01T00:00:00Z' });
    const headers = { 'Content-Type': 'text/plain', 'X-OSS-Object-ACL': 'public-read' };
    const asked = { method: 'PUT', bucket: 'media', key: 'a', headers, expiresSec: 60 };
    const { signed, status } = await send(emulator, asked, 'content');
    expect(status).toBe(200);
    expect(signed.plainUrl).toBe(`${emulator.endpoint}/media/a`);
    expect(signed.url.startsWith(`${signed.plainUrl}?`)).toBe(true);
    expect(Math.abs(signed.expiresMs - Date.parse('2040-01-01T00:01:00Z'))).toBeLessThanOrEqual(30_000);
    expect((await fetch(signed.plainUrl)).status).toBe(200);
    const other = await fetch(signed.url, { method: 'PUT', body: '', headers: { 'content-type': 'text/html' } });
    expect(await other.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
    await control('advanceClock', '/clock/advance', { ms: 61_000 });
    const late = await fetch(signed.url, { method: 'PUT', body: '', headers });
    expect(await late.text()).toContain('<Message>Request has expired.</Message>');
  });

  it('says what it needs', async () => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const refusal = async (body: unknown) => (await controlOf(emulator)('presign', '/presign', body)).body.error;
    expect(await refusal({ key: 'a' })).toBe('The request: key needs the field bucket.');
    expect(await refusal({ bucket: 'media', expiresSec: 604_801 })).toContain('whole number from 1 to 604800');
    expect(await refusal({ bucket: 'media', headers: { 'x-oss-meta-a': 'é' } })).toContain('ASCII');
    const half = await refusal({ bucket: 'media', key: 'a\ud83d' });
    expect(half).toBe('The request: key must be Unicode without halves of surrogate pairs.');
    expect(await refusal({ bucket: 'media', query: { prefix: '\udc00' } })).toMatch(/^The request: query.prefix /);
    expect(await refusal({ methd: 'PUT' })).toContain('did you mean "method"');
    const ofSignature =
      'x-oss-signature x-oss-signature-version x-oss-credential x-oss-date x-oss-expires Signature OSSAccessKeyId Expires';
    for (const name of ofSignature.split(' ')) {
      expect(await refusal({ bucket: 'media', query: { [name]: 'a' } })).toBe(
        `The request: query.${name} belongs to the signature, which is added here; leave it out.`,
      );
    }
  });

  it.each(['..', '.', 'a/b', 'Media', 'ab', '-ab', 'a_b', 'x'.repeat(64), 'media?acl'])(
    'is of no bucket that the service would refuse: %s',
    async (bucket) => {
      await using emulator = await startEmulator({ buckets: ['media'] });
      const refused = await controlOf(emulator)('presign', '/presign', { bucket });
      expect(refused).toMatchObject({
        status: 400,
        body: { error: expect.stringMatching(/^The request: bucket must /) },
      });
    },
  );

  it.each(['__proto__', 'constructor', 'prototype'])('does not lose a parameter named %s', async (name) => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const body = `{"bucket":"media","query":{"${name}":"x"}}`;
    const refused = await fetch(`${emulator.endpoint}/_emulator/presign`, { method: 'POST', body });
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining(`nothing can be named ${name}`),
    ]);
  });
});
