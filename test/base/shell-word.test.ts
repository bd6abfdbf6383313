import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { publishUrl } from '../../src/aliyun/endpoint.ts';
import { shellWord } from '../../src/base/shell-word.ts';
import { testPictureCommand } from '../../src/console/streams/test-picture-command.ts';
import { signChannel } from '../../src/control-plane/control/signing.ts';

const NAMES = [
  "a'b",
  "'; touch /tmp/owned; '",
  '$(touch owned)',
  '`id`',
  'a b;c',
  '"',
  '\\',
  '-n',
  "'",
  '',
  'a\nb',
  '!!',
  '*',
  '~',
];
const BASE = { scheme: 'http', style: 'path', authority: '127.0.0.1:9000' } as const;
const KEY = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };

/** What a command gets as its words. */
function wordsOf(line: string): readonly string[] {
  const script = `show() { for word; do printf '%s\\0' "$word"; done; }; show ${line}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

it.each(NAMES)('a shell gets %j as it is', (name) => {
  expect(wordsOf(shellWord(name))).toEqual([name]);
});

it.each(NAMES.filter((name) => name !== ''))(
  'the copied commands of a channel %j push to it and do nothing else',
  (channel) => {
    const target = { bucket: 'examplebucket', channel, playlistName: 'p.m3u8', parameters: {}, isPrivate: false };
    const { url, server, streamKey, playUrl, ffmpeg } = signChannel(BASE, target, KEY, 1_700_000_000_000);
    expect(wordsOf(ffmpeg).at(-1)).toBe(url);
    expect(wordsOf(testPictureCommand(url)).at(-1)).toBe(url);
    // Also where a person puts the quotes.
    for (const text of [url, server, streamKey, playUrl]) expect(text).not.toMatch(/['"`$\s;()\\]/);
    expect(url.startsWith(publishUrl(BASE, 'examplebucket', channel))).toBe(true);
    expect(decodeURIComponent(new URL(url).pathname)).toBe(`/examplebucket/live/${channel}`);
  },
);
