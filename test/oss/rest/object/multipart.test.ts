import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { element, type RestServer, refusal, startRestServer } from '../rest-server.ts';

const PART_BYTES = 100 * 1024;

async function begin({ send }: RestServer, key = 'big'): Promise<string> {
  const reply = await send('POST', `/examplebucket/${key}?uploads`, { headers: { 'content-type': 'video/mp4' } });
  return element(reply, 'UploadId') ?? '';
}

function completion(etags: readonly (string | undefined)[], firstNumber = 1): string {
  const parts = etags.map(
    (etag, index) => `<Part><PartNumber>${index + firstNumber}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  return `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
}

/** Names part 1 two times. */
function namedTwice(etag: string | undefined): string {
  return completion([etag, etag]).replace('<PartNumber>2<', '<PartNumber>1<');
}

describe('a multipart upload', () => {
  it('joins its parts, and leaves none of them behind', async () => {
    const server = await startRestServer();
    const { send, metadata } = server;
    const uploadId = await begin(server);
    const bytes = randomBytes(PART_BYTES + 5);
    const parts = [bytes.subarray(0, PART_BYTES), bytes.subarray(PART_BYTES)];
    const etags: (string | undefined)[] = [];
    for (const [index, body] of parts.entries()) {
      const reply = await send('PUT', `/examplebucket/big?partNumber=${index + 1}&uploadId=${uploadId}`, { body });
      etags.push(reply.headers.etag);
    }
    const list = await send('GET', `/examplebucket/big?uploadId=${uploadId}`);
    expect(list.text.match(/<Size>\d+/g)).toEqual([`<Size>${PART_BYTES}`, '<Size>5']);
    const uploads = await send('GET', '/examplebucket/?uploads&max-uploads=1000');
    expect([element(uploads, 'UploadId'), element(uploads, 'IsTruncated')]).toEqual([uploadId, 'false']);

    const done = await send('POST', `/examplebucket/big?uploadId=${uploadId}`, { body: completion(etags) });
    expect(done.status).toBe(200);
    expect(element(done, 'ETag')).toMatch(/^"[0-9A-F]{32}-2"$/);
    expect(element(done, 'Location')).toBe(`http://127.0.0.1:${server.port}/examplebucket/big`);
    const get = await send('GET', '/examplebucket/big');
    expect(get.bytes.equals(bytes)).toBe(true);
    expect(get.headers).toMatchObject({ 'x-oss-object-type': 'Multipart', 'content-type': 'video/mp4' });
    expect(get.headers).not.toHaveProperty('content-md5');
    expect((await metadata.bucketUsage('examplebucket')).multipartUploadCount).toBe(0);
    expect(refusal(await send('GET', `/examplebucket/big?uploadId=${uploadId}`))).toMatchObject({
      status: 404,
      code: 'NoSuchUpload',
    });
  });

  it('takes all parts when told so, a replaced part once', async () => {
    const server = await startRestServer();
    const { send } = server;
    const uploadId = await begin(server);
    await send('PUT', `/examplebucket/big?partNumber=7&uploadId=${uploadId}`, { body: 'old' });
    await send('PUT', `/examplebucket/big?partNumber=7&uploadId=${uploadId}`, { body: 'new' });
    const headers = { 'x-oss-complete-all': 'yes' };
    expect((await send('POST', `/examplebucket/big?uploadId=${uploadId}`, { headers })).status).toBe(200);
    expect((await send('GET', '/examplebucket/big')).text).toBe('new');
  });

  it('copies a part from an object', async () => {
    const server = await startRestServer();
    const { send } = server;
    await send('PUT', '/examplebucket/source', { body: '0123456789' });
    const uploadId = await begin(server);
    const headers = { 'x-oss-copy-source': '/examplebucket/source', 'x-oss-copy-source-range': 'bytes=2-4' };
    const part = await send('PUT', `/examplebucket/big?partNumber=1&uploadId=${uploadId}`, { headers });
    const body = completion([element(part, 'ETag')]);
    expect((await send('POST', `/examplebucket/big?uploadId=${uploadId}`, { body })).status).toBe(200);
    expect((await send('GET', '/examplebucket/big')).text).toBe('234');
  });

  it('can be aborted', async () => {
    const server = await startRestServer();
    const { send } = server;
    const uploadId = await begin(server);
    await send('PUT', `/examplebucket/big?partNumber=1&uploadId=${uploadId}`, { body: 'x' });
    expect((await send('DELETE', `/examplebucket/big?uploadId=${uploadId}`)).status).toBe(204);
    const late = await send('PUT', `/examplebucket/big?partNumber=2&uploadId=${uploadId}`, { body: 'x' });
    expect(refusal(late)).toMatchObject({ status: 404, code: 'NoSuchUpload' });
  });

  it('refuses wrong parts and leaves the upload as it was', async () => {
    const server = await startRestServer();
    const { send } = server;
    const uploadId = await begin(server);
    const target = `/examplebucket/big?uploadId=${uploadId}`;
    const put = (number: number, body: string) =>
      send('PUT', `/examplebucket/big?partNumber=${number}&uploadId=${uploadId}`, { body });
    const first = (await put(1, 'a')).headers.etag;
    const second = (await put(2, 'b')).headers.etag;
    const attempts: [string, string][] = [
      [completion([first, second]), 'EntityTooSmall'],
      [completion([first, first]), 'InvalidPart'],
      [completion([first], 3), 'InvalidPart'],
      [namedTwice(first), 'InvalidPartOrder'],
      [completion([first]) + completion([first]), 'MalformedXML'],
      [
        completion([second], 2).replace('</Part>', `</Part>${/<Part>.*<\/Part>/.exec(completion([first]))}`),
        'InvalidPartOrder',
      ],
      [completion([]), 'MalformedXML'],
    ];
    for (const [body, code] of attempts) {
      expect(refusal(await send('POST', target, { body }))).toMatchObject({ status: 400, code });
    }
    expect(refusal(await put(0, 'x'))).toMatchObject({ status: 400, code: 'InvalidArgument' });
    expect(refusal(await put(10_001, 'x'))).toMatchObject({ status: 400, code: 'InvalidArgument' });
    expect((await send('GET', target)).text.match(/<PartNumber>/g)).toHaveLength(2);
  });

  it('pages through uploads of one key', async () => {
    const server = await startRestServer();
    const ids = [await begin(server), await begin(server), await begin(server, 'other')];
    const found: string[] = [];
    for (let marker = '', more = true; more; ) {
      const reply = await server.send('GET', `/examplebucket/?uploads&max-uploads=1&${marker}`);
      found.push(element(reply, 'UploadId') ?? '');
      more = element(reply, 'IsTruncated') === 'true';
      marker = `key-marker=${element(reply, 'NextKeyMarker')}&upload-id-marker=${element(reply, 'NextUploadIdMarker')}`;
    }
    expect(found.sort()).toEqual(ids.sort());
  });
});
