/** The calls of the control API about channels; part of the table in control-api.ts. */
import * as v from 'valibot';
import { moment } from '../../base/dates.ts';
import { documented, fields, optional, text } from '../../base/schema.ts';
import { channelView } from '../control/channel-views.ts';
import { route } from './route.ts';
import { channelAddress, done, fragment, numberText, push } from './schemas.ts';

/** Only the types are checked here; the values are by the rules of PutLiveChannel, whose words the refusals have. */
const configuration = fields({
  description: optional(v.string('must be a text')),
  status: documented(optional(text), 'Default `enabled`.'),
  type: documented(optional(text), 'Default `HLS`.'),
  fragDurationSec: documented(optional(v.number('must be a number')), 'Needs `fragCount` beside it; default 5.'),
  fragCount: documented(optional(v.number('must be a number')), 'Needs `fragDurationSec` beside it; default 3.'),
  playlistName: documented(optional(v.string('must be a text')), 'Default `playlist.m3u8`.'),
  snapshot: documented(
    optional(
      fields({
        roleName: v.string('must be a text'),
        destBucket: v.string('must be a text'),
        notifyTopic: v.string('must be a text'),
        intervalSec: documented(optional(v.number('must be a number')), 'Between two pictures.'),
      }),
    ),
    'Pictures of a push; none without it.',
  ),
});

export const CHANNEL_API = {
  channels: route({
    method: 'GET',
    path: '/channels',
    what: 'Every channel of every bucket, with its live state.',
    answer: fields({ channels: v.array(channelView) }),
  }),
  channel: route({
    method: 'GET',
    path: '/channels/:bucket/:channel',
    what: 'One channel.',
    params: channelAddress,
    answer: channelView,
  }),
  putChannel: route({
    method: 'PUT',
    path: '/channels/:bucket/:channel',
    what: 'Creates a channel, or replaces the whole configuration of one, as PutLiveChannel does.',
    params: channelAddress,
    query: fields({
      only: documented(
        optional(v.picklist(['new', 'existing'])),
        'Refused with 409 when there is one already, or with 404 when there is none.',
      ),
    }),
    body: configuration,
    answer: channelView,
  }),
  putChannelStatus: route({
    method: 'POST',
    path: '/channels/:bucket/:channel/status',
    what: 'Enables or disables a channel, as PutLiveChannelStatus does.',
    params: channelAddress,
    body: fields({ status: documented(text, '`enabled` or `disabled`.') }),
    answer: done,
  }),
  deleteChannel: route({
    method: 'DELETE',
    path: '/channels/:bucket/:channel',
    what: 'Deletes a channel, as DeleteLiveChannel does: what it recorded stays.',
    params: channelAddress,
    answer: done,
  }),
  history: route({
    method: 'GET',
    path: '/channels/:bucket/:channel/history',
    what: 'Its finished pushes, oldest first.',
    params: channelAddress,
    query: fields({ limit: documented(optional(numberText), 'Default 100.') }),
    answer: fields({ pushes: v.array(push) }),
  }),
  fragments: route({
    method: 'GET',
    path: '/channels/:bucket/:channel/fragments',
    what: 'Its stored fragments by time, oldest first.',
    params: channelAddress,
    query: fields({
      fromMs: documented(optional(numberText), 'Default the epoch.'),
      toMs: documented(optional(numberText), 'Default now.'),
      limit: documented(optional(numberText), 'The latest so many; default 1000.'),
    }),
    answer: fields({ fragments: v.array(fragment) }),
  }),
  vod: route({
    method: 'POST',
    path: '/channels/:bucket/:channel/vod',
    what: 'Stores a VOD playlist of a time range, as PostVodPlaylist does.',
    params: channelAddress,
    body: fields({
      from: moment,
      to: moment,
      playlistName: documented(optional(text), 'Default `vod.m3u8`.'),
    }),
    progress: true,
    answer: fields({ key: text, url: documented(text, 'Signed where the bucket is private.'), etag: text }),
  }),
} as const;
