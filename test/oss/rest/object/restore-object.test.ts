import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { element, NOW_MS, refusal, signedQuery, startRestServer } from '../rest-server.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const FROZEN = { status: 403, code: 'InvalidObjectState' };

async function startWithArchive(storageClass = 'Archive') {
  const clock = new ManualClock(NOW_MS);
  const rest = await startRestServer({ clock });
  const headers = { 'x-oss-storage-class': storageClass };
  await rest.send('PUT', '/examplebucket/key', { body: 'hello', headers });
  return { ...rest, clock };
}

function restoreRequest(days: string, tier?: string): string {
  const job = tier === undefined ? '' : `<JobParameters><Tier>${tier}</Tier></JobParameters>`;
  return `<RestoreRequest><Days>${days}</Days>${job}</RestoreRequest>`;
}

describe('storage classes', () => {
  it.each(['Standard', 'IA', 'Archive', 'ColdArchive', 'DeepColdArchive'])('of an object: %s', async (storageClass) => {
    const { send } = await startWithArchive(storageClass);
    expect((await send('HEAD', '/examplebucket/key')).headers['x-oss-storage-class']).toBe(storageClass);
    expect(element(await send('GET', '/examplebucket/'), 'StorageClass')).toBe(storageClass);
    expect(element(await send('GET', '/examplebucket/?list-type=2'), 'StorageClass')).toBe(storageClass);
  });

  it('are that of the bucket where none is named, also in lists', async () => {
    const { send } = await startRestServer();
    const body = '<CreateBucketConfiguration><StorageClass>ColdArchive</StorageClass></CreateBucketConfiguration>';
    await send('PUT', '/coldbucket/', { body });
    await send('PUT', '/coldbucket/cold', { body: 'x' });
    await send('PUT', '/coldbucket/warm', { body: 'x', headers: { 'x-oss-storage-class': 'Standard' } });
    expect((await send('HEAD', '/coldbucket/cold')).headers['x-oss-storage-class']).toBe('ColdArchive');
    expect(refusal(await send('GET', '/coldbucket/cold'))).toMatchObject(FROZEN);
    expect((await send('GET', '/coldbucket/warm')).text).toBe('x');
    const list = await send('GET', '/coldbucket/');
    expect(list.text.match(/<StorageClass>[^<]*/g)).toEqual(['<StorageClass>ColdArchive', '<StorageClass>Standard']);
  });

  it.each([
    ['PUT', '/examplebucket/new', {}, '0017-00000132'],
    ['PUT', '/examplebucket/new', { 'x-oss-copy-source': '/examplebucket/key' }, '0013-00000101'],
    ['POST', '/examplebucket/new?append&position=0', {}, '0017-00000132'],
    ['POST', '/examplebucket/new?uploads', {}, '0017-00000132'],
  ])('are refused when they do not exist: %s %s %j', async (method, target, headers, ec) => {
    const { send } = await startWithArchive('Standard');
    const sendWith = (storageClass: string) =>
      send(method, target, {
        body: '',
        headers: { 'content-length': '0', ...headers, 'x-oss-storage-class': storageClass },
      });
    const wrong = await sendWith('Glacier');
    expect(refusal(wrong)).toEqual({ status: 400, code: 'InvalidArgument', ec });
    expect(element(wrong, 'ArgumentValue')).toBe('Glacier');
    expect(refusal(await sendWith('')).ec).toBe('0017-00000131');
    expect(refusal(await sendWith('standard')).code).toBe('InvalidArgument');
    expect((await send('HEAD', '/examplebucket/new')).status).toBe(404);
  });

  it('of a copy are named by the request, not by the source', async () => {
    const { send } = await startWithArchive('IA');
    const copy = (headers: Record<string, string>) =>
      send('PUT', '/examplebucket/copy', { headers: { 'x-oss-copy-source': '/examplebucket/key', ...headers } });
    const storageClass = async () => (await send('HEAD', '/examplebucket/copy')).headers['x-oss-storage-class'];
    await copy({});
    expect(await storageClass()).toBe('Standard');
    await copy({ 'x-oss-storage-class': 'Archive' });
    expect(await storageClass()).toBe('Archive');
    await copy({ 'x-oss-storage-class': 'IA', 'x-oss-metadata-directive': 'REPLACE' });
    expect(await storageClass()).toBe('IA');
  });
});

describe('an archived object', () => {
  it('can be looked at and deleted, but not read', async () => {
    const { send } = await startWithArchive();
    const get = await send('GET', '/examplebucket/key');
    expect(refusal(get)).toEqual({ ...FROZEN, ec: '0016-00000404' });
    expect(element(get, 'Message')).toBe("The operation is not valid for the object's state");
    expect(refusal(await send('GET', '/examplebucket/key', { headers: { range: 'bytes=0-1' } }))).toMatchObject(FROZEN);
    const copied = { ...FROZEN, ec: '0016-00000330' };
    const copy = { headers: { 'x-oss-copy-source': '/examplebucket/key' } };
    expect(refusal(await send('PUT', '/examplebucket/copy', copy))).toEqual(copied);
    const upload = element(await send('POST', '/examplebucket/parts?uploads'), 'UploadId');
    const part = await send('PUT', `/examplebucket/parts?partNumber=1&uploadId=${upload}`, copy);
    expect(refusal(part)).toEqual(copied);
    const head = await send('HEAD', '/examplebucket/key');
    expect([head.status, head.headers['content-length'], head.headers['x-oss-restore']]).toEqual([200, '5', undefined]);
    expect((await send('GET', '/examplebucket/key?acl')).status).toBe(200);
    expect((await send('DELETE', '/examplebucket/key')).status).toBe(204);
  });

  it('is not read by way of a link or as a signed playlist either', async () => {
    const { send } = await startWithArchive();
    await send('PUT', '/examplebucket/link?symlink', { headers: { 'x-oss-symlink-target': 'key' } });
    expect(refusal(await send('GET', '/examplebucket/link'))).toEqual({ ...FROZEN, ec: '0016-00000404' });
    const headers = { 'x-oss-storage-class': 'Archive' };
    await send('PUT', '/examplebucket/live/p.m3u8', { body: '#EXTM3U\n1.ts\n', headers });
    const target = '/examplebucket/live/p.m3u8?x-oss-process=hls/sign';
    const url = `${target}&${signedQuery(target, NOW_MS / 1000 + 60)}`;
    expect(refusal(await send('GET', url, { key: null }))).toEqual({ ...FROZEN, ec: '0016-00000404' });
  });

  it('can be read after a restore, for as long as that lasts, by the clock', async () => {
    const { send, clock } = await startWithArchive();
    const restored = await send('POST', '/examplebucket/key?restore');
    expect([restored.status, restored.text]).toEqual([202, '']);
    expect(restored.headers).not.toHaveProperty('x-oss-object-restore-priority');
    const info = async () => {
      const text = (await send('HEAD', '/examplebucket/key')).headers['x-oss-restore'];
      for (const list of ['/examplebucket/', '/examplebucket/?list-type=2']) {
        expect(element(await send('GET', list), 'RestoreInfo')).toBe(text);
      }
      return text;
    };
    expect(await info()).toBe('ongoing-request="true"');
    expect(refusal(await send('GET', '/examplebucket/key'))).toMatchObject(FROZEN);
    const again = await send('POST', '/examplebucket/key?restore');
    expect(refusal(again)).toEqual({ status: 409, code: 'RestoreAlreadyInProgress', ec: '0016-00000701' });

    clock.advance(MINUTE_MS);
    expect(await info()).toBe('ongoing-request="false", expiry-date="Thu, 02 Jan 2025 00:01:00 GMT"');
    const get = await send('GET', '/examplebucket/key');
    expect([get.text, get.headers['x-oss-storage-class'], get.headers['x-oss-restore']]).toEqual([
      'hello',
      'Archive',
      'ongoing-request="false", expiry-date="Thu, 02 Jan 2025 00:01:00 GMT"',
    ]);
    expect((await send('POST', '/examplebucket/key?restore', { body: restoreRequest('2') })).status).toBe(200);
    expect(await info()).toContain('expiry-date="Sat, 04 Jan 2025 00:01:00 GMT"');

    clock.advance(3 * DAY_MS);
    expect(await info()).toBeUndefined();
    expect(refusal(await send('GET', '/examplebucket/key'))).toMatchObject(FROZEN);
    expect((await send('POST', '/examplebucket/key?restore')).status).toBe(202);
  });

  it('becomes one of another class by a copy onto itself, once it is restored', async () => {
    const { send, clock } = await startWithArchive();
    const headers = { 'x-oss-copy-source': '/examplebucket/key', 'x-oss-storage-class': 'Standard' };
    expect(refusal(await send('PUT', '/examplebucket/key', { headers }))).toMatchObject(FROZEN);
    await send('POST', '/examplebucket/key?restore');
    clock.advance(MINUTE_MS);
    expect((await send('PUT', '/examplebucket/key', { headers })).status).toBe(200);
    clock.advance(30 * DAY_MS);
    const get = await send('GET', '/examplebucket/key');
    expect([get.text, get.headers['x-oss-restore']]).toEqual(['hello', undefined]);
  });

  it('is frozen when it is written again', async () => {
    const { send, clock } = await startWithArchive();
    await send('POST', '/examplebucket/key?restore');
    clock.advance(MINUTE_MS);
    await send('PUT', '/examplebucket/key', { body: 'new', headers: { 'x-oss-storage-class': 'Archive' } });
    expect(refusal(await send('GET', '/examplebucket/key'))).toMatchObject(FROZEN);
  });
});

describe('RestoreObject', () => {
  it.each(['Expedited', 'Standard', 'Bulk'])('names the tier %s in the answer of a cold archive', async (tier) => {
    const { send } = await startWithArchive('ColdArchive');
    const reply = await send('POST', '/examplebucket/key?restore', { body: restoreRequest('5', tier) });
    expect([reply.status, reply.headers['x-oss-object-restore-priority']]).toEqual([202, tier]);
  });

  it('takes the tier Standard when none is named', async () => {
    const { send } = await startWithArchive('DeepColdArchive');
    const reply = await send('POST', '/examplebucket/key?restore', { body: restoreRequest('1') });
    expect([reply.status, reply.headers['x-oss-object-restore-priority']]).toEqual([202, 'Standard']);
  });

  it.each([
    ['Standard', '', 400, 'OperationNotSupported', '0016-00000702'],
    ['IA', restoreRequest('1', 'Bulk'), 400, 'OperationNotSupported', '0016-00000702'],
    ['Archive', restoreRequest('1', 'Standard'), 400, 'MalformedXML', '0016-00000608'],
    ['Archive', restoreRequest('8'), 400, 'InvalidArgument', '0016-00000708'],
    ['ColdArchive', restoreRequest('0'), 400, 'InvalidArgument', '0016-00000704'],
    ['ColdArchive', restoreRequest('1', 'wrong-tier'), 400, 'InvalidArgument', '0016-00000703'],
    ['ColdArchive', '<RestoreRequest><Days>1</Days>', 400, 'MalformedXML', '0016-00000608'],
    ['ColdArchive', '<Restore/>', 400, 'MalformedXML', '0016-00000608'],
    ['ColdArchive', '<RestoreRequest><GlacierJobParameters/></RestoreRequest>', 400, 'MalformedXML', '0016-00000709'],
    ['ColdArchive', '<RestoreRequest><OutputLocation/></RestoreRequest>', 400, 'MalformedXML', '0016-00000710'],
    ['ColdArchive', '<RestoreRequest><Type>SELECT</Type></RestoreRequest>', 400, 'MalformedXML', '0016-00000713'],
    ['ColdArchive', '<RestoreRequest><Unknown/></RestoreRequest>', 400, 'MalformedXML', '0016-00000714'],
  ])('of a %s object with %j is %i %s', async (storageClass, body, status, code, ec) => {
    const { send } = await startWithArchive(storageClass);
    const reply = await send('POST', '/examplebucket/key?restore', { body });
    expect(refusal(reply)).toEqual({ status, code, ec });
    expect((await send('HEAD', '/examplebucket/key')).headers).not.toHaveProperty('x-oss-restore');
  });

  it('of an object that does not exist is 404', async () => {
    const { send } = await startRestServer();
    expect(refusal(await send('POST', '/examplebucket/none?restore'))).toMatchObject({
      status: 404,
      code: 'NoSuchKey',
    });
    expect(refusal(await send('POST', '/nobucket/none?restore'))).toMatchObject({ status: 404, code: 'NoSuchBucket' });
  });
});

describe('CleanRestoredObject', () => {
  it('freezes a restored object', async () => {
    const { send, clock } = await startWithArchive('ColdArchive');
    const clean = () => send('POST', '/examplebucket/key?cleanRestoredObject');
    const stale = { status: 409, code: 'ArchiveRestoreFileStale', ec: '0016-00000718' };
    expect(refusal(await clean())).toEqual(stale);
    await send('POST', '/examplebucket/key?restore', { body: restoreRequest('1', 'Expedited') });
    expect(refusal(await clean())).toEqual({ status: 409, code: 'ArchiveRestoreNotFinished', ec: '0016-00000719' });
    clock.advance(60 * MINUTE_MS);
    expect((await send('GET', '/examplebucket/key')).text).toBe('hello');
    expect((await clean()).status).toBe(200);
    expect(refusal(await send('GET', '/examplebucket/key'))).toMatchObject(FROZEN);
    expect((await send('HEAD', '/examplebucket/key')).headers).not.toHaveProperty('x-oss-restore');
    expect(refusal(await clean())).toEqual(stale);
  });
});
