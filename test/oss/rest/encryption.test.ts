import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { element, refusal, startRestServer } from './rest-server.ts';

const ALGORITHM = 'x-oss-server-side-encryption';
const DATA = 'x-oss-server-side-data-encryption';
const KEY_ID = 'x-oss-server-side-encryption-key-id';
const UUID = '9468da86-3509-4f8d-a61e-6eab1eacffff';
const LENGTH = { 'content-length': '0' };

/** Algorithm, algorithm of the data, id of the key. */
function encryptionOf(headers: IncomingHttpHeaders) {
  return [headers[ALGORITHM], headers[DATA], headers[KEY_ID]];
}

function rule(content: string): string {
  return `<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault>${content}</ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>`;
}

describe('the encryption of an object', () => {
  it.each([
    [{ [ALGORITHM]: 'AES256' }, ['AES256', undefined, undefined]],
    [{ [ALGORITHM]: 'SM4' }, ['SM4', undefined, undefined]],
    [{ [ALGORITHM]: 'KMS' }, ['KMS', undefined, expect.any(String)]],
    [{ [ALGORITHM]: 'KMS', [DATA]: 'SM4' }, ['KMS', 'SM4', expect.any(String)]],
    [{ [ALGORITHM]: 'KMS', [KEY_ID]: UUID }, ['KMS', undefined, UUID]],
    [{ [ALGORITHM]: 'KMS', [KEY_ID]: 'key-hzz65f8c2b1a' }, ['KMS', undefined, 'key-hzz65f8c2b1a']],
    [{ [ALGORITHM]: 'AES256', [DATA]: 'SM4' }, ['AES256', undefined, undefined]],
    [{ [ALGORITHM]: 'SM4', [DATA]: 'SM4' }, ['SM4', undefined, undefined]],
    [{ [DATA]: 'SM4' }, [undefined, undefined, undefined]],
    [{ [KEY_ID]: UUID }, [undefined, undefined, undefined]],
    [{}, [undefined, undefined, undefined]],
  ])('with %j is answered by PUT, HEAD and GET', async (headers, expected) => {
    const { send } = await startRestServer();
    const put = await send('PUT', '/examplebucket/key', { body: 'x', headers });
    expect([put.status, encryptionOf(put.headers)]).toEqual([200, expected]);
    expect(encryptionOf((await send('HEAD', '/examplebucket/key')).headers)).toEqual(expected);
    const get = await send('GET', '/examplebucket/key');
    expect([get.text, encryptionOf(get.headers)]).toEqual(['x', expected]);
  });

  it.each([
    [{ [ALGORITHM]: 'DES' }, 'InvalidEncryptionAlgorithmError', '0005-00000003'],
    [{ [ALGORITHM]: 'aes256' }, 'InvalidEncryptionAlgorithmError', '0005-00000003'],
    [{ [ALGORITHM]: '' }, 'InvalidEncryptionAlgorithmError', '0005-00000003'],
    [{ [ALGORITHM]: 'A'.repeat(5000) }, 'InvalidEncryptionAlgorithmError', '0005-00000003'],
    [{ [ALGORITHM]: 'KMS', [DATA]: 'AES256' }, 'InvalidArgument', '0005-00000203'],
    [{ [ALGORITHM]: 'KMS', [KEY_ID]: '' }, 'InvalidArgument', '0005-00000205'],
    [{ [ALGORITHM]: 'KMS', [KEY_ID]: '123' }, 'InvalidArgument', '0005-00000208'],
    [{ [ALGORITHM]: 'KMS', [KEY_ID]: `key-${'a'.repeat(5000)}` }, 'InvalidArgument', '0005-00000208'],
  ])('cannot be %j', async (headers, code, ec) => {
    const { send } = await startRestServer();
    for (const [method, target, more] of [
      ['PUT', '/examplebucket/key', {}],
      ['PUT', '/examplebucket/key', { 'x-oss-copy-source': '/examplebucket/other' }],
      ['POST', '/examplebucket/key?append&position=0', {}],
      ['POST', '/examplebucket/key?uploads', {}],
    ] as const) {
      const reply = await send(method, target, { body: 'x', headers: { ...headers, ...more } });
      expect(refusal(reply)).toEqual({ status: 400, code, ec });
    }
    expect((await send('HEAD', '/examplebucket/key')).status).toBe(404);
  });

  it('stays that of the first append', async () => {
    const { send } = await startRestServer();
    const append = (position: number, headers: Record<string, string>) =>
      send('POST', `/examplebucket/log?append&position=${position}`, { body: 'abc', headers });
    const first = encryptionOf((await append(0, { [ALGORITHM]: 'KMS' })).headers);
    expect(first).toEqual(['KMS', undefined, expect.any(String)]);
    expect(encryptionOf((await append(3, {})).headers)).toEqual(first);
    expect(encryptionOf((await append(6, { [ALGORITHM]: 'AES256' })).headers)).toEqual(first);
  });

  it('is not that of the source of a copy', async () => {
    const { send } = await startRestServer();
    const source = { [ALGORITHM]: 'KMS', [DATA]: 'SM4', 'x-oss-meta-a': 'b' };
    await send('PUT', '/examplebucket/key', { body: 'x', headers: source });
    const copy = (headers: Record<string, string>) =>
      send('PUT', '/examplebucket/copy', { headers: { 'x-oss-copy-source': '/examplebucket/key', ...headers } });
    const head = async () => (await send('HEAD', '/examplebucket/copy')).headers;
    expect(encryptionOf((await copy({})).headers)).toEqual([undefined, undefined, undefined]);
    expect(encryptionOf(await head())).toEqual([undefined, undefined, undefined]);
    expect((await head())['x-oss-meta-a']).toBe('b');
    const encrypted = await copy({ [ALGORITHM]: 'AES256' });
    expect(encryptionOf(encrypted.headers)).toEqual(['AES256', undefined, undefined]);
    expect(encryptionOf(await head())).toEqual(['AES256', undefined, undefined]);
  });

  it('of a multipart upload is said once, at its beginning, and answered by every step', async () => {
    const { send } = await startRestServer();
    const headers = { [ALGORITHM]: 'KMS', [DATA]: 'SM4' };
    const begun = await send('POST', '/examplebucket/key?uploads', { headers });
    const expected = ['KMS', 'SM4', expect.any(String)];
    expect(encryptionOf(begun.headers)).toEqual(expected);
    const uploadId = element(begun, 'UploadId');
    const target = `/examplebucket/key?partNumber=1&uploadId=${uploadId}`;
    const unsupported = { status: 400, code: 'InvalidArgument', ec: '0005-00000002' };
    expect(refusal(await send('PUT', target, { body: 'x', headers }))).toEqual(unsupported);
    const part = await send('PUT', target, { body: 'x' });
    expect(encryptionOf(part.headers)).toEqual(expected);
    await send('PUT', '/examplebucket/source', { body: 'x' });
    const partCopy = await send('PUT', target, { headers: { 'x-oss-copy-source': '/examplebucket/source' } });
    expect(encryptionOf(partCopy.headers)).toEqual(expected);
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part></CompleteMultipartUpload>`;
    const complete = (more: Record<string, string>) =>
      send('POST', `/examplebucket/key?uploadId=${uploadId}`, { body, headers: more });
    expect(refusal(await complete(headers))).toEqual(unsupported);
    expect(encryptionOf((await complete({})).headers)).toEqual(expected);
    expect(encryptionOf((await send('HEAD', '/examplebucket/key')).headers)).toEqual(expected);
  });

  it.each([
    ['GET', '/examplebucket/key'],
    ['DELETE', '/examplebucket/key'],
    ['PUT', '/examplebucket/key?acl'],
    ['GET', '/examplebucket/'],
  ])('means nothing to %s %s, which refuses it', async (method, target) => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'x' });
    const reply = await send(method, target, { headers: { [ALGORITHM]: 'AES256' } });
    expect(refusal(reply)).toEqual({ status: 400, code: 'InvalidArgument', ec: '0005-00000002' });
  });
});

describe('the default encryption of a bucket', () => {
  it.each([
    ['<SSEAlgorithm>AES256</SSEAlgorithm>', ['AES256', undefined, undefined]],
    ['<SSEAlgorithm>SM4</SSEAlgorithm><KMSMasterKeyID></KMSMasterKeyID>', ['SM4', undefined, undefined]],
    ['<SSEAlgorithm>KMS</SSEAlgorithm>', ['KMS', undefined, undefined]],
    ['<SSEAlgorithm>KMS</SSEAlgorithm><KMSDataEncryption>SM4</KMSDataEncryption>', ['KMS', 'SM4', undefined]],
    [
      '<SSEAlgorithm>KMS</SSEAlgorithm><KMSDataEncryption>SM4</KMSDataEncryption><KMSMasterKeyID>123</KMSMasterKeyID>',
      ['KMS', 'SM4', '123'],
    ],
    ['<SSEAlgorithm>AES256</SSEAlgorithm><KMSDataEncryption>SM4</KMSDataEncryption>', ['AES256', undefined, undefined]],
  ])('is kept: %s', async (content, expected) => {
    const { send } = await startRestServer();
    expect((await send('PUT', '/examplebucket/?encryption', { body: rule(content) })).status).toBe(200);
    const got = await send('GET', '/examplebucket/?encryption');
    const names = ['SSEAlgorithm', 'KMSDataEncryption', 'KMSMasterKeyID'];
    expect(names.map((name) => element(got, name))).toEqual(expected);
    expect((await send('DELETE', '/examplebucket/?encryption')).status).toBe(204);
    expect((await send('DELETE', '/examplebucket/?encryption')).status).toBe(204);
    const none = { status: 404, code: 'NoSuchServerSideEncryptionRule', ec: '0005-00000004' };
    expect(refusal(await send('GET', '/examplebucket/?encryption'))).toEqual(none);
  });

  it.each([
    [rule('<SSEAlgorithm>DES</SSEAlgorithm>'), 'InvalidEncryptionAlgorithmError', '0005-00000003'],
    [rule(''), 'InvalidEncryptionAlgorithmError', '0005-00000003'],
    [
      rule('<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>123</KMSMasterKeyID>'),
      'InvalidArgument',
      '0005-00000204',
    ],
    [
      rule('<SSEAlgorithm>KMS</SSEAlgorithm><KMSDataEncryption>abc</KMSDataEncryption>'),
      'InvalidArgument',
      '0005-00000203',
    ],
    [
      rule(`<SSEAlgorithm>KMS</SSEAlgorithm><KMSMasterKeyID>${'a'.repeat(500_000)}</KMSMasterKeyID>`),
      'InvalidArgument',
      '0005-00000208',
    ],
    ['<ServerSideEncryptionRule>', 'MalformedXML', '0016-00000608'],
    ['', 'MalformedXML', '0016-00000608'],
  ])('is refused, case %#', async (body, code, ec) => {
    const { send } = await startRestServer();
    expect(refusal(await send('PUT', '/examplebucket/?encryption', { body }))).toEqual({ status: 400, code, ec });
    expect((await send('GET', '/examplebucket/?encryption')).status).toBe(404);
  });

  it('applies to objects that name none, written from then on', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/before', { body: 'x' });
    const body = rule('<SSEAlgorithm>KMS</SSEAlgorithm><KMSDataEncryption>SM4</KMSDataEncryption>');
    await send('PUT', '/examplebucket/?encryption', { body });
    const head = async (key: string) => encryptionOf((await send('HEAD', `/examplebucket/${key}`)).headers);
    const byDefault = ['KMS', 'SM4', expect.any(String)];
    expect(await head('before')).toEqual([undefined, undefined, undefined]);
    await send('PUT', '/examplebucket/key', { body: 'x' });
    expect(await head('key')).toEqual(byDefault);
    await send('PUT', '/examplebucket/own', { body: 'x', headers: { [ALGORITHM]: 'AES256' } });
    expect(await head('own')).toEqual(['AES256', undefined, undefined]);
    await send('PUT', '/examplebucket/copy', { headers: { 'x-oss-copy-source': '/examplebucket/own' } });
    expect(await head('copy')).toEqual(byDefault);
    await send('POST', '/examplebucket/log?append&position=0', { body: 'x' });
    expect(await head('log')).toEqual(byDefault);
    expect(encryptionOf((await send('POST', '/examplebucket/big?uploads')).headers)).toEqual(byDefault);
    await send('DELETE', '/examplebucket/?encryption');
    expect(await head('key')).toEqual(byDefault);
  });

  it('with a key that does not exist lets no object be written', async () => {
    const { send } = await startRestServer();
    const body = rule('<SSEAlgorithm>KMS</SSEAlgorithm><KMSMasterKeyID>123</KMSMasterKeyID>');
    await send('PUT', '/examplebucket/?encryption', { body });
    const put = await send('PUT', '/examplebucket/key', { body: 'x' });
    expect(refusal(put)).toEqual({ status: 400, code: 'InvalidArgument', ec: '0005-00000208' });
    expect((await send('HEAD', '/examplebucket/key')).status).toBe(404);
    expect((await send('PUT', '/examplebucket/key', { body: 'x', headers: { [ALGORITHM]: 'SM4' } })).status).toBe(200);
  });

  it('may come with the creation of the bucket', async () => {
    const { send } = await startRestServer();
    const headers = { ...LENGTH, [ALGORITHM]: 'KMS', [DATA]: 'SM4', [KEY_ID]: UUID };
    expect((await send('PUT', '/newbucket/', { headers })).status).toBe(200);
    const got = await send('GET', '/newbucket/?encryption');
    const names = ['SSEAlgorithm', 'KMSDataEncryption', 'KMSMasterKeyID'];
    expect(names.map((name) => element(got, name))).toEqual(['KMS', 'SM4', UUID]);
    const wrong = await send('PUT', '/otherbucket/', { headers: { ...LENGTH, [ALGORITHM]: 'DES' } });
    expect(refusal(wrong).code).toBe('InvalidEncryptionAlgorithmError');
    expect((await send('GET', '/otherbucket/')).status).toBe(404);
  });
});
