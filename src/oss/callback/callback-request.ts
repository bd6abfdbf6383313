/** The request of an upload callback, with its signature. Source: "Callback" page, steps 3 and 4. */
import { createHash, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { OutgoingRequest } from '../../http/outgoing.ts';
import type { CallbackSettings } from './callback-settings.ts';
import { renderCallbackTemplate } from './callback-template.ts';
import { callbackValue, type UploadedObject } from './uploaded-object.ts';

export interface CallbackSender {
  readonly privateKey: KeyObject;
  /** Where receivers find the key that verifies the signature. */
  readonly publicKeyUrl: string;
  readonly ownerId: string;
  readonly nowMs: number;
}

/** In a thread, because it takes a millisecond. */
const signInThread = promisify(sign);

export async function callbackRequest(
  url: URL,
  settings: CallbackSettings,
  uploaded: UploadedObject,
  sender: CallbackSender,
): Promise<OutgoingRequest> {
  const { body: template, bodyType, host, sendsServerName } = settings;
  const body = Buffer.from(
    renderCallbackTemplate(template, bodyType, (name) => callbackValue(name, uploaded, settings)),
  );
  return {
    url,
    method: 'POST',
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
      authorization: await uploadCallbackSignature(url, body, sender.privateKey),
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
async function uploadCallbackSignature(url: URL, body: Buffer, privateKey: KeyObject): Promise<string> {
  const head = Buffer.from(`${decodePath(url.pathname)}${url.search}\n`);
  return (await signInThread('md5', Buffer.concat([head, body]), privateKey)).toString('base64');
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
