/** Where the page of buckets is: kept in its address. */

export const BUCKET_VIEWS = ['objects', 'settings', 'lifecycle', 'cors'] as const;
export type BucketView = (typeof BUCKET_VIEWS)[number];

export interface BucketPlace {
  readonly bucket: string;
  readonly view: BucketView;
  /** Ends with a slash; empty: the whole bucket. */
  readonly folder: string;
  /** Only names in the folder that begin so. */
  readonly filter: string;
  /** The key of the object that is open. */
  readonly object: string | undefined;
}

/** The beginning of a bucket, with what is given in its place. */
export function placeIn(bucket: string, rest: Partial<Omit<BucketPlace, 'bucket'>> = {}): BucketPlace {
  return { bucket, view: 'objects', folder: '', filter: '', object: undefined, ...rest };
}

/** The folder whose names are shown: a filter with slashes leads into other ones, which need not exist yet. */
export function shownFolder({ folder, filter }: BucketPlace): string {
  return folder + filter.slice(0, filter.lastIndexOf('/') + 1);
}

/** @param query of the address */
export function readPlace(bucket: string, query: URLSearchParams): BucketPlace {
  return {
    bucket,
    view: BUCKET_VIEWS.find((view) => view === query.get('view')) ?? 'objects',
    folder: query.get('folder') ?? '',
    filter: query.get('filter') ?? '',
    object: query.get('object') ?? undefined,
  };
}

/** What the address has behind the name of the bucket; empty for its beginning. */
export function placeQuery({ view, folder, filter, object }: BucketPlace): string {
  const query = new URLSearchParams();
  if (view !== 'objects') query.set('view', view);
  if (folder !== '') query.set('folder', folder);
  if (filter !== '') query.set('filter', filter);
  if (object !== undefined) query.set('object', object);
  return query.toString();
}
