import { describe, expect, it } from 'vitest';
import { namesIn, readConnectAddress, readPushAddress } from '../../src/ingest/push-address.ts';

/** A user added the last two by mistake. */
const LIVE_DOMAINS = ['known.example.com', '127.0.0.1', 'localhost'];
const OPTIONS = {
  endpoint: {
    serviceDomains: ['localhost', 'oss.localhost'],
    cnames: new Map([
      ['cdn.example.test', 'mapped'],
      ['live.example.test', 'mapped'],
    ]),
  },
  isLiveDomain: (host: string) => LIVE_DOMAINS.includes(host) || host.endsWith('live.localhost'),
};
const SIGNED = 'OSSAccessKeyId=ak&Expires=1&Signature=a';
const PEER = { flashVer: '', remoteAddr: '127.0.0.1:50000', localAddr: '127.0.0.1:9000' };
const CHANNEL = { kind: 'channel', bucket: 'b-1', channel: 'ch', parameters: [] } as const;
const Q1 = [{ name: 'Q', value: '1', hasEquals: true, raw: 'Q=1' }];

function readUrl(app: string, streamName: string, tcUrl = `rtmp://127.0.0.1:9000/${app}`) {
  return readPushAddress({ app, streamName, tcUrl, ...PEER }, OPTIONS);
}

function connect(host: string, app: string) {
  return readConnectAddress({ app, tcUrl: `rtmp://${host}/${app}`, ...PEER }, OPTIONS);
}

describe('the address of a channel', () => {
  it.each([
    ['everybody, bucket nowhere', 'live', 'ch?Q=1', undefined, { ...CHANNEL, bucket: undefined, parameters: Q1 }],
    ['Go, Python, C#', 'b-1/live', 'ch?Q=1', undefined, { ...CHANNEL, parameters: Q1 }],
    ['C++', 'live/b-1', 'ch?Q=1', undefined, { ...CHANNEL, parameters: Q1 }],
    ['C, path encoded whole', 'b-1%2Flive%2Fch?Q=1', '', undefined, { ...CHANNEL, parameters: Q1 }],
    ['bucket in the host', 'live', 'ch', 'rtmp://b-1.oss.localhost:9000/live', CHANNEL],
    ['a CNAME', 'live', 'ch', 'rtmp://live.example.test/live', { ...CHANNEL, bucket: 'mapped' }],
    ['ali-oss names of the cloud', 'live', 'ch', 'rtmp://b-1.oss-cn-hangzhou.aliyuncs.com/live', CHANNEL],
    ['a percent-encoded name', 'b-1/live', 'live%20channel%2B', undefined, { ...CHANNEL, channel: 'live channel+' }],
    ['a decoded name', 'b-1/live', 'live channel+%', undefined, { ...CHANNEL, channel: 'live channel+%' }],
  ])('%s', (_, app, streamName, tcUrl, expected) => {
    expect(readUrl(app, streamName, tcUrl)).toEqual(expected);
  });

  it.each([
    ['without live', 'b-1', `ch?${SIGNED}`, { kind: 'nothing', lacksLive: true }],
    ['without live, in one part', `b-1/ch?${SIGNED}`, '', { kind: 'nothing', lacksLive: true }],
    ['without a channel', 'b-1', `live?${SIGNED}`, { kind: 'nothing' }],
    ['too long', 'b-1/live/a', `b?${SIGNED}`, { kind: 'nothing' }],
  ])('is no stream when it is signed, %s', (_, app, streamName, expected) => {
    expect(readUrl(app, streamName)).toEqual(expected);
  });

  it('is a stream all the same with a vhost or an auth_key', () => {
    expect(readUrl('app', `s?${SIGNED}&vhost=known.example.com`)).toMatchObject({ kind: 'stream' });
    expect(readUrl('app', `s?${SIGNED}&auth_key=1-0-0-a`)).toMatchObject({ kind: 'stream' });
  });

  it('merges queries, the publish name first', () => {
    const address = readUrl('live?a=2&b=2', 'ch?a=1', 'rtmp://127.0.0.1/live?a=3&c=3');
    expect(address).toMatchObject({ parameters: [{ raw: 'a=1' }, { raw: 'b=2' }, { raw: 'c=3' }] });
  });

  it('has the name of the playlist: percent escapes decoded, a plus left alone', () => {
    expect(readUrl('live', 'ch?x=1&playlistN%61me=a%20b+c.m3u8')).toMatchObject({
      parameters: [{ name: 'x' }, { name: 'playlistName', value: 'a b+c.m3u8' }],
    });
  });

  it.each([
    ['live', ''],
    ['live/a/b', 'ch'],
    ['b-1/live', '%ff'],
  ])('cannot be %s/%s', (app, streamName) => {
    expect(readUrl(app, streamName)).toEqual({ kind: 'nothing' });
  });

  it.each([
    ['vod', 'ch'],
    ['a/b/live', 'ch'],
  ])('in a bucket cannot be %s/%s', (app, streamName) => {
    expect(readUrl(app, streamName, 'rtmp://b-1.oss.localhost/')).toEqual({ kind: 'nothing' });
  });
});

describe('a push', () => {
  it.each([
    ['to a known live domain', 'known.example.com', 'app', 's1', 'known.example.com app s1'],
    ['to a known live domain, even in live', 'KNOWN.example.com:1935', 'live', 's1', 'known.example.com live s1'],
    ['to a local live domain', 'a.live.localhost:9000', 'live', 's1', 'a.live.localhost live s1'],
    ['with vhost in the name', '127.0.0.1:9000', 'live', 's1?vhost=Play.Test', 'play.test live s1'],
    ['with vhost in the application', '127.0.0.1:9000', 'app?vhost=play.test', 's1', 'play.test app s1'],
    ['to live on a bare address', '127.0.0.1:9000', 'live', 's1', 'channel'],
    ['to live on a service domain', 'localhost:9000', 'live', 's1', 'channel'],
    ['to live in a bucket', '127.0.0.1:9000', 'examplebucket/live', 's1', 'channel'],
    ['to live at a bucket host', 'b.oss.localhost:9000', 'live', 's1', 'channel'],
    ['to a bare address', '127.0.0.1:9000', 'app', 's1', '* app s1'],
    ['to a bare IPv6 address', '[::1]:9000', 'app', 's1?auth_key=x', '* app s1'],
    ['to a service domain', 'localhost:9000', 'app', 's1', '* app s1'],
    ['to a container', 'emulator:9000', 'app', 's1', '* app s1'],
    ['to an endpoint of the cloud', 'oss-cn-hangzhou.aliyuncs.com', 'app', 's1', '* app s1'],
    ['to a bucket with another application', 'b.oss.localhost:9000', 'app', 's1', 'nothing'],
    ['to a CNAME of a bucket', 'cdn.example.test', 'app', 's1', 'nothing'],
    ['to the push domain of a user', 'push.example.com:1935', 'app', 's1', 'push.example.com app s1'],
    ['with a percent-encoded name', '127.0.0.1', 'my%20app', 's%2B1', '* my app s+1'],
    ['with a slash in the name, which the rules of names refuse', '127.0.0.1', 'app', 'a/b', '* app a/b'],
    ['without a stream', '127.0.0.1', 'app', '', 'nothing'],
    ['that is not UTF-8', '127.0.0.1', 'app', '%ff', 'nothing'],
  ])('%s', (_, host, app, name, expected) => {
    const address = readUrl(app, name, `rtmp://${host}/${app}`);
    const { domain, app: appName, stream } = address.kind === 'stream' ? address.source : {};
    expect(address.kind === 'stream' ? `${domain} ${appName} ${stream}` : address.kind).toBe(expected);
  });

  it('of a stream has the host and the key of its URL', () => {
    const address = readUrl('app', 's1?auth_key=1-0-0-x', 'rtmp://[::1]:9000/app?k=v');
    expect(address).toMatchObject({
      host: '::1',
      authKey: '1-0-0-x',
      parameters: [{ raw: 'auth_key=1-0-0-x' }, { raw: 'k=v' }],
    });
  });

  it('into a room has the token as its name, and gives no names away', () => {
    const address = readUrl('rtc0123456789ab', 'H4sIAAAA?auth_key=k', 'rtmp://known.example.com/rtc0123456789ab');
    expect(address).toEqual({ kind: 'room', app: 'rtc0123456789ab', streamName: 'H4sIAAAA', authKey: 'k' });
    expect(namesIn(address)).toEqual({});
  });
});

it('names of an address are those that are known', () => {
  expect(namesIn(readUrl('live', 'ch'))).toEqual({ channel: 'ch' });
  expect(namesIn(readUrl('b-1/live', 'ch'))).toEqual({ bucket: 'b-1', channel: 'ch' });
  expect(namesIn(readUrl('app', 's1'))).toEqual({ app: 'app', stream: 's1' });
  expect(namesIn({ kind: 'channel', bucket: 'b-1', channel: 'ch' })).toEqual({ bucket: 'b-1', channel: 'ch' });
  expect(namesIn({ kind: 'stream', domain: '*', app: 'app', stream: 's1' })).toEqual({ app: 'app', stream: 's1' });
  expect(namesIn({ kind: 'nothing' })).toEqual({});
});

describe('connect', () => {
  it.each([
    ['127.0.0.1:9000', 'live', {}],
    ['127.0.0.1:9000', 'live/', {}],
    ['127.0.0.1:9000', '/live', {}],
    ['b.oss.localhost:9000', 'live', { bucket: 'b' }],
    ['127.0.0.1:9000', 'examplebucket/live', { bucket: 'examplebucket' }],
    ['127.0.0.1:9000', 'live/examplebucket', { bucket: 'examplebucket' }],
    ['127.0.0.1:9000', 'b-1%2Flive%2Fch?Q=1', { bucket: 'b-1' }],
    ['127.0.0.1:9000', 'app', { app: 'app' }],
    ['127.0.0.1:9000', 'my%20app?auth_key=x', { app: 'my app' }],
    ['127.0.0.1:9000', 'live?vhost=play.test', { app: 'live' }],
    ['127.0.0.1:9000', 'rtc0123456789ab', { app: 'rtc0123456789ab' }],
    ['b.oss.localhost:9000', 'app', undefined],
    ['b.oss.localhost:9000', 'app?vhost=play.test', { app: 'app' }],
    ['127.0.0.1:9000', '', {}],
    ['b.oss.localhost:9000', '', { bucket: 'b' }],
    ['b.oss.localhost:9000', 'b', { bucket: 'b' }],
    ['127.0.0.1:9000', '//examplebucket//live', { bucket: 'examplebucket' }],
    ['127.0.0.1:9000', 'rtmp://127.0.0.1:9000/examplebucket/live', { bucket: 'examplebucket' }],
    ['127.0.0.1:9000', 'app/s1?auth_key=x', { app: 'app' }],
    ['known.example.com', 'app/s1', { app: 'app' }],
    ['127.0.0.1:9000', 'app/s1', undefined],
    ['127.0.0.1:9000', 'app/a/b?auth_key=x', undefined],
    ['127.0.0.1:9000', '%ff', undefined],
    ['127.0.0.1:9000', 'examplebucket/lvie', undefined],
  ])('to %s/%s: %j', (host, app, names) => {
    expect(connect(host, app)).toEqual(names);
  });

  it.each(['live', 'bucket/live', 'live/bucket', 'live%2Fch?Q', 'live?x=1'])(
    'takes %s for the application of OSS',
    (app) => {
      expect(connect('b.oss.localhost', app)).toHaveProperty('bucket');
    },
  );

  it.each(['vod', 'lives', 'a/b/live', 'LIVE'])('does not take %j for the application of OSS', (app) => {
    expect(connect('b.oss.localhost', app)).toBeUndefined();
  });
});
