/** The recorded requests and URLs of fixtures/signing-vectors.json, in the shapes that authentication takes. */
import { readFileSync } from 'node:fs';
import type { AccessKey, KeyRing, ReceivedRequest } from '../../../src/aliyun/auth/signed-request.ts';
import { createKeyRing } from '../../../src/aliyun/credentials.ts';

interface HttpVector {
  readonly sdk: string;
  readonly auth: string;
  readonly endpoint: string;
  readonly method: string;
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly bucket: string;
  readonly key: string;
  readonly stringToSign: string;
  readonly canonicalRequest?: string;
  readonly sts?: string;
}

interface PresignedVector {
  readonly kind: string;
  readonly sdk: string;
  readonly endpoint: string;
  readonly call: string;
  readonly error?: string;
  readonly url: string;
  readonly bucket: string;
  readonly key: string;
  readonly stringToSign?: string;
  readonly canonicalRequest?: string;
}

interface RtmpVector {
  readonly kind: string;
  readonly sdk: string;
  readonly endpoint: string;
  readonly call: string;
  readonly url: string;
  readonly bucket: string;
  readonly channel: string;
  readonly stringToSign?: string;
  readonly sts?: string;
}

interface Vectors {
  readonly credentials: { readonly accessKeyId: string; readonly accessKeySecret: string };
  readonly clock: { readonly unix: number };
  readonly http: readonly HttpVector[];
  readonly presigned: readonly PresignedVector[];
  readonly rtmp: readonly RtmpVector[];
}

export const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../../fixtures/signing-vectors.json', import.meta.url), 'utf8'),
);
export const nowMs = vectors.clock.unix * 1000;

/** The vectors' key, temporary when the entry has a security token. */
export function vectorKeys(securityToken?: string): KeyRing {
  const { accessKeyId, accessKeySecret } = vectors.credentials;
  return keyRing({ accessKeyId, accessKeySecret, ...(securityToken === undefined ? {} : { securityToken }) });
}

export function keyRing(...keys: readonly AccessKey[]): KeyRing {
  return createKeyRing(keys);
}

export function receivedRequest(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): ReceivedRequest {
  const [rawPath = '', ...query] = target.split('?');
  const lower = Object.entries(headers).map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  return { method, rawPath, rawQuery: query.join('?'), headers: new Map(lower) };
}

/** The path and query of a URL, as a client sends them. */
export function urlTarget(url: string): string {
  return url.replace(/^\w+:\/\/[^/]*/, '');
}
