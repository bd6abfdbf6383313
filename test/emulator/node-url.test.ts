import { expect, it } from 'vitest';
import { parseNodeUrl } from '../../src/config/option-values.ts';
import { nodeUrl } from '../../src/emulator/node-url.ts';

it.each([
  ['localhost', 'http://127.0.0.1:9001'],
  ['127.0.0.1', 'http://127.0.0.1:9001'],
  ['10.0.0.11', 'http://10.0.0.11:9001'],
  ['fd00::1', 'http://[fd00::1]:9001'],
  ['0.0.0.0', undefined],
  ['::', undefined],
  // Another machine may resolve it to another address.
  ['media', undefined],
])('a node that listens on %s announces %s', (host, url) => {
  expect(nodeUrl({ host, nodeUrl: undefined }, 9001)).toBe(url);
  expect(nodeUrl({ host, nodeUrl: 'http://node:1' }, 9001)).toBe('http://node:1');
});

it.each([
  ['http://10.0.0.5:9000', 'http://10.0.0.5:9000'],
  ['http://node1:9000/', 'http://node1:9000'],
  ['http://[fd00::1]:9000', 'http://[fd00::1]:9000'],
])('--node-url takes %s', (text, url) => {
  expect(parseNodeUrl(text)).toBe(url);
});

it.each(['', '10.0.0.5:9000', 'https://node1', 'http://user@node1', 'http://node1/path', 'http://node1/?q'])(
  '--node-url refuses "%s"',
  (text) => {
    expect(() => parseNodeUrl(text)).toThrow('be an http URL of one address, like http://10.0.0.5:9000');
  },
);
