import { describe, expect, it } from 'vitest';
import { parseRtmpUrl } from '../../src/rtmp/url.ts';

describe('parseRtmpUrl', () => {
  // What ffmpeg 5.1 sends for these URLs, as observed.
  it.each([
    ['rtmp://h:9000/live/ch?Q=1', 'live', 'rtmp://h:9000/live', 'ch?Q=1'],
    ['rtmp://h:9000/b/live/ch?Q=%2F/', 'b/live', 'rtmp://h:9000/b/live', 'ch?Q=%2F/'],
    ['rtmp://h:9000/live/b/ch', 'live/b', 'rtmp://h:9000/live/b', 'ch'],
    ['rtmp://h:9000/live%2Fch?Q=1', 'live%2Fch?Q=1', 'rtmp://h:9000/live%2Fch?Q=1', ''],
    ['rtmp://h/a/b/c/d', 'a/b', 'rtmp://h/a/b', 'c/d'],
  ])('splits %s', (url, app, tcUrl, streamName) => {
    expect(parseRtmpUrl(url)).toMatchObject({ host: 'h', app, tcUrl, streamName });
  });

  it('knows the default port and IPv6 addresses', () => {
    expect(parseRtmpUrl('rtmp://h/live/ch').port).toBe(1935);
    expect(parseRtmpUrl('rtmp://[::1]:9000/live/ch')).toMatchObject({
      host: '::1',
      port: 9000,
      tcUrl: 'rtmp://[::1]:9000/live',
    });
  });

  it.each(['http://h/live/ch', 'rtmp://h', 'rtmp:///live/ch', 'rtmps://h/live/ch'])('refuses %s', (url) => {
    expect(() => parseRtmpUrl(url)).toThrow(RangeError);
  });
});
