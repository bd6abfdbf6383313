/** Nobody reads some bodies, or the rest of one: then the next request on the connection is answered at once. */
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';

/** Longer than what any side reads as a whole, except for objects. */
const LONG = 'x'.repeat(2 * 1024 * 1024);
const NEXT = 'GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
const FORM = 'Content-Type: application/x-www-form-urlencoded';

/** The statuses of the answers until the server closes. */
async function statusesOf(port: number, text: string): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.on('error', () => {}).on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
  socket.write(text);
  await new Promise((resolve) => socket.on('close', resolve));
  return [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
}

const REQUESTS = [
  ['an object of a private bucket', 'PUT /examplebucket/k', 'X: y'],
  ['a document of OSS', 'POST /examplebucket?delete', 'Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg=='],
  ['a form without a boundary', 'POST /examplebucket', 'Content-Type: multipart/form-data'],
  ['a form that does not begin', 'POST /examplebucket', 'Content-Type: multipart/form-data; boundary=b'],
  ['an unknown operation', 'PATCH /examplebucket/k', 'X: y'],
  ['a document of MNS', 'PUT /topics/big', 'X-Mns-Version: 2015-06-06'],
  ['the certificate of MNS', 'POST /x509_public_certificate.pem', 'X: y'],
  ['an RPC call', 'POST /?Action=DescribeLiveStreamsOnlineList&Version=2016-11-01&SignatureNonce=1', FORM],
  ['an offer of a viewer', 'POST /app/stream', 'Content-Type: application/sdp'],
  ['an unknown call of the control API', 'POST /_emulator/nothing', 'X: y'],
  ['a call of the control API that takes none', 'POST /_emulator/clock/freeze', 'X: y'],
] as const;

it.each(REQUESTS)('after %s, with its length and in chunks', async (_what, line, header) => {
  const { port } = await startTestEmulator();
  const head = `${line} HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`;
  const length = `${head}Content-Length: ${LONG.length}\r\n\r\n${LONG}`;
  expect(await statusesOf(port, length + NEXT)).toEqual([expect.any(Number), 200]);
  const chunks = `${head}Transfer-Encoding: chunked\r\n\r\n${LONG.length.toString(16)}\r\n${LONG}\r\n0\r\n\r\n`;
  expect(await statusesOf(port, chunks + NEXT)).toEqual([expect.any(Number), 200]);
});
