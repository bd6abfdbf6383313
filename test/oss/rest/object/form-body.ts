/** Bodies of forms, byte for byte. */
import { createHmac } from 'node:crypto';
import type { AccessKey } from '../../../../src/aliyun/auth/signed-request.ts';
import { KEY, NOW_MS, type Reply, type RestServer } from '../rest-server.ts';

export const BOUNDARY = '----WebKitFormBoundaryW0DET1iaBMeAOBg3';

export interface FormPart {
  readonly name: string;
  readonly value: string | Buffer;
  readonly fileName?: string;
  readonly contentType?: string;
}

export function formBody(parts: readonly FormPart[], end = `--${BOUNDARY}--\r\n`): Buffer {
  const pieces = parts.map(({ name, value, fileName, contentType }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"`;
    const type = contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`;
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${type}\r\n`;
    return Buffer.concat([Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')]);
  });
  return Buffer.concat([...pieces, Buffer.from(end)]);
}

/** Fields with a V1 signature. */
export function signedFields(
  conditions: readonly unknown[],
  fields: Readonly<Record<string, string>>,
  key: AccessKey = KEY,
): Readonly<Record<string, string>> {
  const policy = encodePolicy({ expiration: new Date(NOW_MS + 60_000).toISOString(), conditions });
  const signature = createHmac('sha1', key.accessKeySecret).update(policy).digest('base64');
  return { ...fields, policy, OSSAccessKeyId: key.accessKeyId, Signature: signature };
}

export function encodePolicy(policy: unknown): string {
  return Buffer.from(JSON.stringify(policy)).toString('base64');
}

/** Posts fields and then a file of the text `hello`. */
export function postForm(
  server: Pick<RestServer, 'send'>,
  fields: Readonly<Record<string, string>>,
  file: Partial<FormPart> = {},
  host?: string,
): Promise<Reply> {
  const parts = Object.entries(fields).map(([name, value]) => ({ name, value }));
  return postParts(server, [...parts, { name: 'file', value: 'hello', fileName: 'a.txt', ...file }], host);
}

export function postParts(
  { send }: Pick<RestServer, 'send'>,
  parts: readonly FormPart[],
  host?: string,
): Promise<Reply> {
  return postBody({ send }, formBody(parts), host);
}

export function postBody({ send }: Pick<RestServer, 'send'>, body: Buffer, host?: string): Promise<Reply> {
  const headers = {
    'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
    'content-length': String(body.length),
  };
  const target = host === undefined ? '/examplebucket' : '/';
  return send('POST', target, { key: null, headers, body, ...(host !== undefined && { host }) });
}
