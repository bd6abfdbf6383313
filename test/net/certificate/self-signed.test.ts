import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSelfSigned, type KeyAndCertificate } from '../../../src/net/certificate/self-signed.ts';
import { describeWith } from '../../support/tools.ts';

const HOSTS = ['localhost', '*.oss.localhost', '127.0.0.1', '::1', '2001:db8::ff:0:1', '::ffff:192.0.2.1'];
const SUBJECT = {
  commonName: 'an emulator',
  hosts: HOSTS,
  notBeforeMs: Date.UTC(2024, 0, 1),
  notAfterMs: Date.UTC(2050, 0, 1, 12, 30, 15),
};

let made: KeyAndCertificate;
beforeAll(async () => {
  made = await createSelfSigned(SUBJECT);
});

describe('createSelfSigned', () => {
  it('makes a certificate that Node reads and that its own key has signed', () => {
    const certificate = new X509Certificate(made.certificate);
    expect(certificate.subject).toBe('CN=an emulator');
    expect(certificate.issuer).toBe(certificate.subject);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
    expect(certificate.ca).toBe(true);
  });

  it('is valid from and to the times given, on both sides of 2050', () => {
    const certificate = new X509Certificate(made.certificate);
    expect(Date.parse(certificate.validFrom)).toBe(SUBJECT.notBeforeMs);
    expect(Date.parse(certificate.validTo)).toBe(SUBJECT.notAfterMs);
  });

  it('stands for its hosts and no others', () => {
    const certificate = new X509Certificate(made.certificate);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkHost('bucket.oss.localhost')).toBe('*.oss.localhost');
    expect(certificate.checkHost('example.test')).toBeUndefined();
    for (const address of HOSTS.slice(2)) expect(certificate.checkIP(address), address).toBeTruthy();
    expect(certificate.checkIP('127.0.0.2')).toBeUndefined();
  });

  it('never gives two certificates one serial number', async () => {
    const other = await createSelfSigned({ ...SUBJECT, hosts: [] });
    const serialOf = ({ certificate }: KeyAndCertificate) => new X509Certificate(certificate).serialNumber;
    expect(serialOf(other)).not.toBe(serialOf(made));
  });
});

describeWith(['openssl'], 'openssl on a self-made certificate', () => {
  it('finds it in order', () => {
    const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: made.certificate, encoding: 'utf8' });
    expect(text).toContain('Version: 3 (0x2)');
    expect(text).toContain('Digital Signature, Key Encipherment, Certificate Sign');
    expect(text).toContain('TLS Web Server Authentication');
  });
});
