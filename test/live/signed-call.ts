import { randomUUID } from 'node:crypto';
import { rpcSignature, rpcStringToSign } from '../../src/aliyun/auth/rpc-query.ts';
import { formatRpcTime } from '../../src/aliyun/auth/rpc-time.ts';

export const KEY = { id: 'emulator-ak', secret: 'emulator-secret' };

/** The query of a call signed with RPC v1; `overrides` replace parameters, and leave them out when undefined. */
export function signedQuery(
  nowMs: number,
  parameters: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string | undefined>> = {},
  { method = 'GET', secret = KEY.secret } = {},
): string {
  const all = new Map<string, string>(
    Object.entries({
      Version: '2016-11-01',
      Format: 'JSON',
      AccessKeyId: KEY.id,
      Timestamp: formatRpcTime(nowMs),
      SignatureMethod: 'HMAC-SHA1',
      SignatureVersion: '1.0',
      SignatureNonce: randomUUID(),
      ...parameters,
    }),
  );
  for (const [name, value] of Object.entries(overrides)) {
    if (value === undefined) all.delete(name);
    else all.set(name, value);
  }
  const pairs = [...all].map(([name, value]) => ({ name, value }));
  if (!('Signature' in overrides)) all.set('Signature', rpcSignature(rpcStringToSign(method, pairs), secret));
  return new URLSearchParams([...all]).toString();
}
