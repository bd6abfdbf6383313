import type { Rest } from './rest.ts';
import { childElements, childText, parseXml } from './xml.ts';

/** What GetBucketInfo and GetBucketStat say. */
export interface BucketFacts {
  readonly acl: string;
  readonly storageClass: string;
  readonly createdMs: number;
  /** `Enabled` or `Suspended`; undefined: never configured. */
  readonly versioning: string | undefined;
  readonly objects: number;
  readonly sizeBytes: number;
  readonly channels: number;
  readonly uploads: number;
}

export async function readBucketFacts(rest: Rest, bucket: string): Promise<BucketFacts> {
  const [info, stat] = await Promise.all([
    rest({ bucket, query: { bucketInfo: '' } }),
    rest({ bucket, query: { stat: '' } }),
  ]);
  const [element] = childElements(parseXml(info.text).documentElement, 'Bucket');
  const figures = parseXml(stat.text).documentElement;
  const textOf = (name: string) => element && childText(element, name);
  const figure = (name: string) => Number(childText(figures, name) ?? 0);
  return {
    acl: element?.querySelector('Grant')?.textContent ?? '',
    storageClass: textOf('StorageClass') ?? '',
    createdMs: Date.parse(textOf('CreationDate') ?? ''),
    versioning: textOf('Versioning') || undefined,
    objects: figure('ObjectCount'),
    sizeBytes: figure('Storage'),
    channels: figure('LiveChannelCount'),
    uploads: figure('MultipartUploadCount'),
  };
}
