import { createPublicKey, generateKeyPair, randomBytes } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';
import { promisify } from 'node:util';

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
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** Makes a key and a certificate for it that it signs itself: X.509 version 3, RFC 5280, clause 4.1. */
export async function createSelfSigned(subject: CertificateSubject): Promise<KeyAndCertificate> {
  // Most runs need none, and loading it takes longer than all the rest of a start.
  const { default: forge } = await import('node-forge');
  // Node's key: making one in JavaScript takes seconds.
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();

  const certificate = forge.pki.createCertificate();
  const name = [{ name: 'commonName', value: subject.commonName }];
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // A leading 1 keeps the number positive and of one length.
  certificate.serialNumber = `1${randomBytes(15).toString('hex')}0`;
  certificate.validity.notBefore = new Date(subject.notBeforeMs);
  certificate.validity.notAfter = new Date(subject.notAfterMs);
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions(extensions(subject.hosts));
  certificate.sign(forge.pki.privateKeyFromPem(key), forge.md.sha256.create());
  return { key, certificate: forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n') };
}

/** It is its own authority, so that a client that is told to trust it needs no other file. */
function extensions(hosts: readonly string[]): object[] {
  const altNames = hosts.map((host) =>
    isIP(host) === 0 ? { type: DNS_NAME, value: host } : { type: IP_ADDRESS, ip: plainAddress(host) },
  );
  return [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, keyCertSign: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    ...(altNames.length > 0 ? [{ name: 'subjectAltName', altNames }] : []),
  ];
}

/** As URLs write it: every IPv6 address in hex groups, an IPv4 tail included, which node-forge does not read. */
function plainAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
