/** The documents of the control API that `control/` does not describe. */
import * as v from 'valibot';
import { choice, documented, fields, flag, integer, optional, text } from '../../base/schema.ts';
import { component } from '../control/readiness.ts';
import { count, subject, timeMs } from '../control/view-fields.ts';
import { FAULT_PHASES, faultRuleSchema } from '../faults/fault-rule.ts';
import { publishRequestSchema } from '../publisher/publish-request.ts';

export const done = fields({ ok: v.literal(true) });
export const byId = fields({ id: text });

export const channelAddress = fields({ bucket: text, channel: text });

/** A number in a query. */
export const numberText = v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'must be a whole number'), v.transform(Number));

export const health = fields({
  status: documented(
    choice(['ok', 'draining']),
    '`draining`: it serves, and takes no new pushes, because a drain has begun or the database is of a newer version.',
  ),
  version: text,
  liveSessions: integer(0),
});

export const readiness = fields({
  ready: flag,
  draining: documented(
    flag,
    'No new pushes are taken, so it is not ready: a drain has begun, or the database is of a newer version.',
  ),
  components: v.array(component),
});

export const drained = fields({
  draining: v.literal(true),
  liveSessions: documented(integer(0), 'Pushes that go on.'),
  timeoutSec: documented(v.number(), 'After so long since the first call they are ended: `--drain-timeout`.'),
});

export const info = fields({
  version: text,
  endpoint: documented(text, 'For SDKs: `http://host:port`.'),
  rtmpUrl: documented(text, 'Up to the application: `rtmp://host:port`.'),
  rtmpPort: documented(v.nullable(integer(1)), 'The second RTMP port; null when there is none.'),
  region: text,
  accessKeyId: text,
  accessKeySecret: text,
  authMode: text,
  segmenter: text,
  storage: documented(text, '`memory`, the data folder, or the shared database.'),
  buckets: v.array(fields({ name: text, acl: text })),
  startedMs: timeMs,
});

export const clockState = fields({
  now: documented(text, 'ISO 8601.'),
  nowMs: timeMs,
  frozen: flag,
  offsetMs: documented(v.number(), 'Ahead of the real time, negative behind it.'),
});

export const push = fields({
  sessionId: text,
  startedMs: timeMs,
  endedMs: timeMs,
  remoteAddr: text,
  playlistName: text,
});

export const fragment = fields({
  name: documented(text, 'In the folder of the channel.'),
  startMs: timeMs,
  durationMs: v.number(),
  sessionId: text,
  sequence: count,
  discontinuity: flag,
});

export const event = documented(
  v.looseObject({ id: integer(1), atMs: timeMs, type: text }),
  'One thing that happened; fields depend on `type`, see docs/events.md.',
);

export const eventPage = fields({
  events: v.array(event),
  next: documented(count, 'Give it as `after` to continue.'),
  lost: documented(count, 'Events after `after` that were forgotten before this call.'),
});

/** Filters of events; an event must pass every given filter. */
export const eventFilter = {
  type: documented(optional(text), 'Types, separated by commas.'),
  bucket: optional(text),
  channel: optional(text),
};

export const request = fields({
  id: integer(1),
  atMs: timeMs,
  requestId: text,
  remoteAddr: text,
  method: text,
  target: documented(text, 'Path and query as sent, signatures blanked out.'),
  operation: v.nullable(text),
  bucket: v.nullable(text),
  key: v.nullable(text),
  status: count,
  durationMs: v.number(),
  refusal: documented(
    v.nullable(
      fields({
        code: text,
        ec: v.nullable(text),
        message: v.string(),
        reason: documented(v.nullable(text), 'Why, in a sentence for a person.'),
        expectedStringToSign: documented(v.nullable(text), 'What we computed the signature over.'),
        signedStringToSign: documented(v.nullable(text), 'What the client did, where we found out.'),
      }),
    ),
    'Null unless the request was refused.',
  ),
});

export const fault = fields({
  id: text,
  rule: faultRuleSchema,
  matched: documented(count, 'How often it could have fired.'),
  fired: count,
  phase: choice(FAULT_PHASES),
});

export const running = fields({
  id: text,
  request: publishRequestSchema,
  bucket: documented(v.nullable(text), 'Null when the push is to an address.'),
  channel: v.nullable(text),
  state: choice(['running', 'ended', 'failed']),
  sentMs: documented(count, 'Media sent so far.'),
  detail: documented(v.nullable(text), 'Why it failed.'),
});

export const viewer = fields({
  id: text,
  protocol: choice(['rts', 'whep', 'flv']),
  watches: documented(subject, 'A stream, or a user of a room.'),
  name: documented(v.nullable(text), 'What the viewer calls itself: `uid` of the address.'),
  remoteAddr: text,
  joinedMs: timeMs,
});
