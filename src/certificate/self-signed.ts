import { createPublicKey, generateKeyPair, randomBytes, sign } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { promisify } from 'node:util';
import {
  bitString,
  booleanTrue,
  contextTag,
  integer,
  nothing,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts';

/** Both in PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

export interface CertificateSubject {
  readonly commonName: string;
  /** DNS names, `*.` in front for all below, and IP addresses. */
  readonly hosts: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** RSA, because subscribers of MNS expect it, and every TLS client takes it. */
const MODULUS_BITS = 2048;

const OID = {
  commonName: '2.5.4.3',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  subjectAltName: '2.5.29.17',
} as const;

/** digitalSignature, keyEncipherment and keyCertSign: the first, third and sixth of nine bits; RFC 5280, 4.2.1.3. */
const KEY_USAGE = { bits: 0b1010_0100, unusedBits: 2 };
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** Makes a key and a certificate for it that it signs itself: X.509 version 3, RFC 5280, clause 4.1. */
export async function createSelfSigned(subject: CertificateSubject): Promise<KeyAndCertificate> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const algorithm = sequence(objectIdentifier(OID.sha256WithRsa), nothing());
  const name = sequence(set(sequence(objectIdentifier(OID.commonName), utf8String(subject.commonName))));
  const toBeSigned = sequence(
    contextTag(0, integer(Buffer.from([2])), true), // version 3
    integer(randomBytes(16)),
    algorithm,
    name,
    sequence(time(subject.notBeforeMs), time(subject.notAfterMs)),
    name,
    publicKey,
    contextTag(3, extensions(subject.hosts), true),
  );
  const certificate = sequence(toBeSigned, algorithm, bitString(sign('sha256', toBeSigned, privateKey)));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: toPem(certificate),
  };
}

/** It is its own authority, so that a client that is told to trust it needs no other file. */
function extensions(hosts: readonly string[]): Buffer {
  const { bits, unusedBits } = KEY_USAGE;
  const all = [
    extension(OID.basicConstraints, sequence(booleanTrue()), true),
    extension(OID.keyUsage, bitString(Buffer.from([bits]), unusedBits), true),
    extension(OID.extendedKeyUsage, sequence(objectIdentifier(OID.serverAuth))),
  ];
  if (hosts.length > 0) all.push(extension(OID.subjectAltName, sequence(...hosts.map(generalName))));
  return sequence(...all);
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(oid), ...(critical ? [booleanTrue()] : []), octetString(value));
}

function generalName(host: string): Buffer {
  if (isIP(host) === 0) return contextTag(DNS_NAME, Buffer.from(host, 'ascii'), false);
  return contextTag(IP_ADDRESS, addressBytes(host), false);
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  // A URL writes every IPv6 address with hex groups and at most one `::`, an IPv4 tail included.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groupsOf = (text = '') => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const groups = [...groupsOf(head)];
  const tailGroups = groupsOf(tail);
  while (groups.length + tailGroups.length < 8) groups.push(0);
  return Buffer.from([...groups, ...tailGroups].flatMap((group) => [group >> 8, group & 0xff]));
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}(?!$)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
