import { verify, X509Certificate } from 'node:crypto';
import type { ReceivedRequest } from '../../support/http-receiver.ts';

/**
 * Checks a push as the documentation requires it of subscribers: RSA-SHA1, by the certificate whose URL is in a header.
 */
export async function isSignedByCertificate({ method, path, headers }: ReceivedRequest): Promise<boolean> {
  const certificateUrl = Buffer.from(headers['x-mns-signing-cert-url'] ?? '', 'base64').toString();
  const certificate = new X509Certificate(await (await fetch(certificateUrl)).text());
  const mnsHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-mns-'))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`);
  const { 'content-md5': md5, 'content-type': type, date } = headers;
  const text = `${method}\n${md5}\n${type}\n${date}\n${mnsHeaders.join('')}${path}`;
  const signature = Buffer.from(headers.authorization ?? '', 'base64');
  return verify('sha1', Buffer.from(text), certificate.publicKey, signature);
}
