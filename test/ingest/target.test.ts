import { describe, expect, it } from 'vitest';
import { acceptsConnect, readPublishTarget } from '../../src/ingest/target.ts';

/** The last two were named so by somebody who did not mean to. */
const LIVE_DOMAINS = ['known.example.com', '127.0.0.1', 'localhost'];
const OPTIONS = {
  endpoint: { serviceDomains: ['localhost', 'oss.localhost'], cnames: new Map([['cdn.example.test', 'mapped']]) },
  isLiveDomain: (host: string) => LIVE_DOMAINS.includes(host) || host.endsWith('live.localhost'),
};
const PEER = { flashVer: '', remoteAddr: '127.0.0.1:50000', localAddr: '127.0.0.1:9000' };

function read(host: string, app: string, streamName: string) {
  const request = { app, streamName, tcUrl: `rtmp://${host}/${app}`, ...PEER };
  const target = readPublishTarget(request, OPTIONS);
  if (target.kind !== 'stream') return target.kind;
  const { domain, app: appName, stream } = target.source;
  return `${domain} ${appName} ${stream}`;
}

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
    ["to somebody's push domain", 'push.example.com:1935', 'app', 's1', 'push.example.com app s1'],
    ['with a percent-encoded name', '127.0.0.1', 'my%20app', 's%2B1', '* my app s+1'],
    ['with a slash in the name, which the rules of names refuse', '127.0.0.1', 'app', 'a/b', '* app a/b'],
    ['without a stream', '127.0.0.1', 'app', '', 'nothing'],
    ['that is not UTF-8', '127.0.0.1', 'app', '%ff', 'nothing'],
  ])('%s', (_, host, app, name, expected) => {
    expect(read(host, app, name)).toBe(expected);
  });
});

describe('connect', () => {
  it.each([
    ['127.0.0.1:9000', 'live', true],
    ['127.0.0.1:9000', 'examplebucket/live', true],
    ['127.0.0.1:9000', 'app', true],
    ['b.oss.localhost:9000', 'app', false],
    ['b.oss.localhost:9000', 'app?vhost=play.test', true],
    ['127.0.0.1:9000', '', false],
    ['127.0.0.1:9000', 'examplebucket/lvie', false],
  ])('to %s/%s: %s', (host, app, accepted) => {
    expect(acceptsConnect({ app, tcUrl: `rtmp://${host}/${app}`, ...PEER }, OPTIONS)).toBe(accepted);
  });
});
