import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { childOf, childrenOf, readXml, textOf, type XmlElement } from '../../../../src/aliyun/xml/read.ts';
import { type Reply, type RestServer, refusal, startRestServer } from '../rest-server.ts';

/** Every character that XML 1.0 forbids and a name may have, and U+FFFD, which stands for itself. */
const CONTROLS = String.fromCharCode(...Array.from({ length: 31 }, (_, index) => index + 1), 0xfffe, 0xffff);
const NAME = `a${CONTROLS}\uFFFD`;

function read(reply: Reply, rootName: string): XmlElement {
  return readXml(reply.bytes, rootName, 1_000_000);
}

function deleteObjects({ send }: RestServer, body: string): Promise<Reply> {
  const md5 = createHash('md5').update(body).digest('base64');
  return send('POST', '/examplebucket/?delete', { body, headers: { 'content-md5': md5 } });
}

describe('names with control characters', () => {
  it.each([
    ['raw', (code: number) => (code === 0x0d ? '&#xD;' : String.fromCharCode(code))],
    ['as hexadecimal references', (code: number) => `&#x${code.toString(16)};`],
    ['as decimal references', (code: number) => `&#${code};`],
  ])('are deleted as they were put: %s', async (_how, write) => {
    const server = await startRestServer();
    const target = `/examplebucket/${encodeURIComponent(NAME)}`;
    await server.send('PUT', target, { body: 'x' });
    const key = [...NAME].map((character) => (character === 'a' ? 'a' : write(character.charCodeAt(0)))).join('');
    const reply = await deleteObjects(server, `<Delete><Object><Key>${key}</Key></Object></Delete>`);
    expect(textOf(childOf(read(reply, 'DeleteResult'), 'Deleted'), 'Key')).toBe(NAME);
    expect((await server.send('HEAD', target)).status).toBe(404);
  });

  it.each(['&#0;', '&#xD800;', '&#x110000;', '&nope;'])('are not %s', async (reference) => {
    const server = await startRestServer();
    const reply = await deleteObjects(server, `<Delete><Object><Key>a${reference}</Key></Object></Delete>`);
    expect(refusal(reply)).toMatchObject({ status: 400, code: 'MalformedXML' });
  });

  it('come back from every listing', async () => {
    const { send } = await startRestServer();
    const encoded = encodeURIComponent(NAME);
    await send('PUT', `/examplebucket/${encoded}`, { body: 'x' });
    await send('PUT', `/examplebucket/${encoded}/x`, { body: 'x' });
    const begun = read(await send('POST', `/examplebucket/${encoded}?uploads`), 'InitiateMultipartUploadResult');
    expect(textOf(begun, 'Key')).toBe(NAME);
    for (const version of ['', '&list-type=2']) {
      const query = `prefix=${encoded}&delimiter=/${version}`;
      const list = read(await send('GET', `/examplebucket/?${query}`), 'ListBucketResult');
      expect(textOf(list, 'Prefix')).toBe(NAME);
      expect(childrenOf(list, 'Contents').map((object) => textOf(object, 'Key'))).toEqual([NAME]);
      expect(textOf(childOf(list, 'CommonPrefixes'), 'Prefix')).toBe(`${NAME}/`);
    }
    const uploads = read(await send('GET', '/examplebucket/?uploads'), 'ListMultipartUploadsResult');
    expect(textOf(childOf(uploads, 'Upload'), 'Key')).toBe(NAME);
    const target = `/examplebucket/${encoded}?uploadId=${textOf(begun, 'UploadId')}`;
    expect(textOf(read(await send('GET', target), 'ListPartsResult'), 'Key')).toBe(NAME);
    const headers = { 'x-oss-complete-all': 'yes' };
    const done = read(await send('POST', target, { headers }), 'CompleteMultipartUploadResult');
    expect(textOf(done, 'Key')).toBe(NAME);
  });

  it('come back from an error', async () => {
    const { send } = await startRestServer();
    const reply = await send('GET', `/examplebucket/${encodeURIComponent(NAME)}`);
    expect(textOf(read(reply, 'Error'), 'Key')).toBe(NAME);
  });
});

describe('Content-MD5 of DeleteMultipleObjects', () => {
  const body = '<Delete><Object><Key>a</Key></Object></Delete>';
  const md5 = createHash('md5').update(body).digest();
  const post = async (digest: Buffer) => {
    const { send } = await startRestServer();
    return send('POST', '/examplebucket/?delete', { body, headers: { 'content-md5': digest.toString('base64') } });
  };

  it('may have four bytes more, as the C SDK sends it', async () => {
    expect((await post(Buffer.concat([md5, Buffer.from('rest')]))).status).toBe(200);
  });

  it.each([
    ['another MD5', Buffer.alloc(16)],
    ['another MD5 with four bytes more', Buffer.alloc(20)],
    ['one byte more', Buffer.concat([md5, Buffer.of(0)])],
    ['a byte too few', md5.subarray(1)],
  ])('is compared: %s', async (_what, digest) => {
    expect(refusal(await post(digest))).toMatchObject({ status: 400, code: 'InvalidDigest', ec: '0017-00000503' });
  });
});
