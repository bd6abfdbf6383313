import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../../src/base/clock.ts';
import { readObjectsUrl } from '../../../../src/storage/objects/remote/objects-url.ts';
import { openOssBucket } from '../../../../src/storage/objects/remote/oss-bucket.ts';
import type { RemoteBucket } from '../../../../src/storage/objects/remote/remote-bucket.ts';
import {
  openRemoteStore,
  type RemoteStore,
  type RemoteStoreOptions,
} from '../../../../src/storage/objects/remote/remote-store.ts';
import { openS3Bucket } from '../../../../src/storage/objects/remote/s3-bucket.ts';

export interface OpenedRemote {
  readonly bucket: RemoteBucket;
  readonly prefix: string;
  readonly store: RemoteStore;
}

/** A store of its own at an address that `address` makes of a prefix. */
export async function openRemote(
  address: (prefix: string) => string,
  options: Partial<RemoteStoreOptions> = {},
): Promise<OpenedRemote> {
  const url = readObjectsUrl(address(randomUUID()));
  if (!url) throw new Error('no address of a bucket');
  const { prefix, shown } = url;
  const bucket = await (url.kind === 's3' ? openS3Bucket(url) : openOssBucket(url));
  return { bucket, prefix, store: openRemoteStore({ bucket, prefix, shown, clock: systemClock, ...options }) };
}
