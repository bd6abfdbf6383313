/** A header of the PROXY protocol, version 2, as a proxy makes it for a client. */
export function proxyHeader(
  client: { readonly address: string; readonly port: number },
  tlvs = Buffer.alloc(0),
): Buffer {
  const isIPv6 = client.address.includes(':');
  const addresses = isIPv6 ? Buffer.concat([ipv6Bytes(client.address), ipv6Bytes('::1')]) : ipv4Bytes(client.address);
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(client.port, 0);
  ports.writeUInt16BE(9000, 2);
  return rawProxyHeader(0x21, isIPv6 ? 0x21 : 0x11, Buffer.concat([addresses, ports, tlvs]));
}

/** With any values. */
export function rawProxyHeader(versionAndCommand: number, familyAndProtocol: number, rest: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(rest.length);
  const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
  return Buffer.concat([signature, Buffer.of(versionAndCommand, familyAndProtocol), length, rest]);
}

function ipv4Bytes(address: string): Buffer {
  return Buffer.from([...address.split('.').map(Number), 127, 0, 0, 1]);
}

function ipv6Bytes(address: string): Buffer {
  const [before = '', after = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [first, last] = [groups(before), groups(after)];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
