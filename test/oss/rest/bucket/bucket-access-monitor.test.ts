import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { element, NOW_MS, refusal, startRestServer } from '../rest-server.ts';

const HOUR_MS = 60 * 60 * 1000;
const ENABLED = '<AccessMonitorConfiguration><Status>Enabled</Status></AccessMonitorConfiguration>';
const DISABLED = ENABLED.replace('Enabled', 'Disabled');

async function startMonitored() {
  const clock = new ManualClock(NOW_MS);
  const rest = await startRestServer({ clock });
  const monitor = (body: string) => rest.send('PUT', '/examplebucket/?accessmonitor', { body });
  const accessTime = async (key: string) =>
    (await rest.send('HEAD', `/examplebucket/${key}?objectMeta`)).headers['x-oss-last-access-time'];
  return { ...rest, clock, monitor, accessTime };
}

describe('the access monitor of a bucket', () => {
  it('is disabled at first, and switched on and off', async () => {
    const { send, monitor } = await startMonitored();
    const status = async () => element(await send('GET', '/examplebucket/?accessmonitor'), 'Status');
    expect(await status()).toBe('Disabled');
    expect((await monitor(ENABLED)).status).toBe(200);
    expect(await status()).toBe('Enabled');
    expect((await monitor(DISABLED)).status).toBe(200);
    expect(await status()).toBe('Disabled');
  });

  it.each(['aa', 'enabled', ''])('has no status %j', async (status) => {
    const { monitor, send } = await startMonitored();
    const reply = await monitor(ENABLED.replace('Enabled', status));
    expect(refusal(reply)).toMatchObject({ status: 400, code: 'MalformedXML' });
    expect(element(await send('GET', '/examplebucket/?accessmonitor'), 'Status')).toBe('Disabled');
  });

  it('is refused without a document, and in a bucket that does not exist', async () => {
    const { monitor, send } = await startMonitored();
    expect(refusal(await monitor(''))).toMatchObject({ status: 400, code: 'MalformedXML' });
    const reply = await send('PUT', '/nobucket/?accessmonitor', { body: ENABLED });
    expect(refusal(reply)).toMatchObject({ status: 404, code: 'NoSuchBucket' });
  });

  it('tells when an object was last written or read, counting an access a day', async () => {
    const { send, clock, monitor, accessTime } = await startMonitored();
    await send('PUT', '/examplebucket/key', { body: 'x' });
    expect(await accessTime('key')).toBeUndefined();
    clock.advance(HOUR_MS);
    await monitor(ENABLED);
    clock.advance(HOUR_MS);
    await monitor(ENABLED);
    expect(await accessTime('key')).toBe('Wed, 01 Jan 2025 01:00:00 GMT');
    await send('GET', '/examplebucket/key');
    expect(await accessTime('key')).toBe('Wed, 01 Jan 2025 01:00:00 GMT');
    clock.advance(24 * HOUR_MS);
    await send('HEAD', '/examplebucket/key');
    expect(await accessTime('key')).toBe('Wed, 01 Jan 2025 01:00:00 GMT');
    await send('GET', '/examplebucket/key');
    expect(await accessTime('key')).toBe('Thu, 02 Jan 2025 02:00:00 GMT');
    clock.advance(25 * HOUR_MS);
    await send('PUT', '/examplebucket/copy', { headers: { 'x-oss-copy-source': '/examplebucket/key' } });
    expect(await accessTime('key')).toBe('Fri, 03 Jan 2025 03:00:00 GMT');
    expect(await accessTime('copy')).toBe('Fri, 03 Jan 2025 03:00:00 GMT');
    await monitor(DISABLED);
    expect(await accessTime('key')).toBeUndefined();
  });

  it('leaves bytes, ETag and date of an object alone', async () => {
    const { send, clock, monitor } = await startMonitored();
    await monitor(ENABLED);
    const put = await send('PUT', '/examplebucket/key', { body: 'x' });
    clock.advance(48 * HOUR_MS);
    for (let time = 0; time < 2; time++) {
      const { text, headers } = await send('GET', '/examplebucket/key');
      expect([text, headers.etag, headers['last-modified']]).toEqual([
        'x',
        put.headers.etag,
        'Wed, 01 Jan 2025 00:00:00 GMT',
      ]);
    }
  });

  it('writes nothing for reads in other buckets', async () => {
    const { send, clock, objects } = await startMonitored();
    await send('PUT', '/examplebucket/key', { body: 'x' });
    clock.advance(48 * HOUR_MS);
    await send('GET', '/examplebucket/key');
    expect((await objects.get('examplebucket', 'key')).accessedMs).toBeNull();
  });

  it('is not switched off while a lifecycle rule needs it', async () => {
    const { send, monitor } = await startMonitored();
    await monitor(ENABLED);
    const rule = (transition: string) =>
      `<LifecycleConfiguration><Rule><ID>cold</ID><Status>Disabled</Status><Transition><Days>3</Days>
      <StorageClass>IA</StorageClass>${transition}</Transition></Rule></LifecycleConfiguration>`;
    const byAccess = rule('<IsAccessTime>true</IsAccessTime><ReturnToStdWhenVisit>false</ReturnToStdWhenVisit>');
    expect((await send('PUT', '/examplebucket/?lifecycle', { body: byAccess })).status).toBe(200);
    expect(refusal(await monitor(DISABLED))).toEqual({
      status: 400,
      code: 'AccessMonitorDisableNotAllowed',
      ec: '0036-00000005',
    });
    expect(element(await send('GET', '/examplebucket/?accessmonitor'), 'Status')).toBe('Enabled');
    expect((await send('PUT', '/examplebucket/?lifecycle', { body: rule('') })).status).toBe(200);
    expect((await monitor(DISABLED)).status).toBe(200);
  });

  it.each([
    ['true', 'Standard'],
    ['false', 'IA'],
  ])('when visits return to Standard is %s: an object in IA that is read is then in %s', async (returns, after) => {
    const { send, clock, monitor, accessTime } = await startMonitored();
    await monitor(ENABLED);
    const body = `<LifecycleConfiguration><Rule><Prefix>cold/</Prefix><Status>Enabled</Status><Transition>
      <Days>3</Days><StorageClass>IA</StorageClass><IsAccessTime>true</IsAccessTime>
      <ReturnToStdWhenVisit>${returns}</ReturnToStdWhenVisit></Transition></Rule></LifecycleConfiguration>`;
    await send('PUT', '/examplebucket/?lifecycle', { body });
    for (const key of ['cold/a', 'other']) {
      await send('PUT', `/examplebucket/${key}`, { body: 'x', headers: { 'x-oss-storage-class': 'IA' } });
    }
    clock.advance(HOUR_MS);
    const classOf = async (key: string) => (await send('HEAD', `/examplebucket/${key}`)).headers['x-oss-storage-class'];
    expect(await classOf('cold/a')).toBe('IA');
    for (const key of ['cold/a', 'other']) await send('GET', `/examplebucket/${key}`);
    expect([await classOf('cold/a'), await classOf('other')]).toEqual([after, 'IA']);
    expect(await accessTime('cold/a')).toBe('Wed, 01 Jan 2025 00:00:00 GMT');
  });
});
