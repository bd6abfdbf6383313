import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
// IPv4 addresses that are written as IPv6 (`::ffff:127.0.0.1`) are compared with these too.
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a text is an IP address of this machine that no other machine can reach. */
export function isLoopback(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && LOOPBACK.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
