import type { ChannelAddress } from './control-api.ts';

/** Where in the page one is; kept behind the `#` of the address, so that it can be bookmarked and sent to others. */
export type Route =
  | { readonly page: 'channels'; readonly address: ChannelAddress | undefined }
  | { readonly page: 'log' /** Of the entry that is open. */; readonly entryId: number | undefined }
  | { readonly page: 'faults' };

export function readRoute(hash: string): Route {
  const [page, ...names] = hash.replace(/^#?\/?/, '').split('/');
  if (page === 'faults') return { page };
  if (page === 'log') return { page, entryId: readId(names[0]) };
  const [bucket, channel] = names.map(decode);
  return { page: 'channels', address: bucket && channel ? { bucket, channel } : undefined };
}

export function routeHash(route: Route): string {
  if (route.page === 'faults') return '#/faults';
  if (route.page === 'log') return route.entryId === undefined ? '#/log' : `#/log/${route.entryId}`;
  if (!route.address) return '#/channels';
  const { bucket, channel } = route.address;
  return `#/channels/${encodeURIComponent(bucket)}/${encodeURIComponent(channel)}`;
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
