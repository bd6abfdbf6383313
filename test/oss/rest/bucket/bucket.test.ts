import { describe, expect, it } from 'vitest';
import { channelRecord } from '../fake-channels.ts';
import { element, refusal, startRestServer } from '../rest-server.ts';

const NO_BUCKET = { status: 404, code: 'NoSuchBucket', ec: '0015-00000101' };

describe('PutBucket and DeleteBucket', () => {
  it('create and delete', async () => {
    const { send, metadata } = await startRestServer();
    const put = await send('PUT', '/newbucket', { headers: { 'x-oss-acl': 'public-read' } });
    expect([put.status, put.headers.location, put.text]).toEqual([200, '/newbucket', '']);
    expect(await metadata.getBucket('newbucket')).toMatchObject({ acl: 'public-read', storageClass: 'Standard' });
    expect((await send('DELETE', '/newbucket/')).status).toBe(204);
    expect(refusal(await send('DELETE', '/newbucket/'))).toEqual(NO_BUCKET);
  });

  it('take the storage class from the body, and a repetition as it is', async () => {
    const { send, metadata } = await startRestServer();
    const body = '<CreateBucketConfiguration><StorageClass>IA</StorageClass></CreateBucketConfiguration>';
    await send('PUT', '/newbucket/', { body });
    expect((await send('PUT', '/newbucket/')).status).toBe(200);
    expect(await metadata.getBucket('newbucket')).toMatchObject({ acl: 'private', storageClass: 'IA' });
    const bad = await send('PUT', '/newbucket/', { body: body.replace('IA', 'Gold') });
    expect(refusal(bad)).toMatchObject({ status: 400, code: 'InvalidArgument' });
  });

  it('take the redundancy type from the body', async () => {
    const { send } = await startRestServer();
    const body = (type: string) =>
      `<CreateBucketConfiguration><DataRedundancyType>${type}</DataRedundancyType></CreateBucketConfiguration>`;
    await send('PUT', '/newbucket/', { body: body('ZRS') });
    await send('PUT', '/newbucket/', { body: body('LRS'), headers: { 'x-oss-acl': 'public-read' } });
    const info = await send('GET', '/newbucket/?bucketInfo');
    expect([element(info, 'DataRedundancyType'), element(info, 'Grant')]).toEqual(['ZRS', 'public-read']);
    expect(element(await send('GET', '/examplebucket/?bucketInfo'), 'DataRedundancyType')).toBe('LRS');
    const bad = await send('PUT', '/other/', { body: body('RAID') });
    expect(refusal(bad)).toMatchObject({ status: 400, code: 'InvalidArgument' });
    expect(element(bad, 'ArgumentName')).toBe('DataRedundancyType');
  });

  it.each(['ab', 'UPPER', '-dash', 'dash-', 'a_b', 'a'.repeat(64)])('refuse the name %s', async (name) => {
    const { send } = await startRestServer();
    expect(refusal(await send('PUT', `/${name}/`))).toMatchObject({ status: 400, code: 'InvalidBucketName' });
  });

  it('refuse an unknown ACL', async () => {
    const { send } = await startRestServer();
    const reply = await send('PUT', '/newbucket/', { headers: { 'x-oss-acl': 'open' } });
    expect(refusal(reply)).toEqual({ status: 400, code: 'InvalidArgument', ec: '0015-00000204' });
    expect([element(reply, 'ArgumentName'), element(reply, 'ArgumentValue')]).toEqual(['x-oss-acl', 'open']);
  });

  it('keep a bucket with objects, and one with channels', async () => {
    const { send, metadata } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'x' });
    const notEmpty = { status: 409, code: 'BucketNotEmpty' };
    expect(refusal(await send('DELETE', '/examplebucket/'))).toEqual({ ...notEmpty, ec: '0015-00000301' });
    await send('DELETE', '/examplebucket/key');
    await metadata.putChannel(channelRecord('cam'));
    expect(refusal(await send('DELETE', '/examplebucket/'))).toEqual({ ...notEmpty, ec: '0015-00000303' });
    expect(element(await send('GET', '/examplebucket/?stat'), 'LiveChannelCount')).toBe('1');
  });
});

describe('GetService', () => {
  it('lists buckets with what SDKs read of them', async () => {
    const { send, port } = await startRestServer({ buckets: { abucket: 'private', bbucket: 'private' } });
    const all = await send('GET', '/');
    expect(all.text.match(/<Name>[^<]*/g)).toEqual(['<Name>abucket', '<Name>bbucket']);
    expect(all.text).not.toContain('IsTruncated');
    expect(element(all, 'ExtranetEndpoint')).toBe(`127.0.0.1:${port}`);
    expect([element(all, 'Location'), element(all, 'Region')]).toEqual(['oss-cn-hangzhou', 'cn-hangzhou']);
    const page = await send('GET', '/?max-keys=1');
    expect([element(page, 'IsTruncated'), element(page, 'NextMarker')]).toEqual(['true', 'abucket']);
    const next = await send('GET', '/?marker=abucket');
    expect(next.text.match(/<Name>[^<]*/g)).toEqual(['<Name>bbucket']);
  });

  it('answers ali-oss on an IP endpoint, whose Host has an empty bucket label', async () => {
    const { send } = await startRestServer();
    const reply = await send('GET', '/', { host: '.oss-cn-hangzhou.aliyuncs.com' });
    expect(element(reply, 'Name')).toBe('examplebucket');
  });

  it('refuses the anonymous and bad parameters', async () => {
    const { send } = await startRestServer();
    const anonymous = await send('GET', '/', { key: null });
    expect(refusal(anonymous)).toEqual({ status: 403, code: 'AccessDenied', ec: '0003-00001201' });
    const bad = await send('GET', '/?max-keys=1001');
    expect(refusal(bad)).toEqual({ status: 400, code: 'InvalidArgument', ec: '0017-00000289' });
  });
});

describe('what a bucket says of itself', () => {
  it('is its info, location, ACL and versioning', async () => {
    const { send } = await startRestServer();
    const info = await send('GET', '/examplebucket/?bucketInfo');
    expect([element(info, 'Name'), element(info, 'Grant')]).toEqual(['examplebucket', 'private']);
    expect(element(info, 'CreationDate')).toBe('2025-01-01T00:00:00.000Z');
    expect((await send('GET', '/examplebucket/?location')).text).toContain(
      '<LocationConstraint>oss-cn-hangzhou</LocationConstraint>',
    );
    await send('PUT', '/examplebucket/?acl', { headers: { 'x-oss-acl': 'public-read-write' } });
    expect(element(await send('GET', '/examplebucket/?acl'), 'Grant')).toBe('public-read-write');
    const versioning = await send('GET', '/examplebucket/?versioning');
    expect(versioning.text).toContain('<VersioningConfiguration');
  });

  it('is NoSuchBucket when it is not there', async () => {
    const { send } = await startRestServer();
    for (const query of ['?bucketInfo', '?location', '?acl', '?stat', '?cors', '']) {
      expect(refusal(await send('GET', `/otherbucket/${query}`))).toEqual(NO_BUCKET);
    }
    expect((await send('PUT', '/otherbucket/?acl', { headers: { 'x-oss-acl': 'private' } })).status).toBe(200);
    expect((await send('GET', '/otherbucket/?acl')).status).toBe(200);
  });

  it('counts what is in it', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/key', { body: 'hello' });
    await send('POST', '/examplebucket/big?uploads');
    const stat = await send('GET', '/examplebucket/?stat');
    expect(['Storage', 'ObjectCount', 'MultipartUploadCount'].map((name) => element(stat, name))).toEqual([
      '5',
      '1',
      '1',
    ]);
  });
});

describe('listing', () => {
  const keys = ['a', 'b/1', 'b/2', 'c d', 'é'];
  async function startWithObjects() {
    const server = await startRestServer();
    for (const key of keys) await server.send('PUT', `/examplebucket/${encodeURIComponent(key)}`, { body: key });
    return server;
  }

  it('shows objects and common prefixes', async () => {
    const { send } = await startWithObjects();
    const reply = await send('GET', '/examplebucket/?delimiter=%2F&prefix=&marker=&max-keys=');
    expect(reply.text.match(/<Key>[^<]*/g)).toEqual(['<Key>a', '<Key>c d', '<Key>é']);
    expect(reply.text).toContain('<CommonPrefixes>\n    <Prefix>b/</Prefix>');
    expect(element(reply, 'MaxKeys')).toBe('100');
    expect(element(reply, 'ETag')).toBe('"0CC175B9C0F1B6A831C399E269772661"');
    expect([element(reply, 'Type'), element(reply, 'Size'), element(reply, 'IsTruncated')]).toEqual([
      'Normal',
      '1',
      'false',
    ]);
  });

  it('pages through everything, in both versions', async () => {
    const { send } = await startWithObjects();
    const first: string[] = [];
    for (let marker = '', more = true; more; ) {
      const reply = await send('GET', `/examplebucket/?max-keys=2&marker=${encodeURIComponent(marker)}`);
      for (const [, key] of reply.text.matchAll(/<Key>([^<]*)/g)) first.push(key ?? '');
      more = element(reply, 'IsTruncated') === 'true';
      marker = element(reply, 'NextMarker') ?? '';
    }
    expect(first).toEqual(keys);
    const second: string[] = [];
    for (let token = '', more = true; more; ) {
      const query = `list-type=2&max-keys=2&continuation-token=${encodeURIComponent(token)}`;
      const reply = await send('GET', `/examplebucket/?${query}`);
      for (const [, key] of reply.text.matchAll(/<Key>([^<]*)/g)) second.push(key ?? '');
      more = element(reply, 'IsTruncated') === 'true';
      token = element(reply, 'NextContinuationToken') ?? '';
    }
    expect(second).toEqual(keys);
  });

  it('encodes names when asked, and shows owners as each version does', async () => {
    const { send } = await startWithObjects();
    const v1 = await send('GET', '/examplebucket/?encoding-type=url&prefix=c%20');
    expect([element(v1, 'Prefix'), element(v1, 'Key'), element(v1, 'EncodingType')]).toEqual(['c%20', 'c%20d', 'url']);
    expect(v1.text).toContain('<Owner>');
    const v2 = await send('GET', '/examplebucket/?list-type=2&start-after=c%20d');
    expect([element(v2, 'Key'), element(v2, 'KeyCount'), element(v2, 'StartAfter')]).toEqual(['é', '1', 'c d']);
    expect(v2.text).not.toContain('<Owner>');
    expect((await send('GET', '/examplebucket/?list-type=2&fetch-owner=true')).text).toContain('<Owner>');
  });

  it.each(['max-keys=0', 'max-keys=1001', 'max-keys=-1', 'max-keys=a', 'encoding-type=xml'])(
    'refuses %s',
    async (query) => {
      const { send } = await startRestServer();
      expect(refusal(await send('GET', `/examplebucket/?${query}`))).toMatchObject({
        status: 400,
        code: 'InvalidArgument',
      });
    },
  );

  it('refuses a token that it did not give', async () => {
    const { send } = await startRestServer();
    const reply = await send('GET', '/examplebucket/?list-type=2&continuation-token=%21');
    expect(refusal(reply)).toMatchObject({ status: 400, code: 'InvalidArgument' });
  });
});

describe('GetBucketInfo and GetBucketStat', () => {
  it('name the endpoint within the region, where the host is one of the service', async () => {
    const { send, port } = await startRestServer({
      endpoint: { serviceDomains: ['oss-cn-shanghai.aliyuncs.com'], cnames: new Map() },
    });
    const local = await send('GET', '/examplebucket/?bucketInfo');
    expect(element(local, 'IntranetEndpoint')).toBe(`127.0.0.1:${port}`);
    const named = await send('GET', '/?bucketInfo', { host: 'examplebucket.oss-cn-shanghai.aliyuncs.com' });
    expect(element(named, 'ExtranetEndpoint')).toBe('oss-cn-shanghai.aliyuncs.com');
    expect(element(named, 'IntranetEndpoint')).toBe('oss-cn-shanghai-internal.aliyuncs.com');
  });

  it('count objects by class, and parts', async () => {
    const { send } = await startRestServer();
    await send('PUT', '/examplebucket/a', { body: 'hello' });
    await send('PUT', '/examplebucket/b', { body: 'hi', headers: { 'x-oss-storage-class': 'IA' } });
    await send('PUT', '/examplebucket/c', { body: '123', headers: { 'x-oss-storage-class': 'ColdArchive' } });
    const upload = element(await send('POST', '/examplebucket/d?uploads'), 'UploadId');
    for (const part of [1, 2]) {
      await send('PUT', `/examplebucket/d?partNumber=${part}&uploadId=${upload}`, { body: 'x' });
    }
    const stat = await send('GET', '/examplebucket/?stat');
    const counts = ['ObjectCount', 'Storage', 'StandardObjectCount', 'StandardStorage', 'InfrequentAccessStorage'];
    expect(counts.map((name) => element(stat, name))).toEqual(['3', '10', '1', '5', '2']);
    const others = ['ColdArchiveObjectCount', 'ColdArchiveStorage', 'ArchiveObjectCount', 'MultipartPartCount'];
    expect(others.map((name) => element(stat, name))).toEqual(['1', '3', '0', '2']);
    await send('DELETE', '/examplebucket/b');
    expect(element(await send('GET', '/examplebucket/?stat'), 'InfrequentAccessObjectCount')).toBe('0');
  });
});
