import { createHash } from 'node:crypto';
import { OssError } from '../../base/errors.ts';
import { Crc64 } from './crc64.ts';
import type { Chunks, ObjectHint, ObjectStore } from './object-store.ts';

/** A byte string that has been stored completely, with its checksums. */
export interface Received {
  readonly location: string;
  readonly sizeBytes: number;
  /** 32 upper-case hex digits. */
  readonly md5: string;
  /** The same in base64, as in Content-MD5. */
  readonly contentMd5: string;
  /** In decimal. */
  readonly crc64: string;
}

/**
 * Stores bytes chunk by chunk, no faster than the store accepts them, and computes their checksums. When it fails,
 * because the source fails, the store is full or the MD5 is wrong, nothing remains in the store.
 *
 * @throws OssError InvalidDigest when the MD5 is not `contentMd5`
 */
export async function receive(
  bytes: ObjectStore,
  hint: ObjectHint,
  chunks: Chunks,
  contentMd5?: string,
): Promise<Received> {
  const writer = bytes.create(hint);
  const md5 = createHash('md5');
  const crc64 = new Crc64();
  let digest: Buffer;
  try {
    for await (const chunk of chunks) {
      md5.update(chunk);
      crc64.update(chunk);
      const room = writer.write(chunk);
      if (room) await room;
    }
    digest = md5.digest();
    checkMd5(digest, contentMd5);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const { sizeBytes } = writer;
  return {
    location: await writer.commit(),
    sizeBytes,
    md5: digest.toString('hex').toUpperCase(),
    contentMd5: digest.toString('base64'),
    crc64: crc64.digest(),
  };
}

/**
 * Compares with a Content-MD5 header, if there is one.
 *
 * @throws OssError InvalidDigest when they differ
 */
export function checkMd5(digest: Buffer, contentMd5: string | undefined): void {
  const computed = digest.toString('base64');
  if (contentMd5 === undefined || contentMd5 === computed) return;
  throw new OssError('InvalidDigest', 'The Content-MD5 you specified was invalid.', {
    ec: '0017-00000503',
    details: { 'Content-MD5': contentMd5 },
    reason: `the bytes that arrived have Content-MD5 ${computed}`,
  });
}
