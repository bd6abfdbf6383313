import { objectUrl, type UrlBase } from '../../aliyun/endpoint.ts';
import type { TextBytes } from '../../base/text-bytes.ts';

/**
 * Writes the URIs of slices into a manifest: relative to the manifest's folder, with `../` as needed, because that holds in path
 * style and virtual-host style alike.
 */
export class SliceUris {
  /** The folders of the manifest. */
  readonly #from: readonly string[];
  readonly #elsewhere: OtherBuckets | undefined;
  readonly #buckets = new Set<string>();
  /** `bucket/` and the folders of the last slice: the next one nearly always is in the same. */
  #folder = '';
  /** How URIs in that folder begin; undefined where they are absolute. */
  #folderUri: Buffer | undefined;

  /**
   * @param key of the manifest
   * @param elsewhere default: all slices are in the bucket of the manifest
   */
  constructor(key: string, elsewhere?: OtherBuckets) {
    this.#from = key.split('/').slice(0, -1);
    this.#elsewhere = elsewhere;
  }

  /** Of the slices so far. */
  get buckets(): readonly string[] {
    return [...this.#buckets];
  }

  /** @param path `bucket/key` */
  write(text: TextBytes, path: string): void {
    // `startsWith` takes twice the time.
    if (path.indexOf(this.#folder) !== 0 || path.includes('/', this.#folder.length)) this.#enter(path);
    if (this.#folderUri) {
      text.appendBytes(this.#folderUri);
      text.appendUriComponent(path, this.#folder.length);
    } else if (this.#elsewhere) {
      text.append(absoluteUri(this.#elsewhere.urls, path));
    }
  }

  #enter(path: string): void {
    this.#folder = path.slice(0, path.lastIndexOf('/') + 1);
    const [bucket = '', ...folders] = this.#folder.split('/').slice(0, -1);
    this.#buckets.add(bucket);
    const isElsewhere = this.#elsewhere !== undefined && bucket !== this.#elsewhere.bucket;
    this.#folderUri = isElsewhere ? undefined : Buffer.from(folderUri(this.#from, folders));
  }
}

/** How slices in other buckets than that of the manifest are named: by their address. */
export interface OtherBuckets {
  /** That of the manifest. */
  readonly bucket: string;
  readonly urls: UrlBase;
}

function absoluteUri(urls: UrlBase, path: string): string {
  const slash = path.indexOf('/');
  return objectUrl(urls, path.slice(0, slash), path.slice(slash + 1));
}

function folderUri(from: readonly string[], to: readonly string[]): string {
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++;
  const down = to.slice(shared).map((segment) => `${encodeURIComponent(segment)}/`);
  return '../'.repeat(from.length - shared) + down.join('');
}
