import { BlockList, isIP } from 'node:net';

/** An IP address, or a network of them. */
export interface AddressBlock {
  readonly address: string;
  readonly prefixBits: number;
}

/** Makes the question whether an address is in one of the networks; undefined when there are none. */
export function networkList(networks: readonly AddressBlock[]): ((address: string) => boolean) | undefined {
  if (networks.length === 0) return undefined;
  const list = new BlockList();
  for (const { address, prefixBits } of networks) list.addSubnet(address, prefixBits, familyOf(address));
  // IPv4 addresses that are written as IPv6 (`::ffff:10.0.0.1`) are compared with networks of IPv4 too.
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
