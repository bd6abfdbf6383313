/** Calls of ApsaraVideo Live, signed as they are sent. */
import { randomUUID } from 'node:crypto';
import { type Agent, request } from 'node:http';
import { rpcSignature, rpcStringToSign } from '../../src/aliyun/auth/rpc-query.ts';
import { formatRpcTime } from '../../src/aliyun/auth/rpc-time.ts';

/** Of a call with a new nonce. @returns path and query */
export function signedTarget(action: string, parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries({
    Action: action,
    Version: '2016-11-01',
    Format: 'JSON',
    AccessKeyId: 'emulator-ak',
    SignatureVersion: '1.0',
    SignatureMethod: 'HMAC-SHA1',
    SignatureNonce: randomUUID(),
    Timestamp: formatRpcTime(Date.now()),
    ...parameters,
  }).map(([name, value]) => ({ name, value }));
  const signature = rpcSignature(rpcStringToSign('GET', pairs), 'emulator-secret');
  const query = new URLSearchParams(Object.fromEntries(pairs.map(({ name, value }) => [name, value])));
  query.set('Signature', signature);
  return `/?${query}`;
}

/** Resolves to the whole answer, whatever its status. */
export function get(port: number, path: string, agent: Agent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    request({ port, path, agent, host: '127.0.0.1' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end();
  });
}
