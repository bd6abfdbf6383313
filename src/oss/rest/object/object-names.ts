import { OssError } from '../../../base/errors.ts';
import { MAX_KEY_BYTES } from '../../../base/object-key.ts';

/**
 * A key is a string of bytes; `..` in it has no meaning. Source: PutObject page.
 * @throws OssError InvalidObjectName
 */
export function checkObjectKey(key: string): void {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new OssError('InvalidObjectName', 'The Length of Object name must be less than 1024.', {
      ec: '0016-00000005',
      details: { ObjectName: key },
    });
  }
  if (key.startsWith('/') || key.startsWith('\\')) throw invalidObjectName(`the key starts with ${key[0]}`);
}

/** The error for a path that cannot be decoded: it names the channel or the object, by the kind of request. */
export function badAddress(query: ReadonlyMap<string, string>): OssError {
  if (query.has('live') || query.has('vod')) {
    return new OssError('InvalidChannelName', 'The characters encoding must be utf-8.', { ec: '0017-00000259' });
  }
  return invalidObjectName('the path has a bad escape, is not UTF-8, or holds a NUL');
}

function invalidObjectName(reason: string): OssError {
  return new OssError('InvalidObjectName', 'The specified object is not valid.', { reason });
}
