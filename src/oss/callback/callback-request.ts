/** The request of an upload callback, with its signature. Source: "Callback" page, steps 3 and 4. */
import { createHash, sign } from 'node:crypto';
import type { OutgoingPost } from '../../http/post.ts';
import type { CallbackSettings } from './callback-settings.ts';
import { renderCallbackTemplate } from './callback-template.ts';
import { callbackValue, type UploadedObject } from './uploaded-object.ts';

export interface CallbackSender {
  readonly privateKeyPem: string;
  /** Where receivers find the key that verifies the signature. */
  readonly publicKeyUrl: string;
  readonly ownerId: string;
  readonly nowMs: number;
}

export function callbackRequest(
  url: URL,
  settings: CallbackSettings,
  uploaded: UploadedObject,
  sender: CallbackSender,
): OutgoingPost {
  const { body: template, bodyType, host, sendsServerName } = settings;
  const body = Buffer.from(
    renderCallbackTemplate(template, bodyType, (name) => callbackValue(name, uploaded, settings)),
  );
  return {
    url,
    body,
    ...(!sendsServerName && { serverName: '' }),
    headers: {
      host: host ?? url.host,
      connection: 'close',
      date: new Date(sender.nowMs).toUTCString(),
      'content-length': String(body.length),
      'content-md5': createHash('md5').update(body).digest('base64'),
      'content-type': bodyType,
      'user-agent': 'aliyun-oss-callback',
      authorization: uploadCallbackSignature(url, body, sender.privateKeyPem),
      'x-oss-pub-key-url': Buffer.from(sender.publicKeyUrl).toString('base64'),
      'x-oss-bucket': uploaded.bucket,
      'x-oss-owner': sender.ownerId,
      'x-oss-request-id': uploaded.requestId,
      'x-oss-signature-version': '1.0',
      'x-oss-tag': 'CALLBACK',
    },
  };
}

/** `base64(rsa-md5(decoded path + query with its question mark + LF + body))`. */
export function uploadCallbackSignature(url: URL, body: Buffer, privateKeyPem: string): string {
  const head = Buffer.from(`${decodePath(url.pathname)}${url.search}\n`);
  return sign('md5', Buffer.concat([head, body]), privateKeyPem).toString('base64');
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
