/**
 * The part of STUN that the lite side of ICE needs: checking a binding request and answering it. RFC 8489, RFC 8445.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { crc32 } from 'node:zlib';

/** RFC 8489 clause 5: two zero bits, 14 bits of type, length, magic cookie, 96 bits of transaction. */
const HEADER_SIZE_BYTES = 20;
const MAGIC_COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;

/** RFC 8489 clause 18.3, RFC 8445 clause 16.1. */
const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  xorMappedAddress: 0x0020,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
} as const;

const ATTRIBUTE_HEADER_SIZE_BYTES = 4;
const INTEGRITY_SIZE_BYTES = 20;
const FINGERPRINT_SIZE_BYTES = 4;
/** RFC 8489 clause 14.7. */
const FINGERPRINT_MASK = 0x5354554e;
const FAMILY_IPV4 = 0x01;
const FAMILY_IPV6 = 0x02;

/** The source address of a datagram. */
export interface IcePeer {
  readonly address: string;
  readonly port: number;
}

export interface BindingRequest {
  /** Our user fragment: the part before the colon. */
  readonly username: string;
  /** Whether the browser nominates this candidate pair. */
  readonly nominates: boolean;
  /** Whether the sender knows the password. */
  isFrom(password: string): boolean;
  /** The answer, which contains the source address of the request. */
  answer(peer: IcePeer, password: string): Buffer;
}

/** `undefined` when it is not a binding request. */
export function parseBindingRequest(datagram: Buffer): BindingRequest | undefined {
  if (datagram.length < HEADER_SIZE_BYTES || datagram.readUInt16BE(0) !== BINDING_REQUEST) return undefined;
  if (datagram.readUInt32BE(4) !== MAGIC_COOKIE || datagram.readUInt16BE(2) !== datagram.length - HEADER_SIZE_BYTES) {
    return undefined;
  }
  const attributes = parseAttributes(datagram);
  const username = attributes?.get(ATTRIBUTE.username)?.value.toString('utf8');
  const integrity = attributes?.get(ATTRIBUTE.messageIntegrity);
  if (username === undefined || integrity?.value.length !== INTEGRITY_SIZE_BYTES) return undefined;
  const transaction = Buffer.from(datagram.subarray(8, HEADER_SIZE_BYTES));
  return {
    username: username.split(':', 1)[0] ?? '',
    nominates: attributes?.has(ATTRIBUTE.useCandidate) === true,
    isFrom: (password) =>
      timingSafeEqual(integrityOf(datagram.subarray(0, integrity.start), password), integrity.value),
    answer: (peer, password) => bindingSuccess(transaction, peer, password),
  };
}

/** The first attribute of each type, up to the integrity, which does not cover those after it. */
function parseAttributes(message: Buffer): Map<number, { start: number; value: Buffer }> | undefined {
  const attributes = new Map<number, { start: number; value: Buffer }>();
  let start = HEADER_SIZE_BYTES;
  while (start + ATTRIBUTE_HEADER_SIZE_BYTES <= message.length) {
    const type = message.readUInt16BE(start);
    const valueStart = start + ATTRIBUTE_HEADER_SIZE_BYTES;
    const valueEnd = valueStart + message.readUInt16BE(start + 2);
    if (valueEnd > message.length) return undefined;
    if (!attributes.has(type)) attributes.set(type, { start, value: message.subarray(valueStart, valueEnd) });
    if (type === ATTRIBUTE.messageIntegrity) break;
    start = padded(valueEnd - valueStart) + valueStart;
  }
  return attributes;
}

function padded(sizeBytes: number): number {
  return (sizeBytes + 3) & ~3;
}

/** Computed over the message before the attribute, with a length that includes it. RFC 8489 clause 14.5. */
function integrityOf(before: Buffer, password: string): Buffer {
  const covered = Buffer.from(before);
  covered.writeUInt16BE(before.length - HEADER_SIZE_BYTES + ATTRIBUTE_HEADER_SIZE_BYTES + INTEGRITY_SIZE_BYTES, 2);
  return createHmac('sha1', password).update(covered).digest();
}

function bindingSuccess(transaction: Buffer, peer: IcePeer, password: string): Buffer {
  const header = Buffer.alloc(HEADER_SIZE_BYTES);
  header.writeUInt16BE(BINDING_SUCCESS, 0);
  header.writeUInt32BE(MAGIC_COOKIE, 4);
  transaction.copy(header, 8);
  const before = Buffer.concat([header, attribute(ATTRIBUTE.xorMappedAddress, xorAddress(peer, header.subarray(4)))]);
  const signed = Buffer.concat([before, attribute(ATTRIBUTE.messageIntegrity, integrityOf(before, password))]);
  const fingerprinted = ATTRIBUTE_HEADER_SIZE_BYTES + FINGERPRINT_SIZE_BYTES;
  signed.writeUInt16BE(signed.length - HEADER_SIZE_BYTES + fingerprinted, 2);
  const fingerprint = Buffer.alloc(FINGERPRINT_SIZE_BYTES);
  fingerprint.writeUInt32BE((crc32(signed) ^ FINGERPRINT_MASK) >>> 0);
  return Buffer.concat([signed, attribute(ATTRIBUTE.fingerprint, fingerprint)]);
}

/** Only for values whose size needs no padding. */
function attribute(type: number, value: Buffer): Buffer {
  const header = Buffer.alloc(ATTRIBUTE_HEADER_SIZE_BYTES);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(value.length, 2);
  return Buffer.concat([header, value]);
}

/** RFC 8489 clause 14.2. @param mask the cookie and the transaction */
function xorAddress({ address, port }: IcePeer, mask: Buffer): Buffer {
  const bytes = addressBytes(address);
  const family = bytes.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6;
  const head = Buffer.from([0, family, (port >>> 8) ^ (mask[0] ?? 0), (port & 0xff) ^ (mask[1] ?? 0)]);
  return Buffer.concat([head, bytes.map((byte, index) => byte ^ (mask[index] ?? 0))]);
}

/** An IPv4 address from an IPv6 socket (`::ffff:`) is written as IPv4. */
function addressBytes(address: string): Buffer {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (isIPv4(plain)) return Buffer.from(plain.split('.').map(Number));
  const [before = '', after] = plain.split('::');
  const left = groups(before);
  const right = after === undefined ? [] : groups(after);
  const all = [...left, ...new Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right];
  return Buffer.from(all.slice(0, 8).flatMap((group) => [group >>> 8, group & 0xff]));
}

function groups(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
