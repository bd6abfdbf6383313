/** The documents of object operations. Shapes: the pages of the operations named at each function. */
import type { ObjectListing, UploadListing } from '../../storage/metadata/metadata-store.ts';
import type { MultipartUpload, ObjectRecord, UploadedPart } from '../../storage/metadata/records.ts';
import { restoreInfo } from '../../storage/objects/restore.ts';
import { storageClassOf } from '../../storage/objects/storage-class.ts';
import type { Owner } from './bucket-documents.ts';
import { childrenOf, readXml, textOf } from './read.ts';
import { writeXml, type XmlContent, xmlTime } from './write.ts';

/** 1,000 objects with key and version, and some to be told that they are too many. */
const MAX_DELETE_ELEMENTS = 5_000;
/** 10,000 parts with number and ETag, and some to be told that they are too many. */
const MAX_COMPLETION_ELEMENTS = 35_000;

/**
 * What both versions of listing have in common. `url`: names are percent-encoded, because XML cannot carry some of
 * them.
 */
interface ListingBase {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  readonly encodingType?: 'url' | undefined;
  /** The class of objects that have none of their own. */
  readonly storageClass: string;
  /** The time at which restores are looked at. */
  readonly nowMs: number;
  readonly entries: readonly ObjectListing[];
}

export interface ObjectListV1 extends ListingBase {
  readonly owner: Owner;
  readonly marker: string;
  /** The last entry returned; undefined when nothing remains. */
  readonly nextMarker?: string | undefined;
}

export interface ObjectListV2 extends ListingBase {
  /** Only with `fetch-owner=true`. */
  readonly owner?: Owner | undefined;
  readonly startAfter?: string | undefined;
  readonly continuationToken?: string | undefined;
  /** Undefined when nothing remains. */
  readonly nextContinuationToken?: string | undefined;
}

export interface DeleteInput {
  readonly quiet?: string | undefined;
  readonly objects: readonly { readonly key?: string | undefined; readonly versionId?: string | undefined }[];
}

export interface DeletedEntry {
  readonly key: string;
  /** The version that was to be deleted. */
  readonly versionId?: string | undefined;
  /** The delete marker that was made, or deleted. */
  readonly markerVersionId?: string | undefined;
}

export interface CompleteMultipartInput {
  readonly parts: readonly { readonly partNumber?: string | undefined; readonly etag?: string | undefined }[];
}

export interface UploadList {
  readonly bucket: string;
  readonly prefix: string;
  readonly keyMarker: string;
  readonly uploadIdMarker: string;
  readonly delimiter: string;
  readonly maxUploads: number;
  readonly storageClass: string;
  readonly encodingType?: 'url' | undefined;
  readonly entries: readonly UploadListing[];
  readonly truncated: boolean;
}

export interface PartList {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly partNumberMarker: number;
  readonly maxParts: number;
  readonly storageClass: string;
  readonly encodingType?: 'url' | undefined;
  readonly parts: readonly Pick<UploadedPart, 'partNumber' | 'lastModifiedMs' | 'etag' | 'crc64' | 'sizeBytes'>[];
  readonly truncated: boolean;
}

/** GetBucket (ListObjects). */
export function listBucketResult(list: ObjectListV1): string {
  const encode = nameEncoder(list.encodingType);
  return writeXml('ListBucketResult', {
    Name: list.bucket,
    Prefix: encode(list.prefix),
    Marker: encode(list.marker),
    MaxKeys: list.maxKeys,
    Delimiter: encode(list.delimiter),
    EncodingType: list.encodingType,
    IsTruncated: list.nextMarker !== undefined,
    NextMarker: list.nextMarker === undefined ? undefined : encode(list.nextMarker),
    ...entryElements(list, list.owner),
  });
}

/** ListObjectsV2 (GetBucketV2). */
export function listBucketResultV2(list: ObjectListV2): string {
  const encode = nameEncoder(list.encodingType);
  return writeXml('ListBucketResult', {
    Name: list.bucket,
    Prefix: encode(list.prefix),
    StartAfter: list.startAfter === undefined ? undefined : encode(list.startAfter),
    ContinuationToken: list.continuationToken,
    MaxKeys: list.maxKeys,
    Delimiter: list.delimiter === '' ? undefined : encode(list.delimiter),
    EncodingType: list.encodingType,
    IsTruncated: list.nextContinuationToken !== undefined,
    NextContinuationToken: list.nextContinuationToken,
    ...entryElements(list, list.owner),
    KeyCount: list.entries.length,
  });
}

/** CopyObject. */
export function copyObjectResult(object: Pick<ObjectRecord, 'etag' | 'lastModifiedMs'>): string {
  return writeXml('CopyObjectResult', { ETag: `"${object.etag}"`, LastModified: xmlTime(object.lastModifiedMs) });
}

/**
 * DeleteMultipleObjects.
 *
 * @throws OssError MalformedXML when it is not such a document
 */
export function readDelete(body: Buffer, maxBytes: number): DeleteInput {
  const root = readXml(body, 'Delete', maxBytes, MAX_DELETE_ELEMENTS);
  return {
    quiet: textOf(root, 'Quiet'),
    objects: childrenOf(root, 'Object').map((object) => ({
      key: textOf(object, 'Key'),
      versionId: textOf(object, 'VersionId'),
    })),
  };
}

export function deleteResult(deleted: readonly DeletedEntry[], encodingType?: 'url'): string {
  const encode = nameEncoder(encodingType);
  return writeXml('DeleteResult', {
    EncodingType: encodingType,
    Deleted: deleted.map(({ key, versionId, markerVersionId }) => ({
      Key: encode(key),
      VersionId: versionId,
      DeleteMarker: markerVersionId === undefined ? undefined : true,
      DeleteMarkerVersionId: markerVersionId,
    })),
  });
}

/** InitiateMultipartUpload. */
export function initiateMultipartUploadResult(
  upload: Pick<MultipartUpload, 'bucket' | 'key' | 'uploadId'>,
  encodingType?: 'url',
): string {
  return writeXml('InitiateMultipartUploadResult', {
    EncodingType: encodingType,
    Bucket: upload.bucket,
    Key: nameEncoder(encodingType)(upload.key),
    UploadId: upload.uploadId,
  });
}

/**
 * CompleteMultipartUpload.
 *
 * @throws OssError MalformedXML when it is not such a document
 */
export function readCompleteMultipartUpload(body: Buffer, maxBytes: number): CompleteMultipartInput {
  const root = readXml(body, 'CompleteMultipartUpload', maxBytes, MAX_COMPLETION_ELEMENTS);
  const parts = childrenOf(root, 'Part');
  return { parts: parts.map((part) => ({ partNumber: textOf(part, 'PartNumber'), etag: textOf(part, 'ETag') })) };
}

/** `location` is the URL of the new object. */
export function completeMultipartUploadResult(
  object: Pick<ObjectRecord, 'bucket' | 'key' | 'etag'>,
  location: string,
  encodingType?: 'url',
): string {
  return writeXml('CompleteMultipartUploadResult', {
    EncodingType: encodingType,
    Location: location,
    Bucket: object.bucket,
    Key: nameEncoder(encodingType)(object.key),
    ETag: `"${object.etag}"`,
  });
}

/** ListMultipartUploads. Python reads IsTruncated and both next markers whether or not anything remains. */
export function listMultipartUploadsResult(list: UploadList): string {
  const encode = nameEncoder(list.encodingType);
  const next = list.truncated ? list.entries.at(-1) : undefined;
  return writeXml('ListMultipartUploadsResult', {
    EncodingType: list.encodingType,
    Bucket: list.bucket,
    KeyMarker: encode(list.keyMarker),
    UploadIdMarker: list.uploadIdMarker,
    NextKeyMarker: next ? encode('upload' in next ? next.upload.key : next.commonPrefix) : '',
    NextUploadIdMarker: next && 'upload' in next ? next.upload.uploadId : '',
    Delimiter: encode(list.delimiter),
    Prefix: encode(list.prefix),
    MaxUploads: list.maxUploads,
    IsTruncated: list.truncated,
    Upload: list.entries.flatMap((entry) => ('upload' in entry ? [uploadElement(entry.upload, list, encode)] : [])),
    CommonPrefixes: list.entries.flatMap((entry) =>
      'commonPrefix' in entry ? [{ Prefix: encode(entry.commonPrefix) }] : [],
    ),
  });
}

/** ListParts. */
export function listPartsResult(list: PartList): string {
  return writeXml('ListPartsResult', {
    EncodingType: list.encodingType,
    Bucket: list.bucket,
    Key: nameEncoder(list.encodingType)(list.key),
    UploadId: list.uploadId,
    StorageClass: list.storageClass,
    PartNumberMarker: list.partNumberMarker,
    NextPartNumberMarker: list.parts.at(-1)?.partNumber ?? list.partNumberMarker,
    MaxParts: list.maxParts,
    IsTruncated: list.truncated,
    Part: list.parts.map((part) => ({
      PartNumber: part.partNumber,
      LastModified: xmlTime(part.lastModifiedMs),
      ETag: `"${part.etag}"`,
      HashCrc64ecma: part.crc64,
      Size: part.sizeBytes,
    })),
  });
}

/** UploadPartCopy. */
export function copyPartResult(part: Pick<UploadedPart, 'etag' | 'lastModifiedMs'>): string {
  return writeXml('CopyPartResult', { LastModified: xmlTime(part.lastModifiedMs), ETag: `"${part.etag}"` });
}

function entryElements(list: ListingBase, owner: Owner | undefined): Readonly<Record<string, XmlContent>> {
  const encode = nameEncoder(list.encodingType);
  const contents: XmlContent[] = [];
  const commonPrefixes: XmlContent[] = [];
  for (const entry of list.entries) {
    if ('commonPrefix' in entry) commonPrefixes.push({ Prefix: encode(entry.commonPrefix) });
    else contents.push(objectElement(entry.object, encode, list, owner));
  }
  return { Contents: contents, CommonPrefixes: commonPrefixes };
}

function objectElement(
  object: ObjectRecord,
  encode: (name: string) => string,
  { storageClass, nowMs }: ListingBase,
  owner: Owner | undefined,
): XmlContent {
  return {
    Key: encode(object.key),
    LastModified: xmlTime(object.lastModifiedMs),
    ETag: `"${object.etag}"`,
    Type: object.type,
    Size: object.sizeBytes,
    StorageClass: storageClassOf(object, storageClass),
    RestoreInfo: restoreInfo(object, nowMs),
    Owner: owner && { ID: owner.id, DisplayName: owner.displayName },
  };
}

function uploadElement(upload: MultipartUpload, list: UploadList, encode: (name: string) => string): XmlContent {
  return {
    Key: encode(upload.key),
    UploadId: upload.uploadId,
    StorageClass: upload.headers['x-oss-storage-class'] ?? list.storageClass,
    Initiated: xmlTime(upload.initiatedMs),
  };
}

export function nameEncoder(encodingType: 'url' | undefined): (name: string) => string {
  return encodingType === 'url' ? encodeURIComponent : (name) => name;
}
