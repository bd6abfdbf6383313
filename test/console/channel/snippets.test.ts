import OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import type { ChannelItem, Info } from '../../../src/console/api-client.ts';
import { sdkSnippets } from '../../../src/console/channel/snippets.ts';

const INFO: Info = {
  version: '1',
  endpoint: 'http://127.0.0.1:9000',
  rtmpUrl: 'rtmp://127.0.0.1:9000',
  rtmpPort: null,
  region: 'cn-hangzhou',
  accessKeyId: 'emulator-ak',
  accessKeySecret: `it's "secret" \\ `,
  authMode: 'strict',
  segmenter: 'mpeg-ts',
  storage: 'memory',
  buckets: [],
  startedMs: 0,
};

const CHANNEL: ChannelItem = {
  bucket: 'examplebucket',
  name: 'cam',
  description: '',
  status: 'enabled',
  state: 'idle',
  fragDurationSec: 5,
  fragCount: 3,
  snapshot: null,
  playlistName: 'playlist.m3u8',
  publishUrl: 'rtmp://x',
  playUrl: 'http://x',
  live: null,
};

function codeOf(name: string, channel = CHANNEL): string {
  return sdkSnippets(INFO, channel, 600).find((snippet) => snippet.name === name)?.code ?? '';
}

describe('lines to paste', () => {
  it('for Node run as they are, whatever is in the secret', () => {
    const url: string = new Function('OSS', `${codeOf('Node')}\nreturn url;`)(OSS);
    const { host, pathname, searchParams } = new URL(url);
    expect([host, pathname, searchParams.get('playlistName'), searchParams.get('OSSAccessKeyId')]).toEqual([
      '127.0.0.1:9000',
      '/examplebucket/live/cam',
      'playlist.m3u8',
      'emulator-ak',
    ]);
  });

  it.each([
    ['Node', `"it's \\"secret\\" \\\\ "`],
    ['Python', `"it's \\"secret\\" \\\\ "`],
    ['Go', `"it's \\"secret\\" \\\\ "`],
    ['Java', `"it's \\"secret\\" \\\\ "`],
  ])('for %s quote what needs it', (name, literal) => {
    expect(codeOf(name)).toContain(literal);
  });

  it.each(['Node', 'Python', 'Go', 'Java'])('for %s have as many lines for every name', (name) => {
    const odd = { ...CHANNEL, name: 'cam\n\r\u2028\u0085\\u000a"); stop() //', playlistName: 'p\n.m3u8' };
    const lines = codeOf(name, odd).split(/[\n\r\u2028\u2029\u0085]/);
    expect(lines).toHaveLength(codeOf(name).split('\n').length);
    expect(lines.join()).toContain('p\\n.m3u8');
  });

  it('for Node sign for a name with line breaks', () => {
    const name = 'cam\n", throw new Error("no") #';
    const url: string = new Function('OSS', `${codeOf('Node', { ...CHANNEL, name })}\nreturn url;`)(OSS);
    expect(url).toContain(`/examplebucket/live/${encodeURIComponent(name)}?`);
  });
});
