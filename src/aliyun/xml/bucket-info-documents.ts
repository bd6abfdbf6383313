/** What is asked about one bucket. Shapes: GetBucketInfo and GetBucketStat pages. */
import type { BucketUsage, ClassUsage } from '../../storage/metadata/metadata-store.ts';
import type { Bucket } from '../../storage/metadata/records.ts';
import { type BucketPlace, DEFAULT_RESOURCE_GROUP, type Owner, placeElements } from './bucket-documents.ts';
import { type EncryptionDocument, encryptionElements } from './encryption-document.ts';
import { writeXml, type XmlContent, xmlTime } from './write.ts';

/** What is configured with a bucket, as far as GetBucketInfo shows it. Undefined: never configured. */
export interface BucketFeatures {
  readonly redundancy?: { readonly type: string } | undefined;
  readonly versioning?: { readonly status: string } | undefined;
  readonly accessMonitor?: { readonly status: string } | undefined;
  readonly encryption?: EncryptionDocument | undefined;
}

/** The elements of a storage class begin with this name. */
const CLASS_ELEMENTS = [
  { storageClass: 'IA', element: 'InfrequentAccess' },
  { storageClass: 'Archive', element: 'Archive' },
  { storageClass: 'ColdArchive', element: 'ColdArchive' },
  { storageClass: 'DeepColdArchive', element: 'DeepColdArchive' },
] as const;

/** GetBucketInfo. The Python SDK reads the algorithm `None` as absent. */
export function bucketInfoDocument(bucket: Bucket, owner: Owner, place: BucketPlace, features: BucketFeatures): string {
  const { redundancy, versioning, accessMonitor, encryption } = features;
  return writeXml('BucketInfo', {
    Bucket: {
      AccessMonitor: accessMonitor?.status ?? 'Disabled',
      CreationDate: xmlTime(bucket.createdMs),
      ...placeElements(place),
      StorageClass: bucket.storageClass,
      TransferAcceleration: 'Disabled',
      CrossRegionReplication: 'Disabled',
      Name: bucket.name,
      ResourceGroupId: DEFAULT_RESOURCE_GROUP,
      Owner: { DisplayName: owner.displayName, ID: owner.id },
      AccessControlList: { Grant: bucket.acl },
      ServerSideEncryptionRule: encryption ? encryptionElements(encryption) : { SSEAlgorithm: 'None' },
      Versioning: versioning?.status,
      Comment: '',
      DataRedundancyType: redundancy?.type ?? 'LRS',
    },
  });
}

/**
 * GetBucketStat. An object is of the bucket's class unless it has one of its own. The service bills 64 KB for a smaller
 * object of the other classes; here the storage that is billed is the real one.
 */
export function bucketStatDocument(
  bucketClass: string,
  usage: BucketUsage,
  ownClasses: readonly ClassUsage[],
  measuredMs: number,
): string {
  const classes = usageByClass(bucketClass, usage, ownClasses);
  const standard = classes.get('Standard');
  const content: Record<string, XmlContent> = {
    Storage: usage.storageBytes,
    ObjectCount: usage.objectCount,
    MultipartUploadCount: usage.multipartUploadCount,
    LiveChannelCount: usage.liveChannelCount,
    LastModifiedTime: Math.floor(measuredMs / 1000),
    StandardStorage: standard?.storageBytes ?? 0,
    StandardObjectCount: standard?.objectCount ?? 0,
  };
  for (const { storageClass, element } of CLASS_ELEMENTS) {
    const { storageBytes = 0, objectCount = 0 } = classes.get(storageClass) ?? {};
    content[`${element}Storage`] = storageBytes;
    content[`${element}RealStorage`] = storageBytes;
    content[`${element}ObjectCount`] = objectCount;
  }
  content.MultipartPartCount = usage.multipartPartCount;
  content.DeleteMarkerCount = usage.deleteMarkerCount;
  return writeXml('BucketStat', content);
}

function usageByClass(
  bucketClass: string,
  { objectCount, storageBytes }: BucketUsage,
  ownClasses: readonly ClassUsage[],
): ReadonlyMap<string, Omit<ClassUsage, 'storageClass'>> {
  const classes = new Map([[bucketClass, { objectCount, storageBytes }]]);
  for (const own of ownClasses) {
    add(classes, own.storageClass, own.objectCount, own.storageBytes);
    add(classes, bucketClass, -own.objectCount, -own.storageBytes);
  }
  return classes;
}

function add(
  classes: Map<string, Omit<ClassUsage, 'storageClass'>>,
  storageClass: string,
  objectCount: number,
  storageBytes: number,
): void {
  const before = classes.get(storageClass) ?? { objectCount: 0, storageBytes: 0 };
  classes.set(storageClass, {
    objectCount: before.objectCount + objectCount,
    storageBytes: before.storageBytes + storageBytes,
  });
}
