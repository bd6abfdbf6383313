/** Signatures of the servers under measurement, computed before the clock runs. */
import { createHmac } from 'node:crypto';
import aws4 from 'aws4';
import { isoDay, isoTime } from '../../src/aliyun/auth/request-time.ts';
import { v4Claim } from '../../src/aliyun/auth/v4.ts';
import type { WireRequest } from './http-load.ts';

export interface Signable {
  readonly method: WireRequest['method'];
  readonly bucket: string;
  readonly key: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface KeyPair {
  readonly id: string;
  readonly secret: string;
}

/** Path style, V4 in the Authorization header, as the Node and Python SDKs send it. */
export function signOss(request: Signable, host: string, key: KeyPair, nowMs: number): WireRequest {
  const { method, bucket, body } = request;
  const scope = { date: isoDay(nowMs), region: 'cn-hangzhou', product: 'oss' };
  const timestamp = isoTime(nowMs).replace(/[-:]|\.\d+/g, '');
  const headers: Record<string, string> = {
    ...request.headers,
    host,
    'x-oss-date': timestamp,
    'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
  };
  const query = (request.query?.split('&') ?? []).map((pair) => {
    const [name = '', value = ''] = pair.split('=');
    return { name, value, hasEquals: pair.includes('=') };
  });
  const claim = v4Claim({ accessKeyId: key.id, scope, signature: '', timestamp, additionalHeaders: '' });
  const message = { method, headers: new Map(Object.entries(headers)), query, resource: request };
  const [computed] = [...claim.compute(message, key.secret)];
  const credential = `${key.id}/${scope.date}/${scope.region}/${scope.product}/aliyun_v4_request`;
  headers.authorization = `OSS4-HMAC-SHA256 Credential=${credential},Signature=${computed?.signature}`;
  return { method, target: targetOf(`/${bucket}/${request.key}`, request.query), headers, ...(body && { body }) };
}

/** Signature version 4 of S3, path style. */
export function signS3(request: Signable, host: string, key: KeyPair): WireRequest {
  const { method, bucket, body } = request;
  const target = targetOf(`/${bucket}/${request.key}`, request.query);
  const { headers } = aws4.sign(
    {
      host,
      method,
      path: target,
      service: 's3',
      region: 'us-east-1',
      headers: { ...request.headers, Host: host, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' },
    },
    { accessKeyId: key.id, secretAccessKey: key.secret },
  );
  return { method, target, headers: textHeaders(headers), ...(body && { body }) };
}

/**
 * Shared Key of Azure Blob Storage on an emulator's address, which has the account in its path.
 * Source: learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
 */
export function signAzure(request: Signable, host: string, key: KeyPair, nowMs: number): WireRequest {
  const { method, bucket, body } = request;
  const path = `/${key.id}/${bucket}${request.key === '' ? '' : `/${request.key}`}`;
  const own = { ...request.headers, 'x-ms-date': new Date(nowMs).toUTCString(), 'x-ms-version': '2021-12-02' };
  const signed = Object.entries(own)
    .filter(([name]) => name.startsWith('x-ms-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`);
  const query = request.query ? `\n${request.query.replaceAll('=', ':')}` : '';
  const type = request.headers?.['content-type'] ?? '';
  const lines = [method, '', '', body?.length ?? '', '', type, '', '', '', '', '', ''];
  const stringToSign = `${lines.join('\n')}\n${signed.join('')}/${key.id}${path}${query}`;
  const signature = createHmac('sha256', Buffer.from(key.secret, 'base64')).update(stringToSign).digest('base64');
  const headers = { ...own, host, authorization: `SharedKey ${key.id}:${signature}` };
  return { method, target: targetOf(path, request.query), headers, ...(body && { body }) };
}

function targetOf(path: string, query: string | undefined): string {
  return query ? `${path}?${query}` : path;
}

function textHeaders(headers: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
