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

/** The first names in a folder that begin with `prefix`, in their order: at least `limit`, if there are so many. */
export async function listFolder(rest: Rest, bucket: string, prefix: string, limit: number): Promise<Listing> {
  const folders: string[] = [];
  const objects: ObjectItem[] = [];
  const pages = listPages(rest, bucket, { prefix, delimiter: '/' }, limit);
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
    sizeBytes: Number(childText(element, 'Size')),
    modifiedMs: timeOf(element, 'LastModified'),
    storageClass: childText(element, 'StorageClass') ?? '',
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
