import type { RoomName } from '../base/push-source.ts';
import { type BucketPlace, placeText, readPlace } from './buckets/bucket-place.ts';

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

/** What the page shows; kept behind the `#` of the address, so that it can be bookmarked and sent to others. */
export type PageRoute =
  | { readonly page: 'channels'; readonly address: ChannelAddress | undefined }
  | { readonly page: 'buckets'; readonly place: BucketPlace | undefined }
  | { readonly page: 'streams'; readonly address: StreamAddress | undefined }
  | { readonly page: 'rooms'; readonly address: RoomName | undefined }
  | { readonly page: 'log' /** The entry that is open. */; readonly entryId: number | undefined }
  | { readonly page: 'callbacks' }
  | { readonly page: 'faults' };

export function readRoute(hash: string): PageRoute {
  const [page, ...names] = hash.replace(/^#?\/?/, '').split('/');
  if (page === 'faults' || page === 'callbacks') return { page };
  if (page === 'buckets') return { page, place: readPlace(names.join('/')) };
  if (page === 'log') return { page, entryId: readId(names[0]) };
  const [first, second, third] = names.map(decode);
  if (page === 'streams') return { page, address: first && second ? streamAddress(first, second, third) : undefined };
  if (page === 'rooms') return { page, address: first && second ? { appId: first, channelId: second } : undefined };
  const [bucket, channel] = [first, second];
  return { page: 'channels', address: bucket && channel ? { bucket, channel } : undefined };
}

export function routeHash(route: PageRoute): string {
  if (route.page === 'buckets') return `#/buckets${route.place ? `/${placeText(route.place)}` : ''}`;
  const names = namesOf(route).map((name) => `/${encodeURIComponent(name)}`);
  return `#/${route.page}${names.join('')}`;
}

function namesOf(route: PageRoute): readonly (string | number)[] {
  switch (route.page) {
    case 'channels':
      return route.address ? [route.address.bucket, route.address.channel] : [];
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
  return { app, stream, ...(domain && { domain }) };
}

function readId(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
