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

/** @param text what is behind the name of the page: `examplebucket?folder=a%2F` */
export function readPlace(text: string): BucketPlace | undefined {
  const mark = text.indexOf('?');
  const bucket = mark < 0 ? text : text.slice(0, mark);
  if (bucket === '') return undefined;
  const query = new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1));
  return {
    bucket,
    view: BUCKET_VIEWS.find((view) => view === query.get('view')) ?? 'objects',
    folder: query.get('folder') ?? '',
    filter: query.get('filter') ?? '',
    object: query.get('object') ?? undefined,
  };
}

export function placeText({ bucket, view, folder, filter, object }: BucketPlace): string {
  const query = new URLSearchParams();
  if (view !== 'objects') query.set('view', view);
  if (folder !== '') query.set('folder', folder);
  if (filter !== '') query.set('filter', filter);
  if (object !== undefined) query.set('object', object);
  return query.size === 0 ? bucket : `${bucket}?${query}`;
}
