import { expect, it } from 'vitest';
import { banner } from '../../src/cli/banner.ts';
import { type Config, defaultConfig } from '../../src/config/config.ts';

const ADDRESSES = { port: 9000, rtmpPort: undefined };

it('shows the documented secret, so that a person can start', () => {
  expect(banner(defaultConfig(), ADDRESSES, 0)).toContain('Access key  emulator-ak / emulator-secret\n');
});

it('does not show the secret of anybody', () => {
  const text = banner(defaultConfig({ accessKeySecret: 'my-own-key-secret' }), ADDRESSES, 0);
  expect(text).toContain('Access key  emulator-ak / (as configured)\n');
  expect(text).not.toContain('my-own');
});

it('shows where the encoders of others connect, which may be a proxy', () => {
  const text = banner(defaultConfig({ publicUrl: 'http://media.example.test:9000' }), ADDRESSES, 0);
  expect(text).toContain('OBS         Server      rtmp://media.example.test:9000/');
  expect(text).toContain('Play        http://media.example.test:9000/');
});

it.each([
  ['on this machine', {}, '127.0.0.1:9000'],
  ['anywhere', { adminAnywhere: true }, 'media.example.test:9000'],
  [
    'behind a proxy that sends a PROXY header',
    { proxyProtocol: [[{ address: '127.0.0.1', prefixBits: 32 }]] },
    'media.example.test:9000',
  ],
])('shows the page where a browser reaches it: %s', (_name, options, authority) => {
  const text = banner(defaultConfig({ publicUrl: 'http://media.example.test:9000', ...options }), ADDRESSES, 0);
  expect(text).toContain(`Page        http://${authority}/_emulator/\n`);
});

it('has a line for a shell that is one command, whatever the channel is called', () => {
  const text = banner(defaultConfig({ channels: ["a'; touch owned; '"] }), ADDRESSES, 0);
  const [, url] = /ffmpeg {6}ffmpeg .* -f flv '(.*)'\n/.exec(text) ?? [];
  expect(url).toContain('/live/a%27%3B%20touch%20owned%3B%20%27?');
  expect(url).not.toContain("'");
});

it('says where data are: with both elsewhere nothing is in memory, or in the folder', () => {
  const metadata = 'postgres://emu:secret@127.0.0.1:5432/oss';
  const objects = 's3://id:secret@store/prefix?endpoint=http://127.0.0.1:7070&region=us-east-1';
  const linesOf = (options: Partial<Config>) => {
    const text = banner(defaultConfig(options), ADDRESSES, 0);
    expect(text).not.toContain('secret@');
    return text.split('\n').flatMap((line) => /^ {2}((?:Data|Metadata|Objects) .*)$/.exec(line)?.[1] ?? []);
  };
  const elsewhere = [
    'Metadata    postgres://emu@127.0.0.1:5432/oss',
    'Objects     s3://store/prefix/ at http://127.0.0.1:7070',
  ];
  for (const memory of [true, false]) {
    const data = `Data        ${memory ? 'in memory' : './.oss-livechannel'}`;
    expect(linesOf({ memory, metadata, objects })).toEqual(elsewhere);
    expect(linesOf({ memory, metadata })).toEqual([data, elsewhere[0]]);
    expect(linesOf({ memory, objects })).toEqual([data, elsewhere[1]]);
    expect(linesOf({ memory })).toEqual([data]);
  }
});
