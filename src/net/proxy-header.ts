/**
 * The header of the PROXY protocol, version 2, in which a proxy names the client. Source: The PROXY protocol, clause 2.2
 * (haproxy, doc/proxy-protocol.txt).
 */
import { SocketAddress } from 'node:net';

/** What a proxy says of a connection. */
export interface ProxyHeader {
  /** With what follows the addresses (TLVs), which is skipped. */
  readonly sizeBytes: number;
  /**
   * Undefined: the connection is the proxy's own, as a health check (LOCAL).
   * Then the ends of the connection itself count.
   */
  readonly client: ProxyClient | undefined;
}

export interface ProxyClient {
  readonly address: string;
  readonly port: number;
}

/** What came is no such header, or names no client; the message says what to do. */
export class BadProxyHeader extends Error {}

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const VERSION_1 = Buffer.from('PROXY ', 'latin1');
/** Signature, version and command, family and protocol, length. */
const FIXED_BYTES = 16;
/** A header with everything that haproxy can add has some hundred bytes. */
const MAX_BYTES = 4_096;

const VERSION = 2;
const COMMAND = { local: 0, proxy: 1 } as const;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;
/** UNSPEC, INET, INET6, UNIX. */
const LAST_FAMILY = 3;
/** UNSPEC, STREAM, DGRAM. */
const LAST_PROTOCOL = 2;

/** The header of a connection that its client makes for itself. */
export const LOCAL_PROXY_HEADER: Buffer = Buffer.concat([SIGNATURE, Buffer.of(VERSION << 4, 0, 0, 0)]);

/**
 * The header that a connection begins with; undefined while a part of it is missing.
 * @throws BadProxyHeader when the bytes are no header, or one with a value that the protocol does not have, or the header of
 *   a client that it does not name
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  if (!beginsAs(bytes, SIGNATURE)) {
    if (!beginsAs(bytes, VERSION_1)) {
      throw new BadProxyHeader(
        'no PROXY header came first; let the proxy send it (haproxy: send-proxy-v2, and check-send-proxy for checks), or leave its address out of --proxy-protocol',
      );
    }
    if (bytes.length < VERSION_1.length) return undefined;
    throw new BadProxyHeader('the PROXY header is of version 1; let the proxy send version 2 (haproxy: send-proxy-v2)');
  }
  if (bytes.length < FIXED_BYTES) return undefined;
  const versionAndCommand = bytes.readUInt8(SIGNATURE.length);
  const familyAndProtocol = bytes.readUInt8(SIGNATURE.length + 1);
  const restBytes = bytes.readUInt16BE(SIGNATURE.length + 2);
  const sizeBytes = FIXED_BYTES + restBytes;
  const command = checkedCommand(versionAndCommand);
  if (sizeBytes > MAX_BYTES) {
    throw new BadProxyHeader(`the PROXY header has ${sizeBytes} bytes, more than ${MAX_BYTES}`);
  }
  if (bytes.length < sizeBytes) return undefined;
  // Of LOCAL everything else is to be ignored.
  if (command === COMMAND.local) return { sizeBytes, client: undefined };
  return { sizeBytes, client: readClient(familyAndProtocol, bytes.subarray(FIXED_BYTES, sizeBytes)) };
}

/** Whether the bytes are the beginning of `form`, or begin with it. */
function beginsAs(bytes: Buffer, form: Buffer): boolean {
  const length = Math.min(bytes.length, form.length);
  return bytes.compare(form, 0, length, 0, length) === 0;
}

function checkedCommand(versionAndCommand: number): number {
  const version = versionAndCommand >> 4;
  const command = versionAndCommand & 0x0f;
  if (version !== VERSION) throw new BadProxyHeader(`the PROXY header is of version ${version}, not ${VERSION}`);
  if (command > COMMAND.proxy) throw new BadProxyHeader(`the PROXY header has the unknown command ${command}`);
  return command;
}

/**
 * A client over anything but TCP has no address here. The protocol leaves it to the receiver whether the ends of the
 * connection count then, or the connection is refused: it is, because the proxy may be on this machine, whose programs may
 * do more.
 */
function readClient(familyAndProtocol: number, addresses: Buffer): ProxyClient {
  const family = familyAndProtocol >> 4;
  const protocol = familyAndProtocol & 0x0f;
  if (family > LAST_FAMILY || protocol > LAST_PROTOCOL) {
    throw new BadProxyHeader(`the PROXY header has the unknown address family ${family} or protocol ${protocol}`);
  }
  if (familyAndProtocol === TCP_OVER_IPV4) return clientIn(addresses, 4, ipv4Text);
  if (familyAndProtocol === TCP_OVER_IPV6) return clientIn(addresses, 16, ipv6Text);
  throw new BadProxyHeader(
    `the PROXY header names no client over TCP (address family ${family}, protocol ${protocol}); a connection of the proxy itself has the command LOCAL`,
  );
}

/** Source address, destination address, source port, destination port. */
function clientIn(addresses: Buffer, addressBytes: number, textOf: (address: Buffer) => string): ProxyClient {
  if (addresses.length < 2 * addressBytes + 4) {
    throw new BadProxyHeader(`the PROXY header has ${addresses.length} bytes for addresses, which is too few`);
  }
  return { address: textOf(addresses.subarray(0, addressBytes)), port: addresses.readUInt16BE(2 * addressBytes) };
}

function ipv4Text(address: Buffer): string {
  return address.join('.');
}

/** In the form that sockets have: one address must have one text, because connections are counted by it. */
function ipv6Text(address: Buffer): string {
  const groups = address.toString('hex').replace(/(.{4})(?=.)/g, '$1:');
  return new SocketAddress({ address: groups, family: 'ipv6' }).address;
}
