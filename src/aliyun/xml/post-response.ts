import { writeXml } from './write.ts';

/** The answer to PostObject with `success_action_status` 201. Shape: PostObject page. */
export function postResponse({
  bucket,
  key,
  etag,
  location,
}: {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly location: string;
}): string {
  return writeXml('PostResponse', { Bucket: bucket, ETag: `"${etag}"`, Key: key, Location: location });
}
