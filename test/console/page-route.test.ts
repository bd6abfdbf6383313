import { describe, expect, it } from 'vitest';
import { type PageRoute, readQuery, readRoute, routeHash, withQuery } from '../../src/console/page-route.ts';

describe('a place in the page', () => {
  const places: readonly PageRoute[] = [
    { page: 'channels', address: undefined },
    { page: 'channels', address: { bucket: 'examplebucket', channel: 'cam' } },
    { page: 'channels', address: { bucket: 'b', channel: 'with blank/slash%and#more' } },
    { page: 'streams', address: undefined },
    { page: 'streams', address: { app: 'app', stream: 's/1' } },
    { page: 'streams', address: { domain: 'push.example.com', app: 'app', stream: 's1' } },
    { page: 'rooms', address: undefined },
    { page: 'rooms', address: { appId: 'app', channelId: 'lesson' } },
    { page: 'callbacks' },
    { page: 'log', entryId: undefined },
    { page: 'log', entryId: 42 },
    { page: 'faults' },
  ];
  it.each(places)('%o survives its address', (place) => {
    expect(readRoute(routeHash(place))).toEqual(place);
  });

  it.each(['', '#', '#/', '#/channels', '#/channels/', '#/channels?filter=cam'])(
    '%j is the list of channels',
    (hash) => {
      expect(readRoute(hash)).toEqual({ page: 'channels', address: undefined });
    },
  );

  it.each([
    ['#/nowhere', 'nowhere'],
    ['#/channels/bucket-alone', 'channels/bucket-alone'],
    ['#/channels/b/c/d', 'channels/b/c/d'],
    ['#/streams/app//', 'streams/app/'],
    ['#/faults/f-1', 'faults/f-1'],
    ['#/log/x', 'log/x'],
    ['#/toString', 'toString'],
  ])('%j names nothing', (hash, path) => {
    expect(readRoute(hash)).toEqual({ page: 'unknown', path });
  });

  it('that is badly encoded is taken as it stands', () => {
    expect(readRoute('#/channels/b/%zz')).toEqual({ page: 'channels', address: { bucket: 'b', channel: '%zz' } });
  });
});

describe('what the address of a place keeps', () => {
  const place = routeHash({ page: 'channels', address: { bucket: 'b', channel: 'what?' } });

  it.each(['cam', 'a b&c=d', '#/?', '摄像头'])('%j survives it, and the place too', (text) => {
    const hash = withQuery(place, 'filter', text);
    expect(readQuery(hash).get('filter')).toBe(text);
    expect(readRoute(hash)).toEqual(readRoute(place));
  });

  it('has each value once, and none that is empty', () => {
    const hash = withQuery(withQuery(place, 'filter', 'cam'), 'filter', 'door');
    expect(readQuery(hash).getAll('filter')).toEqual(['door']);
    expect(withQuery(hash, 'filter', '')).toBe(place);
  });
});
