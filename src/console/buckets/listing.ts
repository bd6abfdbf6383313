/** What is in buckets, as the REST API lists it. */
import type { Rest } from './rest.ts';
import { childElements, childName, childText, parseXml } from './xml.ts';

/** The most names of one answer. */
const MAX_KEYS = 1000;

export interface BucketItem {
  readonly name: string;
  readonly region: string;
  readonly createdMs: number;
}

export interface ObjectItem {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly storageClass: string;
  /** The latest version is a delete marker; those before it are still there. */
  readonly isDeleted: boolean;
}

export interface Listing {
  readonly folders: readonly string[];
  readonly objects: readonly ObjectItem[];
  readonly isComplete: boolean;
}

export interface VersionItem {
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isDeleteMarker: boolean;
  readonly modifiedMs: number;
  /** Undefined of a delete marker. */
  readonly sizeBytes: number | undefined;
}

export async function listAllBuckets(rest: Rest): Promise<readonly BucketItem[]> {
  const found: BucketItem[] = [];
  for (let marker: string | undefined = ''; marker !== undefined; ) {
    const { text } = await rest({ query: { marker, 'max-keys': String(MAX_KEYS) } });
    const root = parseXml(text).documentElement;
    for (const bucket of root.querySelectorAll('Buckets > Bucket')) found.push(readBucket(bucket));
    marker = childText(root, 'NextMarker') || undefined;
  }
  return found;
}

export interface FolderQuery {
  readonly prefix: string;
  readonly limit: number;
  /** Of a bucket with versioning. */
  readonly withDeleted: boolean;
}

/** The first names in a folder that begin with `prefix`, in their order: at least `limit`, if there are so many. */
export async function listFolder(
  rest: Rest,
  bucket: string,
  { prefix, limit, withDeleted }: FolderQuery,
): Promise<Listing> {
  const folders: string[] = [];
  const objects: ObjectItem[] = [];
  const query = { prefix, delimiter: '/' };
  const pages = withDeleted ? listLatestVersions(rest, bucket, query) : listPages(rest, bucket, query, limit);
  let isComplete = true;
  for await (const page of pages) {
    folders.push(...page.folders);
    objects.push(...page.objects);
    ({ isComplete } = page);
    if (folders.length + objects.length >= limit) break;
  }
  return { folders, objects, isComplete };
}

/** Every object whose key begins with `prefix`. */
export async function* listEverything(rest: Rest, bucket: string, prefix: string): AsyncGenerator<ObjectItem> {
  for await (const { objects } of listPages(rest, bucket, { prefix }, MAX_KEYS)) yield* objects;
}

/** The versions and delete markers of one key, the latest first. */
export async function listVersionsOf(rest: Rest, bucket: string, key: string): Promise<readonly VersionItem[]> {
  const query = { versions: '', prefix: key, 'encoding-type': 'url', 'max-keys': String(MAX_KEYS) };
  const { text } = await rest({ bucket, query });
  return [...parseXml(text).documentElement.children]
    .filter((entry) => ['Version', 'DeleteMarker'].includes(entry.tagName) && childName(entry, 'Key') === key)
    .map(readVersion)
    .sort((a, b) => Number(b.isLatest) - Number(a.isLatest) || b.modifiedMs - a.modifiedMs);
}

async function* listPages(
  rest: Rest,
  bucket: string,
  query: Readonly<Record<string, string>>,
  pageSize: number,
): AsyncGenerator<Listing> {
  const common = {
    ...query,
    'list-type': '2',
    'encoding-type': 'url',
    'max-keys': String(Math.min(pageSize, MAX_KEYS)),
  };
  for (let token: string | undefined = ''; token !== undefined; ) {
    const { text } = await rest({ bucket, query: token === '' ? common : { ...common, 'continuation-token': token } });
    const root = parseXml(text).documentElement;
    token = childText(root, 'NextContinuationToken');
    yield {
      folders: childElements(root, 'CommonPrefixes').map((element) => childName(element, 'Prefix')),
      objects: childElements(root, 'Contents').map(readObject),
      isComplete: token === undefined,
    };
  }
}

/** What became of each key, also of those that were deleted. */
async function* listLatestVersions(
  rest: Rest,
  bucket: string,
  query: Readonly<Record<string, string>>,
): AsyncGenerator<Listing> {
  const common = { ...query, versions: '', 'encoding-type': 'url', 'max-keys': String(MAX_KEYS) };
  for (let markers: Readonly<Record<string, string>> | undefined = {}; markers; ) {
    const { text } = await rest({ bucket, query: { ...common, ...markers } });
    const root = parseXml(text).documentElement;
    const isComplete = childText(root, 'IsTruncated') !== 'true';
    markers = isComplete
      ? undefined
      : {
          'key-marker': childName(root, 'NextKeyMarker'),
          'version-id-marker': childText(root, 'NextVersionIdMarker') ?? '',
        };
    yield {
      folders: childElements(root, 'CommonPrefixes').map((element) => childName(element, 'Prefix')),
      // Versions and delete markers are listed apart.
      objects: [...root.children]
        .filter((entry) => childText(entry, 'IsLatest') === 'true')
        .map(readObject)
        .sort((one, other) => (one.key < other.key ? -1 : 1)),
      isComplete,
    };
  }
}

function readBucket(element: Element): BucketItem {
  return {
    name: childText(element, 'Name') ?? '',
    region: childText(element, 'Region') ?? '',
    createdMs: timeOf(element, 'CreationDate'),
  };
}

function readObject(element: Element): ObjectItem {
  return {
    key: childName(element, 'Key'),
    sizeBytes: Number(childText(element, 'Size') ?? 0),
    modifiedMs: timeOf(element, 'LastModified'),
    storageClass: childText(element, 'StorageClass') ?? '',
    isDeleted: element.tagName === 'DeleteMarker',
  };
}

function readVersion(element: Element): VersionItem {
  const isDeleteMarker = element.tagName === 'DeleteMarker';
  return {
    isDeleteMarker,
    versionId: childText(element, 'VersionId') ?? '',
    isLatest: childText(element, 'IsLatest') === 'true',
    modifiedMs: timeOf(element, 'LastModified'),
    sizeBytes: isDeleteMarker ? undefined : Number(childText(element, 'Size')),
  };
}

function timeOf(element: Element, name: string): number {
  return Date.parse(childText(element, name) ?? '');
}
