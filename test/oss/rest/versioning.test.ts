import { createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { element, type RestServer, refusal, type Sent, startRestServer } from './rest-server.ts';

const KEY_PATH = '/examplebucket/key';
/** An id of the right form that no version has. */
const UNKNOWN = 'CAEQJhiBgIDVmYrr1RYiIGE5ZmUxMjViZDIwYjQwY2I5ODA1YWIxNmIyNDNjYjk4';

async function configure({ send }: RestServer, status: string): Promise<void> {
  const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;
  expect((await send('PUT', '/examplebucket?versioning', { body })).status).toBe(200);
}

async function startVersioned(status = 'Enabled'): Promise<RestServer> {
  const server = await startRestServer();
  await configure(server, status);
  return server;
}

/** Puts an object; resolves to the id of its version. */
async function put({ send }: RestServer, body: string, path = KEY_PATH, sent: Sent = {}): Promise<string> {
  const reply = await send('PUT', path, { ...sent, body });
  expect(reply.status).toBe(200);
  return String(reply.headers['x-oss-version-id']);
}

async function remove({ send }: RestServer, path = KEY_PATH) {
  const { status, headers } = await send('DELETE', path);
  return { status, versionId: String(headers['x-oss-version-id']), isMarker: headers['x-oss-delete-marker'] };
}

function deleteMany({ send }: RestServer, objects: string, query = '') {
  const body = `<Delete>${objects}</Delete>`;
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') };
  return send('POST', `/examplebucket?delete${query}`, { body, headers });
}

describe('PutBucketVersioning', () => {
  it('is seen in GetBucketVersioning, which has no Status before', async () => {
    const server = await startRestServer();
    const before = await server.send('GET', '/examplebucket?versioning');
    expect(element(before, 'VersioningConfiguration')).toBe('');
    for (const status of ['Enabled', 'Suspended', 'Enabled']) {
      await configure(server, status);
      expect(element(await server.send('GET', '/examplebucket?versioning'), 'Status')).toBe(status);
    }
  });

  test.each([
    '<VersioningConfiguration/>',
    '<VersioningConfiguration><Status></Status></VersioningConfiguration>',
    '<VersioningConfiguration><Status>Disabled</Status></VersioningConfiguration>',
    '<VersioningConfiguration><Status>enabled</Status></VersioningConfiguration>',
    '<Versioning><Status>Enabled</Status></Versioning>',
    '',
  ])('refuses %s', async (body) => {
    const { send } = await startRestServer();
    expect(refusal(await send('PUT', '/examplebucket?versioning', { body }))).toMatchObject({
      status: 400,
      code: 'MalformedXML',
    });
    expect(element(await send('GET', '/examplebucket?versioning'), 'VersioningConfiguration')).toBe('');
  });
});

describe('writing', () => {
  it('answers no version in a bucket that never had versioning', async () => {
    const { send } = await startRestServer();
    const replies = [await send('PUT', KEY_PATH, { body: 'x' }), await send('GET', KEY_PATH)];
    replies.push(await send('HEAD', KEY_PATH), await send('DELETE', KEY_PATH));
    for (const { headers } of replies) {
      expect(headers).not.toHaveProperty('x-oss-version-id');
      expect(headers).not.toHaveProperty('x-oss-delete-marker');
    }
  });

  it('keeps the version before, and that from before versioning under the id null', async () => {
    const server = await startRestServer();
    await server.send('PUT', KEY_PATH, { body: 'zero' });
    await configure(server, 'Enabled');
    const [one, two] = [await put(server, 'one'), await put(server, 'two')];
    expect(one).toMatch(/^CAEQ[A-Za-z0-9]{60}$/);
    const get = async (query: string) => {
      const { text, headers } = await server.send('GET', KEY_PATH + query);
      return [text, headers['x-oss-version-id']];
    };
    expect(await get('')).toEqual(['two', two]);
    expect(await get(`?versionId=${one}`)).toEqual(['one', one]);
    expect(await get('?versionId=null')).toEqual(['zero', 'null']);
  });

  it('replaces the null version while versioning is suspended', async () => {
    const server = await startVersioned();
    const one = await put(server, 'one');
    await configure(server, 'Suspended');
    expect([await put(server, 'two'), await put(server, 'three')]).toEqual(['null', 'null']);
    expect((await server.send('GET', `${KEY_PATH}?versionId=null`)).text).toBe('three');
    expect((await server.send('GET', `${KEY_PATH}?versionId=${one}`)).text).toBe('one');
    expect(await remove(server)).toEqual({ status: 204, versionId: 'null', isMarker: 'true' });
    expect((await server.send('GET', `${KEY_PATH}?versionId=${one}`)).text).toBe('one');
    expect((await server.send('GET', `${KEY_PATH}?versionId=null`)).status).toBe(405);
  });

  it('overwrites in spite of x-oss-forbid-overwrite', async () => {
    const server = await startVersioned();
    await put(server, 'one');
    await put(server, 'two', KEY_PATH, { headers: { 'x-oss-forbid-overwrite': 'true' } });
    expect((await server.send('GET', KEY_PATH)).text).toBe('two');
  });

  it('appends to a version without making another one', async () => {
    const server = await startVersioned();
    const append = async (position: number, body: string) => {
      const { status, headers } = await server.send('POST', `${KEY_PATH}?append&position=${position}`, { body });
      return { status, versionId: headers['x-oss-version-id'], next: headers['x-oss-next-append-position'] };
    };
    const first = await append(0, 'one');
    expect(await append(3, 'two')).toEqual({ status: 200, versionId: first.versionId, next: '6' });
    await remove(server);
    const afterMarker = await append(0, 'new');
    expect(afterMarker).toMatchObject({ status: 200, next: '3' });
    expect(afterMarker.versionId).not.toBe(first.versionId);
    expect((await server.send('GET', `${KEY_PATH}?versionId=${first.versionId}`)).text).toBe('onetwo');
    await put(server, 'plain');
    expect(refusal(await server.send('POST', `${KEY_PATH}?append&position=3`, { body: 'x' }))).toMatchObject({
      code: 'ObjectNotAppendable',
    });
  });

  it('gives a multipart object, a copy and a link a version', async () => {
    const server = await startVersioned();
    const source = await put(server, 'source');
    const copy = await server.send('PUT', '/examplebucket/copy', {
      headers: { 'x-oss-copy-source': '/examplebucket/key' },
    });
    expect(copy.headers).toMatchObject({ 'x-oss-copy-source-version-id': source });
    const link = await server.send('PUT', '/examplebucket/link?symlink', {
      headers: { 'x-oss-symlink-target': 'key' },
    });
    const initiated = await server.send('POST', '/examplebucket/big?uploads');
    const target = `/examplebucket/big?uploadId=${element(initiated, 'UploadId')}`;
    await server.send('PUT', `${target}&partNumber=1`, { body: 'part' });
    const completed = await server.send('POST', target, { headers: { 'x-oss-complete-all': 'yes' } });
    for (const { status, headers } of [copy, link, completed]) {
      expect([status, headers['x-oss-version-id']]).toEqual([200, expect.stringMatching(/^CAEQ/)]);
    }
    expect((await server.send('GET', '/examplebucket/link')).headers['x-oss-version-id']).toBe(
      link.headers['x-oss-version-id'],
    );
  });
});

describe('delete markers', () => {
  it('hide the object, one on top of the other, until they are deleted', async () => {
    const server = await startVersioned();
    const one = await put(server, 'one');
    const first = await remove(server);
    const second = await remove(server);
    expect([first.status, first.isMarker, second.isMarker]).toEqual([204, 'true', 'true']);
    expect(new Set([one, first.versionId, second.versionId]).size).toBe(3);
    for (const { versionId } of [first, second]) {
      const { status, headers } = await server.send('DELETE', `${KEY_PATH}?versionId=${versionId}`);
      expect([status, headers['x-oss-version-id'], headers['x-oss-delete-marker']]).toEqual([204, versionId, 'true']);
    }
    expect((await server.send('GET', KEY_PATH)).text).toBe('one');
  });

  it('are made for a key without an object too', async () => {
    const server = await startVersioned();
    expect(await remove(server)).toMatchObject({ status: 204, isMarker: 'true' });
  });

  test.each(['GET', 'HEAD'])('%s: NoSuchKey for the current version, 405 for the version itself', async (method) => {
    const server = await startVersioned();
    await put(server, 'one');
    const { versionId } = await remove(server);
    const current = await server.send(method, KEY_PATH);
    expect(current.status).toBe(404);
    expect(current.headers).toMatchObject({ 'x-oss-delete-marker': 'true', 'x-oss-version-id': versionId });
    const marker = await server.send(method, `${KEY_PATH}?versionId=${versionId}`);
    expect(marker.status).toBe(405);
    expect(marker.headers).toMatchObject({ 'x-oss-delete-marker': 'true', 'x-oss-version-id': versionId });
  });

  it('are no source of a copy', async () => {
    const server = await startVersioned();
    await put(server, 'one');
    const { versionId } = await remove(server);
    const copy = (source: string) =>
      server.send('PUT', '/examplebucket/copy', { headers: { 'x-oss-copy-source': `/examplebucket/${source}` } });
    expect(refusal(await copy('key'))).toMatchObject({ status: 404, code: 'NoSuchKey' });
    const asked = await copy(`key?versionId=${versionId}`);
    expect(refusal(asked)).toEqual({ status: 400, code: 'InvalidArgument', ec: '0016-00000307' });
  });
});

describe('a version id', () => {
  const READS = [
    'GET /key',
    'HEAD /key',
    'GET /key?objectMeta',
    'GET /key?acl',
    'GET /key?tagging',
    'GET /key?symlink',
  ];
  const CHANGES = ['DELETE /key', 'PUT /key?acl', 'DELETE /key?tagging'];
  const ask = ({ send }: RestServer, request: string, versionId: string) => {
    const [method = '', path = ''] = request.split(' ');
    const query = `${path.includes('?') ? '&' : '?'}versionId=${versionId}`;
    return send(method, `/examplebucket${path}${query}`, { headers: { 'x-oss-object-acl': 'private' } });
  };

  test.each([...READS, ...CHANGES])('is refused when it is empty or malformed: %s', async (request) => {
    const server = await startVersioned();
    await put(server, 'one');
    for (const [versionId, ec] of [
      ['', '0012-00000201'],
      ['IllegalVersion', '0012-00000202'],
      ['%25%25%25QNRiBgICv8uaA0BYi', '0012-00000202'],
      ['A'.repeat(5000), '0012-00000202'],
    ] as const) {
      const reply = await ask(server, request, versionId);
      expect([reply.status, reply.headers['x-oss-ec']]).toEqual([400, ec]);
      if (!request.startsWith('HEAD')) expect(element(reply, 'ArgumentName')).toBe('versionId');
    }
    expect((await server.send('GET', KEY_PATH)).text).toBe('one');
  });

  test.each([...READS, 'PUT /key?acl', 'DELETE /key?tagging'])(
    'is NoSuchVersion when there is none: %s',
    async (request) => {
      for (const server of [await startVersioned(), await startRestServer()]) {
        await server.send('PUT', KEY_PATH, { body: 'one' });
        const reply = await ask(server, request, UNKNOWN);
        expect(reply.status).toBe(404);
        if (!request.startsWith('HEAD')) expect(element(reply, 'Code')).toBe('NoSuchVersion');
      }
    },
  );

  it('of a version that is gone can be deleted again', async () => {
    const server = await startVersioned();
    const one = await put(server, 'one');
    for (let time = 0; time < 2; time++) {
      const { status, headers } = await server.send('DELETE', `${KEY_PATH}?versionId=${one}`);
      expect([status, headers['x-oss-version-id'], headers['x-oss-delete-marker']]).toEqual([204, one, undefined]);
    }
    expect(refusal(await server.send('GET', `${KEY_PATH}?versionId=${one}`))).toMatchObject({ code: 'NoSuchVersion' });
  });

  it('deletes the bytes of its version, and no others', async () => {
    const server = await startVersioned();
    const [one, two] = [await put(server, 'one'), await put(server, 'two')];
    const locationOf = async (versionId: string) =>
      (await server.objects.get('examplebucket', 'key', versionId)).location;
    const [first, second] = [await locationOf(one), await locationOf(two)];
    await server.send('DELETE', `${KEY_PATH}?versionId=${two}`);
    await expect(server.store.open(second)).rejects.toThrow();
    await expect(server.store.open(first)).resolves.toBeDefined();
    expect((await server.send('GET', KEY_PATH)).text).toBe('one');
  });

  it('chooses ACL and tags of one version', async () => {
    const server = await startVersioned();
    const [one, two] = [await put(server, 'one'), await put(server, 'two')];
    const changed = await server.send('PUT', `${KEY_PATH}?acl&versionId=${one}`, {
      headers: { 'x-oss-object-acl': 'public-read' },
    });
    expect(changed.headers['x-oss-version-id']).toBe(one);
    const body = '<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>';
    await server.send('PUT', `${KEY_PATH}?tagging&versionId=${one}`, { body });
    const grant = async (id: string) => element(await server.send('GET', `${KEY_PATH}?acl&versionId=${id}`), 'Grant');
    const tag = async (id: string) => (await server.send('GET', `${KEY_PATH}?tagging&versionId=${id}`)).text;
    expect([await grant(one), await grant(two)]).toEqual(['public-read', 'default']);
    expect(await tag(one)).toContain('<Key>k</Key>');
    expect(await tag(two)).not.toContain('<Key>');
    const anonymous = async (id: string) =>
      (await server.send('GET', `${KEY_PATH}?versionId=${id}`, { key: null })).status;
    expect([await anonymous(one), await anonymous(two)]).toEqual([200, 403]);
    const list = await server.send('GET', '/examplebucket?versions');
    expect(list.text.match(/<Version>/g)).toHaveLength(2);
  });

  it('chooses the source of a copy and of a part', async () => {
    const server = await startVersioned();
    const one = await put(server, 'one');
    await put(server, 'two');
    const headers = { 'x-oss-copy-source': `/examplebucket/key?versionId=${one}` };
    const copy = await server.send('PUT', '/examplebucket/copy', { headers });
    expect(copy.headers['x-oss-copy-source-version-id']).toBe(one);
    expect((await server.send('GET', '/examplebucket/copy')).text).toBe('one');
    const initiated = await server.send('POST', '/examplebucket/big?uploads');
    const target = `/examplebucket/big?uploadId=${element(initiated, 'UploadId')}`;
    const part = await server.send('PUT', `${target}&partNumber=1`, { headers });
    expect(part.headers['x-oss-copy-source-version-id']).toBe(one);
    await server.send('POST', target, { headers: { 'x-oss-complete-all': 'yes' } });
    expect((await server.send('GET', '/examplebucket/big')).text).toBe('one');
  });

  test.each([
    ['', '0012-00000201'],
    ['%%%QNRiBgICv8uaA0BYi', '0012-00000202'],
    ['IllegalVersion', '0012-00000202'],
  ])('of a source is refused: "%s"', async (versionId, ec) => {
    const server = await startVersioned();
    await put(server, 'one');
    const headers = { 'x-oss-copy-source': `/examplebucket/key?versionId=${versionId}` };
    const reply = await server.send('PUT', '/examplebucket/copy', { headers });
    expect(refusal(reply)).toEqual({ status: 400, code: 'InvalidArgument', ec });
  });

  it('null is the object of a suspended bucket', async () => {
    const server = await startVersioned('Suspended');
    expect(await put(server, 'one')).toBe('null');
    const headers = { 'x-oss-copy-source': '/examplebucket/key?versionId=null' };
    const copy = await server.send('PUT', '/examplebucket/copy', { headers });
    expect(copy.headers).toMatchObject({ 'x-oss-version-id': 'null', 'x-oss-copy-source-version-id': 'null' });
  });
});

describe('DeleteMultipleObjects', () => {
  it('makes delete markers, and deletes versions and markers for good', async () => {
    const server = await startVersioned();
    const one = await put(server, 'one');
    const marked = await deleteMany(server, '<Object><Key>key</Key></Object>');
    const marker = element(marked, 'DeleteMarkerVersionId') ?? '';
    expect([element(marked, 'DeleteMarker'), element(marked, 'VersionId')]).toEqual(['true', undefined]);
    const both = [one, marker].map((id) => `<Object><Key>key</Key><VersionId>${id}</VersionId></Object>`).join('');
    for (const isThere of [true, false]) {
      const deleted = await deleteMany(server, both);
      expect(deleted.status).toBe(200);
      expect(deleted.text).toContain(`<VersionId>${one}</VersionId>`);
      expect(deleted.text.includes(`<DeleteMarkerVersionId>${marker}</DeleteMarkerVersionId>`)).toBe(isThere);
    }
    expect((await server.send('DELETE', '/examplebucket')).status).toBe(204);
  });

  test.each(['234', ''])('refuses the version id "%s", and deletes nothing', async (versionId) => {
    const server = await startVersioned();
    await put(server, 'one');
    const reply = await deleteMany(
      server,
      `<Object><Key>key</Key></Object><Object><Key>key</Key><VersionId>${versionId}</VersionId></Object>`,
    );
    expect(refusal(reply)).toMatchObject({ status: 400, code: 'InvalidArgument' });
    expect((await server.send('GET', KEY_PATH)).status).toBe(200);
  });
});

describe('ListObjectVersions', () => {
  it('lists versions newest first, and delete markers', async () => {
    const server = await startVersioned();
    const [one, two] = [await put(server, 'one'), await put(server, 'two')];
    const { versionId: marker } = await remove(server);
    const list = await server.send('GET', '/examplebucket?versions');
    expect(list.text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<ListVersionsResult>
  <Name>examplebucket</Name>
  <Prefix></Prefix>
  <KeyMarker></KeyMarker>
  <VersionIdMarker></VersionIdMarker>
  <MaxKeys>100</MaxKeys>
  <Delimiter></Delimiter>
  <IsTruncated>false</IsTruncated>
${[
  [two, 'B8A9F715DBB64FD5C56E7783C6820A61'],
  [one, 'F97C5D29941BFB1B2FDAB0874906AB82'],
]
  .map(
    ([id, etag]) => `  <Version>
    <Key>key</Key>
    <VersionId>${id}</VersionId>
    <IsLatest>false</IsLatest>
    <LastModified>2025-01-01T00:00:00.000Z</LastModified>
    <ETag>"${etag}"</ETag>
    <Type>Normal</Type>
    <Size>3</Size>
    <StorageClass>Standard</StorageClass>
    <Owner>
      <ID>1234567890123456</ID>
      <DisplayName>1234567890123456</DisplayName>
    </Owner>
  </Version>
`,
  )
  .join('')}  <DeleteMarker>
    <Key>key</Key>
    <VersionId>${marker}</VersionId>
    <IsLatest>true</IsLatest>
    <LastModified>2025-01-01T00:00:00.000Z</LastModified>
    <Owner>
      <ID>1234567890123456</ID>
      <DisplayName>1234567890123456</DisplayName>
    </Owner>
  </DeleteMarker>
</ListVersionsResult>
`);
    expect((await server.send('GET', '/examplebucket')).text).not.toContain('<Contents>');
  });

  it('lists a bucket without versioning under the id null', async () => {
    const { send } = await startRestServer();
    await send('PUT', KEY_PATH, { body: 'x' });
    const list = await send('GET', '/examplebucket?versions');
    expect([element(list, 'VersionId'), element(list, 'IsLatest')]).toEqual(['null', 'true']);
  });

  it('gives pages, folders and encoded names', async () => {
    const server = await startVersioned();
    for (const path of ['a%20b/1', 'a%20b/2', 'c%2F%2Fd']) await put(server, 'x', `/examplebucket/${path}`);
    const [one, two] = [await put(server, '1', '/examplebucket/b'), await put(server, '2', '/examplebucket/b')];
    const page = (query: string) => server.send('GET', `/examplebucket?versions&encoding-type=url${query}`);
    const first = await page('&delimiter=/&max-keys=1');
    expect([element(first, 'NextKeyMarker'), element(first, 'NextVersionIdMarker')]).toEqual(['a%20b%2F', '']);
    expect(first.text).toContain('<CommonPrefixes>\n    <Prefix>a%20b%2F</Prefix>');
    const second = await page('&delimiter=/&max-keys=1&key-marker=a%20b/');
    expect([element(second, 'Key'), element(second, 'VersionId')]).toEqual(['b', two]);
    const third = await page(`&delimiter=/&max-keys=2&key-marker=b&version-id-marker=${two}`);
    expect([element(third, 'VersionId'), element(third, 'IsTruncated')]).toEqual([one, 'false']);
    expect(third.text).toContain('<Prefix>c%2F</Prefix>');
    const prefixed = await page('&prefix=b');
    expect(prefixed.text.match(/<Version>/g)).toHaveLength(2);
  });

  const LONG = 'a'.repeat(1025);
  test.each([
    [`prefix=${LONG}`, 'prefix'],
    [`delimiter=${LONG}`, 'delimiter'],
    [`key-marker=${LONG}`, 'key-marker'],
    [`key-marker=k&version-id-marker=${LONG}`, 'version-id-marker'],
    ['key-marker=k&version-id-marker=%C2%A5%25*QMxiBgICb', 'version-id-marker'],
    [`version-id-marker=${UNKNOWN}`, 'version-id-marker'],
    ['max-keys=1001', 'max-keys'],
    ['max-keys=0', 'max-keys'],
    ['max-keys=x', 'max-keys'],
    ['encoding-type=base64', 'encoding-type'],
  ])('refuses %s', async (query, name) => {
    const { send } = await startVersioned();
    const reply = await send('GET', `/examplebucket?versions&${query}`);
    expect(refusal(reply)).toMatchObject({ status: 400, code: 'InvalidArgument' });
    expect(element(reply, 'ArgumentName')).toBe(name);
  });
});

describe('DeleteBucket', () => {
  it('is refused while a version or a delete marker is left', async () => {
    const server = await startVersioned();
    const one = await put(server, 'one');
    const { versionId } = await remove(server);
    for (const id of [one, versionId]) {
      expect(refusal(await server.send('DELETE', '/examplebucket'))).toMatchObject({
        status: 409,
        code: 'BucketNotEmpty',
      });
      await server.send('DELETE', `${KEY_PATH}?versionId=${id}`);
    }
    expect((await server.send('DELETE', '/examplebucket')).status).toBe(204);
  });
});
