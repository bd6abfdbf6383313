/** Calls back after an upload, and answers the upload with what the server said. Source: "Callback" page. */
import { httpOrigin, serviceAuthority } from '../../../aliyun/endpoint.ts';
import { invalidArgument, OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { hostOf, socketAddresses } from '../../../net/socket-addresses.ts';
import type { ObjectRecord } from '../../../storage/metadata/records.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import {
  type CallbackSettings,
  decodeCallback,
  decodeCallbackVariables,
  isVariableName,
  readCallbackSettings,
} from '../../callback/callback-settings.ts';
import { namesVariable } from '../../callback/callback-template.ts';
import { PUBLIC_KEY_PATH } from '../../callback/public-key.ts';
import type { ImageInfo } from '../../callback/uploaded-object.ts';
import { headerOrParameter } from '../query.ts';
import type { BucketCall, Services } from '../rest-call.ts';

/** The sizes of a picture are within its first bytes; a JPEG has up to some hundred KiB of metadata before them. */
const IMAGE_HEAD_BYTES = 512 * 1024;

/**
 * The callback that an upload asks for, in a header or in the query; in a field of a form.
 * @throws OssError InvalidArgument
 */
export function readCallback(call: BucketCall): CallbackSettings | undefined {
  const given = (name: string, bothEc: string) => headerOrParameter(call, `x-oss-${name}`, name, bothEc);
  const encoded = call.form ? call.form.fields.get('callback') : given('callback', '0007-00000027');
  const encodedVariables = call.form ? undefined : given('callback-var', '0007-00000028');
  if (encoded === undefined) return undefined;
  const requested = decodeCallback(encoded);
  const variables = call.form ? formVariables(call.form.fields) : decodeVariables(encodedVariables);
  if (requested.kind === 'settings') return readCallbackSettings(requested.members, variables);
  return readPolicy(call, requested.name, variables);
}

/**
 * Calls back; the answer to the upload is what the server answered, with the headers of `answer`. The object is stored
 * in any case.
 * @throws OssError CallbackFailed, with status 203
 */
export async function answerByCallback(
  operation: string,
  callback: CallbackSettings,
  record: ObjectRecord,
  { headers }: Answer,
  call: BucketCall,
  services: Services,
): Promise<Answer> {
  const wantsImage = namesVariable(callback.body, (name) => name.startsWith('imageInfo.'));
  const uploaded = {
    bucket: call.bucketName,
    object: call.key,
    etag: record.etag,
    sizeBytes: record.sizeBytes,
    mimeType: record.headers['content-type'] ?? 'application/octet-stream',
    image: wantsImage ? await readImageInfo(record, services) : undefined,
    crc64: record.crc64 ?? '',
    contentMd5: record.contentMd5 ?? '',
    clientIp: hostOf(socketAddresses(call.body.socket).remoteAddr),
    requestId: call.requestId,
    operation,
  };
  const authority = serviceAuthority(call.urls, call.bucketName);
  const publicKeyUrl = `${httpOrigin({ ...call.urls, authority })}${PUBLIC_KEY_PATH}`;
  try {
    const body = await services.callbacks.call(callback, uploaded, publicKeyUrl);
    return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body };
  } catch (error) {
    throw error instanceof OssError ? withHeaders(error, headers) : error;
  }
}

function decodeVariables(encoded: string | undefined): ReadonlyMap<string, string> {
  return encoded ? decodeCallbackVariables(encoded) : new Map();
}

function formVariables(fields: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...fields].filter(([name]) => isVariableName(name)));
}

/** Variables of the upload have priority over those of the policy. */
function readPolicy(
  { bucket }: BucketCall,
  name: string,
  variables: ReadonlyMap<string, string>,
): CallbackSettings | undefined {
  const item = configurationOf(bucket, 'callbackPolicy')?.items.find((candidate) => candidate.name === name);
  const requested = item && decodeCallback(item.callback);
  if (!item || requested?.kind !== 'settings') {
    throw invalidArgument('callbackPolicy', name, 'The callback policy does not exist.');
  }
  const kept = item.callbackVar === '' ? new Map<string, string>() : decodeCallbackVariables(item.callbackVar);
  return readCallbackSettings(requested.members, new Map([...kept, ...variables]));
}

/** Undefined when the object is no picture, or is gone. The package is loaded when it is needed, because most callbacks do not. */
async function readImageInfo(record: ObjectRecord, { objects }: Services): Promise<ImageInfo | undefined> {
  try {
    const { reader } = await objects.open(record.bucket, record.key);
    const end = Math.min(reader.sizeBytes, IMAGE_HEAD_BYTES) - 1;
    const chunks: Buffer[] = [];
    for await (const chunk of reader.chunks({ start: 0, end })) chunks.push(Buffer.from(chunk));
    const { imageSize } = await import('image-size');
    const { height, width, type } = imageSize(Buffer.concat(chunks));
    return type === undefined ? undefined : { heightPx: height, widthPx: width, format: type };
  } catch {
    return undefined;
  }
}

function withHeaders(error: OssError, headers: Readonly<Record<string, string>>): OssError {
  const { 'content-type': _type, ...stored } = headers;
  const { code, message, ec, reason } = error;
  return new OssError(code, message, {
    headers: stored,
    ...(ec !== undefined && { ec }),
    ...(reason !== undefined && { reason }),
  });
}
