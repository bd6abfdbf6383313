import { describe, expect, it } from 'vitest';
import { isLiveApp, queryParameter, readPublishAddress } from '../../src/ingest/address.ts';

const ENDPOINT = { serviceDomains: ['localhost', 'oss.localhost'], cnames: new Map([['live.example.test', 'mapped']]) };

function read(app: string, streamName: string, tcUrl = `rtmp://127.0.0.1:9000/${app}`) {
  const peer = { flashVer: '', remoteAddr: '127.0.0.1:50000', localAddr: '127.0.0.1:9000' };
  return readPublishAddress({ app, streamName, tcUrl, ...peer }, ENDPOINT);
}

describe('readPublishAddress', () => {
  it.each([
    ['everybody, bucket nowhere', 'live', 'ch?Q=1', undefined, { bucket: undefined, channel: 'ch', rawQuery: 'Q=1' }],
    ['Go, Python, C#', 'b-1/live', 'ch?Q=1', undefined, { bucket: 'b-1', channel: 'ch', rawQuery: 'Q=1' }],
    ['C++', 'live/b-1', 'ch?Q=1', undefined, { bucket: 'b-1', channel: 'ch', rawQuery: 'Q=1' }],
    ['C, path encoded whole', 'b-1%2Flive%2Fch?Q=1', '', undefined, { bucket: 'b-1', channel: 'ch', rawQuery: 'Q=1' }],
    [
      'bucket in the host',
      'live',
      'ch',
      'rtmp://b-1.oss.localhost:9000/live',
      { bucket: 'b-1', channel: 'ch', rawQuery: '' },
    ],
    ['a CNAME', 'live', 'ch', 'rtmp://live.example.test/live', { bucket: 'mapped', channel: 'ch', rawQuery: '' }],
    [
      'ali-oss names of the cloud',
      'live',
      'ch',
      'rtmp://b-1.oss-cn-hangzhou.aliyuncs.com/live',
      { bucket: 'b-1', channel: 'ch', rawQuery: '' },
    ],
    [
      'a percent-encoded name',
      'b-1/live',
      'live%20channel%2B',
      undefined,
      { bucket: 'b-1', channel: 'live channel+', rawQuery: '' },
    ],
    [
      'a decoded name',
      'b-1/live',
      'live channel+%',
      undefined,
      { bucket: 'b-1', channel: 'live channel+%', rawQuery: '' },
    ],
  ])('%s', (_, app, streamName, tcUrl, expected) => {
    expect(read(app, streamName, tcUrl)).toEqual(expected);
  });

  it('merges queries, the publish name first', () => {
    const address = read('live?a=2&b=2', 'ch?a=1', 'rtmp://127.0.0.1/live?a=3&c=3');
    expect(address?.rawQuery).toBe('a=1&b=2&c=3');
  });

  it.each([
    ['vod', 'ch'],
    ['live', ''],
    ['live/a/b', 'ch'],
    ['a/b/live', 'ch'],
    ['b-1/live', '%ff'],
  ])('has no place for %s/%s', (app, streamName) => {
    expect(read(app, streamName)).toBeUndefined();
  });
});

describe('isLiveApp', () => {
  it.each(['live', 'bucket/live', 'live/bucket', 'live%2Fch?Q', 'live?x=1'])('accepts %s', (app) => {
    expect(isLiveApp(app)).toBe(true);
  });
  it.each(['', 'vod', 'lives', 'a/b/live', 'LIVE'])('refuses %j', (app) => {
    expect(isLiveApp(app)).toBe(false);
  });
});

describe('queryParameter', () => {
  it('decodes percent escapes and leaves a plus alone', () => {
    expect(queryParameter('x=1&playlistName=a%20b+c.m3u8', 'playlistName')).toBe('a b+c.m3u8');
    expect(queryParameter('playlistNames=a', 'playlistName')).toBeUndefined();
  });
});
