import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UdpPort } from '../../../src/watch/web-rtc/udp-port.ts';

/** RFC 5737: an address for documentation, which no host has. */
const ELSEWHERE = { address: '203.0.113.5', port: 9 };

async function open(host: string): Promise<UdpPort> {
  const port = await UdpPort.open(host, 0, () => {});
  onTestFinished(() => port.close());
  return port;
}

describe('the UDP port of viewers', () => {
  it('on localhost is found at every address of the machine, from there alone', async () => {
    const port = await open('localhost');
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const ownIpv4 = own.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
    expect(port.addresses).toEqual(expect.arrayContaining(ownIpv4));
    expect(port.addresses[0]).toBe('127.0.0.1');
    for (const address of ownIpv4) expect(port.isFor({ address, port: 9 })).toBe(true);
    expect(port.isFor(ELSEWHERE)).toBe(false);
  });

  it('elsewhere is for everybody', async () => {
    expect((await open('0.0.0.0')).isFor(ELSEWHERE)).toBe(true);
    const port = await open('127.0.0.1');
    expect(port.isFor(ELSEWHERE)).toBe(true);
    expect(port.addresses).toEqual(['127.0.0.1']);
  });

  it('may be at a name', async () => {
    const port = await open('LOCALHOST');
    expect(['127.0.0.1', '::1']).toContain(port.addresses[0]);
  });

  it('keeps what was sent while other datagrams are made for nothing', async () => {
    const port = await open('127.0.0.1');
    const sent = port.allocate(4).fill('sent');
    port.send(sent, { address: '127.0.0.1', port: port.port });
    // Datagrams above the limit are dropped, but are allocated before.
    for (let datagram = 0; datagram < 5_000; datagram++) port.allocate(4).fill('lost');
    expect(sent.toString()).toBe('sent');
  });
});
