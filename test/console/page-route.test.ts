import { describe, expect, it } from 'vitest';
import { placeIn } from '../../src/console/buckets/bucket-place.ts';
import { type PageRoute, readRoute, routeHash } from '../../src/console/page-route.ts';

describe('a place in the page', () => {
  const places: readonly PageRoute[] = [
    { page: 'channels', address: undefined },
    { page: 'channels', address: { bucket: 'examplebucket', channel: 'cam' } },
    { page: 'channels', address: { bucket: 'b', channel: 'with blank/slash%and#more' } },
    { page: 'buckets', place: undefined },
    { page: 'buckets', place: placeIn('examplebucket') },
    { page: 'buckets', place: placeIn('examplebucket', { view: 'cors' }) },
    {
      page: 'buckets',
      place: placeIn('b', { folder: 'a b/100%/#?&+/', filter: '日本 😀', object: 'a b/100%/#?&+/=.txt' }),
    },
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

  it.each(['', '#', '#/', '#/channels', '#/channels/bucket-alone', '#/nowhere'])(
    '%j is the list of channels',
    (hash) => {
      expect(readRoute(hash)).toEqual({ page: 'channels', address: undefined });
    },
  );

  it('that is no number opens no entry', () => {
    expect(readRoute('#/log/x')).toEqual({ page: 'log', entryId: undefined });
  });

  it('that is badly encoded is taken as it stands', () => {
    expect(readRoute('#/channels/b/%zz')).toEqual({ page: 'channels', address: { bucket: 'b', channel: '%zz' } });
  });
});
