/** The documents of versioning. Shapes: the pages of the operations named at each function. */
import type { VersionListing } from '../../storage/metadata/metadata-store.ts';
import type { ObjectVersion } from '../../storage/metadata/records.ts';
import { restoreInfo } from '../../storage/objects/restore.ts';
import { storageClassOf } from '../../storage/objects/storage-class.ts';
import type { Owner } from './bucket-documents.ts';
import { nameEncoder } from './object-documents.ts';
import { readXml, textOf } from './read.ts';
import { writeXml, type XmlContent, xmlTime } from './write.ts';

export interface VersioningInput {
  readonly status?: string | undefined;
}

export interface VersionPosition {
  readonly key: string;
  /** Empty after a common prefix. */
  readonly versionId: string;
}

export interface VersionList {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  readonly keyMarker: string;
  readonly versionIdMarker: string;
  readonly encodingType?: 'url' | undefined;
  readonly storageClass: string;
  /** When restored objects are looked at. */
  readonly nowMs: number;
  readonly owner: Owner;
  readonly entries: readonly VersionListing[];
  /** The last entry returned; undefined when nothing remains. */
  readonly next?: VersionPosition | undefined;
}

/**
 * PutBucketVersioning.
 *
 * @throws OssError MalformedXML when it is not such a document
 */
export function readVersioningConfiguration(body: Buffer, maxBytes: number): VersioningInput {
  return { status: textOf(readXml(body, 'VersioningConfiguration', maxBytes), 'Status') };
}

/** GetBucketVersioning. Without a status when versioning was never configured. */
export function versioningConfigurationDocument(status: string | undefined): string {
  return writeXml('VersioningConfiguration', { Status: status });
}

/** ListObjectVersions (GetBucketVersions). */
export function listVersionsResult(list: VersionList): string {
  const encode = nameEncoder(list.encodingType);
  return writeXml('ListVersionsResult', {
    Name: list.bucket,
    Prefix: encode(list.prefix),
    KeyMarker: encode(list.keyMarker),
    VersionIdMarker: list.versionIdMarker,
    MaxKeys: list.maxKeys,
    Delimiter: encode(list.delimiter),
    EncodingType: list.encodingType,
    IsTruncated: list.next !== undefined,
    NextKeyMarker: list.next && encode(list.next.key),
    NextVersionIdMarker: list.next?.versionId,
    ...entryElements(list, encode),
  });
}

function entryElements(list: VersionList, encode: (name: string) => string): Readonly<Record<string, XmlContent>> {
  const versions: XmlContent[] = [];
  const deleteMarkers: XmlContent[] = [];
  const commonPrefixes: XmlContent[] = [];
  for (const entry of list.entries) {
    if ('commonPrefix' in entry) {
      commonPrefixes.push({ Prefix: encode(entry.commonPrefix) });
      continue;
    }
    const elements = entry.version.type === 'DeleteMarker' ? deleteMarkers : versions;
    elements.push({
      Key: encode(entry.version.key),
      VersionId: entry.version.versionId,
      IsLatest: entry.isLatest,
      LastModified: xmlTime(entry.version.lastModifiedMs),
      ...objectElements(entry.version, list),
      Owner: { ID: list.owner.id, DisplayName: list.owner.displayName },
    });
  }
  return { Version: versions, DeleteMarker: deleteMarkers, CommonPrefixes: commonPrefixes };
}

function objectElements(
  version: ObjectVersion,
  { storageClass, nowMs }: VersionList,
): Readonly<Record<string, XmlContent | undefined>> {
  if (version.type === 'DeleteMarker') return {};
  return {
    ETag: `"${version.etag}"`,
    Type: version.type,
    Size: version.sizeBytes,
    StorageClass: storageClassOf(version, storageClass),
    RestoreInfo: restoreInfo(version, nowMs),
  };
}
