import { describe, expect, it } from 'vitest';
import { BadProxyHeader, LOCAL_PROXY_HEADER, readProxyHeader } from '../../src/net/proxy-header.ts';
import { proxyHeader, rawProxyHeader } from '../support/proxy-header.ts';

const CLIENT = { address: '203.0.113.7', port: 40_000 };
/** As haproxy 2.6 sent it to a listener, for a client at 127.0.0.1:46060 of a proxy at 127.0.0.1:9000. */
const FROM_HAPROXY = Buffer.from('0d0a0d0a000d0a515549540a2111000c7f0000017f000001b3ec2328', 'hex');

describe('a PROXY header', () => {
  it('of haproxy names the client', () => {
    expect(readProxyHeader(FROM_HAPROXY)).toEqual({ sizeBytes: 28, client: { address: '127.0.0.1', port: 46_060 } });
  });

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:0:0:0:0:0:7', '2001:db8::7'],
    ['0:0:0:0:0:ffff:7f00:1', '::ffff:127.0.0.1'],
    ['::', '::'],
  ])('of %s has the address as sockets write it', (address, expected) => {
    expect(readProxyHeader(proxyHeader({ address, port: 1 }))?.client).toEqual({ address: expected, port: 1 });
  });

  it('is as long as it says, whatever follows the addresses and the header', () => {
    const header = proxyHeader(CLIENT, Buffer.from('0400037f0001ff', 'hex'));
    const sizeBytes = header.length;
    expect(readProxyHeader(Buffer.concat([header, Buffer.of(3)]))).toEqual({ sizeBytes, client: CLIENT });
    // Every beginning of it could still become a header.
    for (let size = 0; size < sizeBytes; size++) expect(readProxyHeader(header.subarray(0, size))).toBeUndefined();
  });

  it.each([
    ['a connection of the proxy itself', LOCAL_PROXY_HEADER],
    ['LOCAL, whatever else it says', rawProxyHeader(0x20, 0xff, Buffer.alloc(3))],
  ])('of %s names nobody', (_, header) => {
    expect(readProxyHeader(header)).toEqual({ sizeBytes: header.length, client: undefined });
  });

  it.each([
    ['HTTP', Buffer.from('G'), 'no PROXY header came first'],
    ['a request that begins as version 1', Buffer.from('POST'), 'no PROXY header came first'],
    ['RTMP', Buffer.of(3), 'no PROXY header came first'],
    ['a signature with another end', Buffer.from('\r\n\r\n\0\r\nQUIX'), 'no PROXY header came first'],
    ['version 1', Buffer.from('PROXY TCP4 1.2.3.4 '), 'haproxy: send-proxy-v2'],
    ['version 3', rawProxyHeader(0x31, 0x11, Buffer.alloc(12)), 'of version 3'],
    ['a command of the future', rawProxyHeader(0x22, 0x11, Buffer.alloc(12)), 'unknown command 2'],
    ['a family of the future', rawProxyHeader(0x21, 0x41, Buffer.alloc(12)), 'unknown address family 4'],
    ['a protocol of the future', rawProxyHeader(0x21, 0x13, Buffer.alloc(12)), 'protocol 3'],
    ['IPv4 without its ports', rawProxyHeader(0x21, 0x11, Buffer.alloc(11)), 'too few'],
    ['IPv6 with addresses of IPv4', rawProxyHeader(0x21, 0x21, Buffer.alloc(12)), 'too few'],
    ['a client of unknown kind', rawProxyHeader(0x21, 0x00, Buffer.alloc(0)), 'no client over TCP'],
    ['TCP of an unknown family', rawProxyHeader(0x21, 0x01, Buffer.alloc(12)), 'no client over TCP'],
    ['IPv4 of an unknown protocol', rawProxyHeader(0x21, 0x10, Buffer.alloc(12)), 'no client over TCP'],
    ['a client over a UNIX socket', rawProxyHeader(0x21, 0x31, Buffer.alloc(216)), 'no client over TCP'],
    ['datagrams', rawProxyHeader(0x21, 0x12, Buffer.alloc(12)), 'no client over TCP'],
    ['datagrams over IPv6', rawProxyHeader(0x21, 0x22, Buffer.alloc(36)), 'no client over TCP'],
    ['65,551 bytes', rawProxyHeader(0x21, 0x11, Buffer.alloc(65_535)).subarray(0, 16), 'more than 4096'],
  ])('is refused: %s', (_, bytes, reason) => {
    expect(() => readProxyHeader(bytes)).toThrow(BadProxyHeader);
    expect(() => readProxyHeader(bytes)).toThrow(reason);
  });

  it('is not refused before it is known to be one of version 1', () => {
    expect(readProxyHeader(Buffer.from('PROXY'))).toBeUndefined();
  });
});
