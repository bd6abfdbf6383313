import { describe, expect, it } from 'vitest';
import { FakeVod } from './fake-channels.ts';
import { element, refusal, startRestServer } from './rest-server.ts';

const CONFIG = '<LiveChannelConfiguration><Target><Type>HLS</Type></Target></LiveChannelConfiguration>';

describe('PutLiveChannel', () => {
  it('hands the configuration on and answers with both URLs in the form of the request', async () => {
    const { send, channels, port } = await startRestServer();
    const reply = await send('PUT', '/examplebucket/cam%20a?live', { body: CONFIG });
    expect(reply.status).toBe(200);
    expect(channels.calls).toEqual([['put', 'examplebucket', 'cam a', { target: { type: 'HLS' }, snapshots: [] }]]);
    expect(reply.text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<CreateLiveChannelResult>\n' +
        `  <PublishUrls>\n    <Url>rtmp://127.0.0.1:${port}/examplebucket/live/cam%20a</Url>\n  </PublishUrls>\n` +
        `  <PlayUrls>\n    <Url>http://127.0.0.1:${port}/examplebucket/cam%20a/playlist.m3u8</Url>\n  </PlayUrls>\n` +
        '</CreateLiveChannelResult>\n',
    );
    expect(reply.headers['content-type']).toBe('application/xml');
    expect(reply.headers['content-length']).toBe(String(reply.bytes.length));
  });

  it.each([
    ['examplebucket.oss.localhost:9000', 'rtmp://examplebucket.oss.localhost:9000/live/cam'],
    ['examplebucket.localhost', 'rtmp://examplebucket.localhost/live/cam'],
  ])('answers a request to %s with %s', async (host, url) => {
    const { send } = await startRestServer();
    expect(element(await send('PUT', '/cam?live=', { body: CONFIG, host }), 'Url')).toBe(url);
  });

  it('never sends users to the real cloud', async () => {
    const { send, port } = await startRestServer();
    const host = 'examplebucket.oss-cn-hangzhou.aliyuncs.com';
    const reply = await send('PUT', '/cam?live', { body: CONFIG, host });
    expect(element(reply, 'Url')).toBe(`rtmp://127.0.0.1:${port}/examplebucket/live/cam`);
  });

  it('gives out the public URL when there is one', async () => {
    const { send } = await startRestServer({ publicUrl: 'https://media.example.test:8443' });
    const reply = await send('PUT', '/examplebucket/cam?live', { body: CONFIG });
    expect(element(reply, 'Url')).toBe('rtmp://media.example.test:8443/examplebucket/live/cam');
  });

  it('refuses an empty name, a document that is none, and one of 10 MiB', async () => {
    const { send } = await startRestServer();
    expect(refusal(await send('PUT', '/examplebucket/?live', { body: CONFIG }))).toEqual({
      status: 400,
      code: 'InvalidChannelName',
      ec: '0017-00000257',
    });
    const malformed = { status: 400, code: 'MalformedXML', ec: '0016-00000608' };
    expect(refusal(await send('PUT', '/examplebucket/cam?live', { body: '<a' }))).toEqual(malformed);
    expect(refusal(await send('PUT', '/examplebucket/cam?live'))).toEqual(malformed);
    const huge = Buffer.alloc(10 * 1024 * 1024, ' ');
    expect(refusal(await send('PUT', '/examplebucket/cam?live', { body: huge }))).toEqual(malformed);
  });
});

describe('the other channel operations', () => {
  it('are found by their parameters and hand on what they were given', async () => {
    const vod = new FakeVod();
    const { send, channels } = await startRestServer({ vod });
    expect((await send('PUT', '/examplebucket/cam?live&status=disabled')).headers['content-length']).toBe('0');
    expect(element(await send('GET', '/examplebucket/cam?live='), 'FragDuration')).toBe('5');
    expect(element(await send('GET', '/examplebucket/cam?comp=stat&live'), 'Status')).toBe('Idle');
    const history = await send('GET', '/examplebucket/cam?live=&comp=history');
    expect(history.text.match(/<EndTime>/g)).toHaveLength(1);
    expect(element(history, 'EndTime')).toBe('2025-01-01T00:00:09.000Z');
    const deleted = await send('DELETE', '/examplebucket/cam?live');
    expect([deleted.status, deleted.headers['content-length']]).toEqual([204, '0']);
    expect((await send('GET', '/examplebucket/?live=&prefix=&marker=a+b%2Fc&max-keys=')).status).toBe(200);
    expect(channels.calls).toEqual([
      ['putStatus', 'examplebucket', 'cam', 'disabled'],
      ['info', 'examplebucket', 'cam'],
      ['stat', 'examplebucket', 'cam'],
      ['history', 'examplebucket', 'cam'],
      ['delete', 'examplebucket', 'cam'],
      ['list', 'examplebucket', { marker: 'a b/c' }],
    ]);
    const post = await send('POST', '/examplebucket/cam%2Fday.m3u8?vod&startTime=1&endTime=2');
    expect([post.status, post.headers.etag, post.headers['content-length']]).toEqual([200, '"ABC"', '0']);
    const get = await send('GET', '/examplebucket/cam?vod=&startTime=1&endTime=2');
    expect([get.text, get.headers.etag, get.headers['content-type']]).toEqual([
      '#EXTM3U\n',
      '"ABC"',
      'application/x-mpegURL',
    ]);
    expect(vod.calls).toEqual([
      ['examplebucket', 'cam', 'day.m3u8', { startTime: '1', endTime: '2' }],
      ['examplebucket', 'cam', { startTime: '1', endTime: '2' }],
    ]);
  });

  it('lists channels with the URLs of each', async () => {
    const { send } = await startRestServer();
    const reply = await send('GET', '/?live', { host: 'examplebucket.oss.localhost' });
    expect(reply.text).toContain('<Name>cam b</Name>');
    expect(reply.text).toContain('<Url>http://examplebucket.oss.localhost/cam%20b/playlist.m3u8</Url>');
  });

  it('refuse the anonymous whatever the ACL, unknown channels, buckets, methods and values of comp', async () => {
    const { send } = await startRestServer({ buckets: { examplebucket: 'public-read-write' } });
    const anonymous = await send('DELETE', '/examplebucket/missing?live', { key: null });
    expect(refusal(anonymous)).toEqual({ status: 403, code: 'AccessDenied', ec: '0003-00001201' });
    expect(refusal(await send('GET', '/examplebucket/missing?live'))).toEqual({
      status: 404,
      code: 'NoSuchLiveChannel',
      ec: '0026-00000021',
    });
    const noBucket = await send('GET', '/otherbucket/?live');
    expect(refusal(noBucket)).toEqual({ status: 404, code: 'NoSuchBucket', ec: '0015-00000101' });
    expect(element(noBucket, 'BucketName')).toBe('otherbucket');
    const wrongMethod = await send('POST', '/examplebucket/cam?live');
    expect(refusal(wrongMethod)).toEqual({ status: 405, code: 'MethodNotAllowed', ec: '0017-00000001' });
    expect(wrongMethod.headers.allow).toBe('PUT, DELETE, GET');
    expect(refusal(await send('GET', '/examplebucket/cam?live&comp=x')).code).toBe('InvalidArgument');
    expect(refusal(await send('GET', '/examplebucket/%ff?live', { key: null }))).toEqual({
      status: 400,
      code: 'InvalidChannelName',
      ec: '0017-00000259',
    });
  });
});
