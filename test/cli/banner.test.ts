import { expect, it } from 'vitest';
import { banner } from '../../src/cli/banner.ts';
import { defaultConfig } from '../../src/config/config.ts';

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
  expect(text).toContain('Page        http://127.0.0.1:9000/_emulator/');
});

it('shows the page where a browser reaches it, which may be behind a proxy that sends a PROXY header', () => {
  const proxyProtocol = [[{ address: '127.0.0.1', prefixBits: 32 }]];
  const text = banner(defaultConfig({ publicUrl: 'http://media.example.test:9000', proxyProtocol }), ADDRESSES, 0);
  expect(text).toContain('Page        http://media.example.test:9000/_emulator/');
});

it('has a line for a shell that is one command, whatever the channel is called', () => {
  const text = banner(defaultConfig({ channels: ["a'; touch owned; '"] }), ADDRESSES, 0);
  const [, url] = /ffmpeg {6}ffmpeg .* -f flv '(.*)'\n/.exec(text) ?? [];
  expect(url).toContain('/live/a%27%3B%20touch%20owned%3B%20%27?');
  expect(url).not.toContain("'");
});
