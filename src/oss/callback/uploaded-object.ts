import type { CallbackSettings } from './callback-settings.ts';
import type { CallbackValue } from './callback-template.ts';

/** What a callback can tell of an upload. Source: "Callback" page, table of system parameters. */
export interface UploadedObject {
  readonly bucket: string;
  readonly object: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly mimeType: string;
  /** Undefined when the object is no picture. */
  readonly image: ImageInfo | undefined;
  readonly crc64: string;
  /** Empty for multipart uploads. */
  readonly contentMd5: string;
  readonly clientIp: string;
  readonly requestId: string;
  /** The name of the operation, e.g. `PutObject`. */
  readonly operation: string;
}

export interface ImageInfo {
  readonly heightPx: number;
  readonly widthPx: number;
  /** `jpg`, `png` ... */
  readonly format: string;
}

/** Undefined: the variable has no value. */
export function callbackValue(
  name: string,
  uploaded: UploadedObject,
  { variables }: Pick<CallbackSettings, 'variables'>,
): CallbackValue | undefined {
  switch (name) {
    case 'bucket':
    case 'object':
    case 'etag':
    case 'mimeType':
    case 'crc64':
    case 'contentMd5':
    case 'clientIp':
    case 'operation':
      return uploaded[name];
    case 'size':
      return uploaded.sizeBytes;
    case 'reqId':
      return uploaded.requestId;
    case 'imageInfo.height':
      return uploaded.image?.heightPx;
    case 'imageInfo.width':
      return uploaded.image?.widthPx;
    case 'imageInfo.format':
      return uploaded.image?.format;
    default:
      return variables.get(name);
  }
}
