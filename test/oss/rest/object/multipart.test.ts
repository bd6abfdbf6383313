import { createHash, randomBytes } from 'node:crypto';
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
    const md5 = createHash('md5').update(etags.join('').replaceAll('"', '')).digest('hex').toUpperCase();
    expect(element(done, 'ETag')).toBe(`"${md5}-2"`);
    expect(done.headers.etag).toBe(`"${md5}-2"`);
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
    expect(part.headers.etag).toBe(element(part, 'ETag'));
    const body = completion([part.headers.etag]);
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
      [completion(['']), 'InvalidPart'],
      [completion([first]).replace(/<ETag>.*<\/ETag>/, ''), 'InvalidPart'],
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

  it('without parts has a list of none', async () => {
    const server = await startRestServer();
    const target = `/examplebucket/big?uploadId=${await begin(server)}`;
    const list = await server.send('GET', target);
    expect(list.text).not.toContain('<Part>');
    expect([element(list, 'NextPartNumberMarker'), element(list, 'IsTruncated')]).toEqual(['0', 'false']);
  });

  it('gives the ACL that its completion asks for, or else that of its beginning', async () => {
    const server = await startRestServer();
    for (const [acl, expected] of [
      [{ 'x-oss-object-acl': 'public-read' }, 'public-read'],
      [{}, 'private'],
    ] as const) {
      const begun = await server.send('POST', '/examplebucket/big?uploads', {
        headers: { 'x-oss-object-acl': 'private' },
      });
      const target = `/examplebucket/big?uploadId=${element(begun, 'UploadId')}`;
      await server.send('POST', target, { headers: { 'x-oss-complete-all': 'yes', ...acl } });
      expect(element(await server.send('GET', '/examplebucket/big?acl'), 'Grant')).toBe(expected);
    }
  });
});

describe('a multipart upload that must not replace an object', () => {
  const headers = { 'x-oss-forbid-overwrite': 'true' };

  it('is refused before any part is sent', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/big', { body: 'x' });
    const refused = await send('POST', '/examplebucket/big?uploads', { headers });
    expect(refusal(refused)).toMatchObject({ status: 409, code: 'FileAlreadyExists' });
    expect(element(await send('GET', '/examplebucket/?uploads'), 'UploadId')).toBeUndefined();
    expect((await send('POST', '/examplebucket/other?uploads', { headers })).status).toBe(200);
  });

  it('is refused at its end when the object came meanwhile', async () => {
    const { send } = await startRestServer();
    const begun = await send('POST', '/examplebucket/big?uploads', { headers });
    const target = `/examplebucket/big?uploadId=${element(begun, 'UploadId')}`;
    const part = await send('PUT', `${target}&partNumber=1`, { body: 'part' });
    await send('PUT', '/examplebucket/big', { body: 'x' });
    const refused = await send('POST', target, { headers, body: completion([part.headers.etag]) });
    expect(refusal(refused)).toMatchObject({ status: 409, code: 'FileAlreadyExists' });
    expect((await send('GET', '/examplebucket/big')).text).toBe('x');
  });
});

describe('a sequential upload', () => {
  async function beginSequential({ send }: RestServer): Promise<string> {
    return element(await send('POST', '/examplebucket/big?uploads&sequential'), 'UploadId') ?? '';
  }

  it('has a Content-MD5', async () => {
    const server = await startRestServer();
    const uploadId = await beginSequential(server);
    const bytes = [randomBytes(PART_BYTES), randomBytes(3)];
    for (const [index, body] of bytes.entries()) {
      await server.send('PUT', `/examplebucket/big?partNumber=${index + 1}&uploadId=${uploadId}`, { body });
    }
    const headers = { 'x-oss-complete-all': 'yes' };
    await server.send('POST', `/examplebucket/big?uploadId=${uploadId}`, { headers });
    const md5 = createHash('md5').update(Buffer.concat(bytes)).digest('base64');
    for (const method of ['HEAD', 'GET']) {
      expect((await server.send(method, '/examplebucket/big')).headers['content-md5']).toBe(md5);
    }
  });

  it('refuses a part that is not the next one, and keeps those before', async () => {
    const server = await startRestServer();
    const uploadId = await beginSequential(server);
    const put = (number: number) =>
      server.send('PUT', `/examplebucket/big?partNumber=${number}&uploadId=${uploadId}`, { body: 'x' });
    const notSequential = { status: 400, code: 'PartNotSequential' };
    expect(refusal(await put(2))).toMatchObject(notSequential);
    expect((await put(1)).status).toBe(200);
    expect(refusal(await put(1))).toMatchObject(notSequential);
    expect(refusal(await put(3))).toMatchObject(notSequential);
    const list = await server.send('GET', `/examplebucket/big?uploadId=${uploadId}`);
    expect(list.text.match(/<PartNumber>\d+/g)).toEqual(['<PartNumber>1']);
  });
});

describe('an upload that its client encrypts', () => {
  const SIZES = 'x-oss-meta-client-side-encryption';

  async function statusOf(sizes: Readonly<Record<string, string>>, partNumber: number, body: string): Promise<number> {
    const { send } = await startRestServer();
    const uploadId = element(await send('POST', '/examplebucket/big?uploads', { headers: sizes }), 'UploadId');
    return (await send('PUT', `/examplebucket/big?partNumber=${partNumber}&uploadId=${uploadId}`, { body })).status;
  }

  it.each([
    ['the size of every part', 1, '12345', 200],
    ['the size of the last part', 3, '12', 200],
    ['a byte more', 1, '123456', 400],
    ['a byte less', 1, '1234', 400],
    ['a byte more in the last part', 3, '123', 400],
    ['a part behind the last', 4, '1', 400],
  ])('takes only parts of the announced sizes: %s', async (_what, partNumber, body, status) => {
    const sizes = { [`${SIZES}-part-size`]: '5', [`${SIZES}-data-size`]: '12' };
    expect(await statusOf(sizes, partNumber, body)).toBe(status);
  });

  it.each(['', 'abc', '1e3', '-1'])('says nothing by the size %j', async (size) => {
    expect(await statusOf({ [`${SIZES}-part-size`]: size }, 1, '123456')).toBe(200);
  });

  it('may not know the size of the object', async () => {
    const sizes = { [`${SIZES}-part-size`]: '5' };
    expect(await statusOf(sizes, 7, '1')).toBe(200);
    expect(await statusOf(sizes, 7, '123456')).toBe(400);
  });
});

describe('ListMultipartUploads', () => {
  it('groups by a delimiter, and pages through uploads and groups', async () => {
    const server = await startRestServer();
    for (const key of ['up/a', 'up/dir/x', 'up/dir/y', 'up/e%20f/z', 'up/g', 'up/g', 'vp']) await begin(server, key);
    const found: string[] = [];
    for (let marker = '', more = true; more; ) {
      const query = `uploads&prefix=up/&delimiter=/&max-uploads=2&encoding-type=url${marker}`;
      const reply = await server.send('GET', `/examplebucket/?${query}`);
      const entries = [...reply.text.matchAll(/<(Key|CommonPrefixes)>\s*(?:<Prefix>)?([^<]*)/g)];
      found.push(...entries.map(([, kind, name]) => `${kind} ${decodeURIComponent(name ?? '')}`));
      expect(element(reply, 'Delimiter')).toBe('%2F');
      more = element(reply, 'IsTruncated') === 'true';
      marker = `&key-marker=${element(reply, 'NextKeyMarker')}&upload-id-marker=${element(reply, 'NextUploadIdMarker')}`;
    }
    expect(found.sort()).toEqual([
      'CommonPrefixes up/dir/',
      'CommonPrefixes up/e f/',
      'Key up/a',
      'Key up/g',
      'Key up/g',
    ]);
  });
});
