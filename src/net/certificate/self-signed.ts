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
  /** DNS names, with a leading `*.` for all names below, and IP addresses. */
  readonly hosts: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** RSA, because subscribers of MNS expect it and every TLS client accepts it. */
const MODULUS_BITS = 2048;
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** Makes a key and a certificate signed with it: X.509 version 3, RFC 5280, clause 4.1. */
export async function createSelfSigned(subject: CertificateSubject): Promise<KeyAndCertificate> {
  // Loaded on demand: most runs need no certificate, and loading takes longer than the rest of a start.
  const { default: forge } = await import('node-forge');
  // The key is made by Node: in JavaScript it takes seconds.
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();

  const certificate = forge.pki.createCertificate();
  const name = [{ name: 'commonName', value: subject.commonName }];
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // A leading 1 makes the number positive and its length constant.
  certificate.serialNumber = `1${randomBytes(15).toString('hex')}0`;
  certificate.validity.notBefore = new Date(subject.notBeforeMs);
  certificate.validity.notAfter = new Date(subject.notAfterMs);
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions(extensions(subject.hosts));
  certificate.sign(forge.pki.privateKeyFromPem(key), forge.md.sha256.create());
  return { key, certificate: forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n') };
}

/** The certificate is its own authority, so that a client that trusts it needs no other file. */
function extensions(hosts: readonly string[]): object[] {
  const altNames = hosts.flatMap((host) => {
    // Mbed TLS 2, which OBS is built with, compares an address with the names only.
    const name = { type: DNS_NAME, value: host };
    return isIP(host) === 0 ? [name] : [{ type: IP_ADDRESS, ip: plainAddress(host) }, name];
  });
  return [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, keyCertSign: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    ...(altNames.length > 0 ? [{ name: 'subjectAltName', altNames }] : []),
  ];
}

/** An address as in a URL: IPv6 in hex groups only, because node-forge does not read an IPv4 part at the end. */
function plainAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
