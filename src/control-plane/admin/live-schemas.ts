/** The documents of the control API about ApsaraVideo Live. */
import * as v from 'valibot';
import { choice, documented, fields, flag, integer, optional, text } from '../../base/schema.ts';
import { audio, numberText, totals, video } from './schemas.ts';

/** Milliseconds since the Unix epoch. */
const timeMs = integer(0);
const count = integer(0);

const streamName = {
  domain: documented(text, '`*` when it was pushed to an address without a domain.'),
  app: text,
  stream: text,
};
const userName = { appId: text, channelId: text, userId: text };
const subject = v.union([fields({ domain: text, app: text, stream: text }), fields(userName)]);

export const roomUser = fields(userName);

export const stream = fields({
  ...streamName,
  state: choice(['live', 'idle']),
  endedMs: documented(v.nullable(timeMs), 'When its latest push ended; null while that goes on.'),
  publishUrl: documented(
    text,
    'Signed with `auth_key` where its domain asks for that, as the addresses to play it are.',
  ),
  play: fields({
    rts: documented(text, '`artc://`, for aliyun-rts-sdk.'),
    whep: documented(text, 'To post an offer to.'),
    flv: documented(text, 'HTTP-FLV.'),
    hls: documented(text, 'A short live playlist, also of what is not recorded.'),
  }),
  live: documented(
    v.nullable(
      fields({
        sessionId: text,
        startedMs: timeMs,
        remoteAddr: text,
        publishDomain: documented(text, 'The host it was pushed to.'),
        video: v.nullable(video),
        audio: v.nullable(audio),
        totals,
        viewers: count,
        recording: documented(
          v.nullable(fields({ id: text, bucket: text, startedMs: timeMs, slices: count })),
          'What records it right now.',
        ),
      }),
    ),
    'The push that is going on.',
  ),
});

export const recording = fields({
  id: text,
  ...streamName,
  bucket: text,
  folder: documented(v.nullable(v.string()), 'Where its slices lie; null while there is none.'),
  key: documented(v.nullable(text), 'Of its m3u8 file; null while it may grow.'),
  startedMs: timeMs,
  endedMs: documented(v.nullable(v.number()), 'Null while it may grow.'),
  durationMs: v.number(),
  slices: count,
  url: documented(v.nullable(text), 'Where the file plays; signed where the bucket is private.'),
});

export const indexFile = fields({
  recordId: text,
  domain: documented(text, 'As it was asked for.'),
  app: text,
  stream: text,
  bucket: text,
  key: text,
  startTime: documented(text, 'As requested.'),
  endTime: text,
  createdMs: timeMs,
  durationMs: v.number(),
  url: documented(text, 'Where it plays; signed where the bucket is private.'),
});

export const recordingQuery = fields({
  app: optional(text),
  stream: optional(text),
  limit: documented(optional(numberText), 'The latest so many of each; default 50.'),
});

export const room = fields({
  appId: text,
  channelId: text,
  participants: v.array(
    fields({
      userId: text,
      displayName: documented(v.string(), 'Empty of who watches.'),
      role: choice(['publisher', 'viewer']),
      joinedMs: timeMs,
      sessionId: documented(text, 'Of the push, or of the viewer.'),
      remoteAddr: text,
      video: documented(v.nullable(video), 'Of who publishes.'),
      audio: v.nullable(audio),
      totals: v.nullable(totals),
      viewers: documented(count, 'Who watch this user.'),
      watchUrl: documented(v.nullable(text), 'Where to post a WHEP offer; null of who watches.'),
    }),
  ),
});

export const roomAddressRequest = fields({
  ...userName,
  displayName: documented(optional(text), 'Default the userId.'),
  expiresSec: documented(optional(integer(1, 315_360_000)), 'From now; default ten hours.'),
});

export const roomAddress = fields({
  rtmpAddress: documented(text, 'As CreateRoomRealTimeStreamAddress gives it.'),
  server: documented(text, 'For OBS: Server.'),
  streamKey: documented(text, 'For OBS: Stream key.'),
  ffmpeg: documented(text, 'A command that pushes a test picture.'),
  rts: documented(text, '`artc://`, for aliyun-rts-sdk.'),
  whep: documented(text, 'To post an offer to.'),
  expiresMs: timeMs,
});

export const viewer = fields({
  id: text,
  protocol: choice(['rts', 'whep', 'flv']),
  watches: documented(subject, 'A stream, or a user of a room.'),
  name: documented(v.nullable(text), 'What the viewer calls itself: `uid` of the address.'),
  remoteAddr: text,
  joinedMs: timeMs,
});

export const callback = fields({
  id: text,
  action: documented(text, 'e.g. `publish`, `record_file` or `Join`.'),
  about: documented(subject, 'A stream, whose domain is the one that asked for callbacks, or a user of a room.'),
  method: choice(['GET', 'POST']),
  url: text,
  headers: v.record(v.string(), v.string()),
  body: v.nullable(v.string()),
  delivered: flag,
  attempts: count,
  response: documented(v.string(), 'Begin of the answer, or why there was none.'),
  endedMs: timeMs,
});

export const deadLetter = fields({
  id: text,
  topic: text,
  subscription: text,
  endpoint: text,
  messageId: text,
  body: v.string(),
  attempts: count,
  reason: text,
  droppedMs: timeMs,
});
