import type { RoomName } from '../base/push-source.ts';
import { type BucketPlace, placeQuery, readPlace } from './buckets/bucket-place.ts';

export interface ChannelAddress {
  readonly bucket: string;
  readonly channel: string;
}

/** Without a domain it is the first stream of that name. */
export interface StreamAddress {
  readonly domain?: string;
  readonly app: string;
  readonly stream: string;
}

/** A place that the page has; kept behind the `#` of the address, so that it can be bookmarked and sent to others. */
export type PageRoute =
  | { readonly page: 'channels'; readonly address: ChannelAddress | undefined }
  | { readonly page: 'buckets'; readonly place: BucketPlace | undefined }
  | { readonly page: 'streams'; readonly address: StreamAddress | undefined }
  | { readonly page: 'rooms'; readonly address: RoomName | undefined }
  | { readonly page: 'log' /** The entry that is open. */; readonly entryId: number | undefined }
  | { readonly page: 'callbacks' }
  | { readonly page: 'data' }
  | { readonly page: 'faults' };

/** Addresses are typed and mended by hand, so some name nothing. */
export interface UnknownRoute {
  readonly page: 'unknown';
  readonly path: string;
}

/** How many names may follow the name of each page: none, or so many. */
const NAMES_OF: Readonly<Record<PageRoute['page'], readonly number[]>> = {
  channels: [2],
  buckets: [1],
  streams: [2, 3],
  rooms: [2],
  log: [1],
  callbacks: [],
  data: [],
  faults: [],
};

export function readRoute(hash: string): PageRoute | UnknownRoute {
  const { path, query } = partsOf(hash);
  const [page = '', ...names] = path.split('/').map(decode);
  const known = page === '' ? 'channels' : page;
  const unknown: UnknownRoute = { page: 'unknown', path };
  if (!isPage(known) || names.includes('')) return unknown;
  if (names.length > 0 && !NAMES_OF[known].includes(names.length)) return unknown;
  return routeOf(known, names, new URLSearchParams(query)) ?? unknown;
}

export function routeHash(route: PageRoute): string {
  const names = namesOf(route).map((name) => `/${encodeURIComponent(name)}`);
  const query = route.page === 'buckets' && route.place ? placeQuery(route.place) : '';
  return `#/${route.page}${names.join('')}${query === '' ? '' : `?${query}`}`;
}

/** The address of a place that keeps the query of this address. */
export function routeHashWithQuery(route: PageRoute, hash: string): string {
  const { query } = partsOf(hash);
  return query === '' ? routeHash(route) : `${routeHash(route)}?${query}`;
}

/** What else of a page its address keeps, by name: `#/log?filter=cam`. */
export function readQuery(hash: string): URLSearchParams {
  return new URLSearchParams(partsOf(hash).query);
}

/** The same place with this value in its query; an empty one is left out. */
export function withQuery(hash: string, name: string, value: string): string {
  const { path, query } = partsOf(hash);
  const values = new URLSearchParams(query);
  if (value === '') values.delete(name);
  else values.set(name, value);
  return values.size === 0 ? `#/${path}` : `#/${path}?${values}`;
}

/** Names are encoded, so the first question mark begins the query. */
function partsOf(hash: string): { readonly path: string; readonly query: string } {
  const text = hash.replace(/^#?\/?/, '');
  const [path = ''] = text.split('?', 1);
  return { path: path.replace(/\/$/, ''), query: text.slice(path.length + 1) };
}

function routeOf(page: PageRoute['page'], names: readonly string[], query: URLSearchParams): PageRoute | undefined {
  const [first = '', second = '', third] = names;
  const isChosen = names.length > 0;
  switch (page) {
    case 'channels':
      return { page, address: isChosen ? { bucket: first, channel: second } : undefined };
    case 'buckets':
      return { page, place: isChosen ? readPlace(first, query) : undefined };
    case 'streams':
      return { page, address: isChosen ? streamAddress(first, second, third) : undefined };
    case 'rooms':
      return { page, address: isChosen ? { appId: first, channelId: second } : undefined };
    case 'log':
      if (!isChosen) return { page, entryId: undefined };
      return /^\d{1,15}$/.test(first) ? { page, entryId: Number(first) } : undefined;
    default:
      return { page };
  }
}

function namesOf(route: PageRoute): readonly (string | number)[] {
  switch (route.page) {
    case 'channels':
      return route.address ? [route.address.bucket, route.address.channel] : [];
    case 'buckets':
      return route.place ? [route.place.bucket] : [];
    case 'streams': {
      if (!route.address) return [];
      const { domain, app, stream } = route.address;
      return domain === undefined ? [app, stream] : [app, stream, domain];
    }
    case 'rooms':
      return route.address ? [route.address.appId, route.address.channelId] : [];
    case 'log':
      return route.entryId === undefined ? [] : [route.entryId];
    default:
      return [];
  }
}

function streamAddress(app: string, stream: string, domain: string | undefined): StreamAddress {
  return { app, stream, ...(domain !== undefined && { domain }) };
}

function isPage(name: string): name is PageRoute['page'] {
  return Object.hasOwn(NAMES_OF, name);
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
