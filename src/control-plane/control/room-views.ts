import * as v from 'valibot';
import { httpOrigin, rtmpOrigin, type UrlBase } from '../../aliyun/endpoint.ts';
import { RpcError } from '../../aliyun/rpc-error.ts';
import { UsageError } from '../../base/errors.ts';
import type { RoomName } from '../../base/push-source.ts';
import { choice, documented, fields, integer, optional, text } from '../../base/schema.ts';
import { OWN_PREFIX } from '../../http/own-path.ts';
import type { RegisteredUser } from '../../ingest/registry.ts';
import { DEFAULT_EXPIRE_SEC, type Participant, type Rooms } from '../../live/rooms/rooms.ts';
import { isDisplayName, isRoomId } from '../../live/rooms/token.ts';
import { ffmpegCommand } from './signing.ts';
import { audio, count, timeMs, totals, userName, type ViewOf, video } from './view-fields.ts';

/** Ten years. */
export const MAX_EXPIRE_SEC = 315_360_000;

/** A user who publishes into a room, or watches it under a name. */
const participantView = fields({
  userId: text,
  displayName: documented(v.string(), 'Empty of who watches.'),
  role: choice(['publisher', 'viewer']),
  joinedMs: timeMs,
  sessionId: documented(text, 'Of the push, or of the viewer.'),
  /** `ip:port`. */
  remoteAddr: text,
  video: documented(video, 'Of who publishes.'),
  /** Only of a publisher. */
  audio,
  /** Only of a publisher. */
  totals: v.nullable(totals),
  viewers: documented(count, 'Who watch this user.'),
  watchUrl: documented(v.nullable(text), 'Where to post a WHEP offer; null of who watches.'),
});

export type ParticipantView = ViewOf<typeof participantView>;

/** A room with at least one participant; they are listed in the order in which they joined. */
export const roomView = fields({
  appId: text,
  channelId: text,
  node: documented(v.nullable(text), 'The other node that it is on, where nodes share a database.'),
  participants: v.array(participantView),
});

export type RoomView = ViewOf<typeof roomView>;

/** A user who will be allowed to publish into a room. */
export const roomAddressRequest = fields({
  ...userName,
  displayName: documented(optional(text), 'Default the userId.'),
  expiresSec: documented(optional(integer(1, MAX_EXPIRE_SEC)), 'From now; default ten hours.'),
});

export type RoomAddressRequest = ViewOf<typeof roomAddressRequest>;

/** Where a user may publish, and where that is watched. */
export const roomAddress = fields({
  rtmpAddress: documented(text, 'As CreateRoomRealTimeStreamAddress gives it.'),
  server: documented(text, 'For OBS: Server.'),
  streamKey: documented(text, 'For OBS: Stream key.'),
  ffmpeg: documented(text, 'A command that pushes a test picture.'),
  rts: documented(text, '`artc://`, for aliyun-rts-sdk.'),
  whep: documented(text, 'To post an offer to.'),
  expiresMs: timeMs,
});

export type RoomAddress = ViewOf<typeof roomAddress>;

/** @throws UsageError when a name has a wrong form, or the application is not a configured one */
export function issueAddress(request: RoomAddressRequest, rooms: Rooms, base: UrlBase, nowMs: number): RoomAddress {
  const { appId, channelId, userId, displayName = userId, expiresSec = DEFAULT_EXPIRE_SEC } = request;
  for (const [name, id] of Object.entries({ appId, channelId, userId })) {
    if (!isRoomId(id)) throw new UsageError(`The request: ${name} must be 1 to 64 of A-Z, a-z, 0-9, _ and -.`);
  }
  if (!isDisplayName(displayName)) {
    throw new UsageError('The request: displayName must be 1 to 40 characters, none of them a control character.');
  }
  checkApplication(appId, rooms);
  const path = rooms.issue({ appId, channelId, userId, displayName }, expiresSec);
  const slash = path.indexOf('/', 1);
  const rtmpAddress = `${rtmpOrigin(base)}${path}`;
  return {
    rtmpAddress,
    server: `${rtmpOrigin(base)}${path.slice(0, slash)}`,
    streamKey: path.slice(slash + 1),
    ffmpeg: ffmpegCommand(rtmpAddress),
    rts: `artc://${base.authority}${path}`,
    whep: watchUrl(base, { appId, channelId }, userId),
    expiresMs: (Math.floor(nowMs / 1000) + expiresSec) * 1000,
  };
}

export function viewParticipant(
  room: RoomName,
  { userId, displayName, role, joinedMs, sessionId, remoteAddr }: Participant,
  registered: RegisteredUser | undefined,
  context: { readonly viewers: number; readonly base: UrlBase },
): ParticipantView {
  const { video = null, audio = null } = registered?.stat() ?? {};
  return {
    userId,
    displayName,
    role,
    joinedMs,
    sessionId,
    remoteAddr,
    video,
    audio,
    totals: registered ? registered.totals() : null,
    viewers: registered ? context.viewers : 0,
    watchUrl: registered ? watchUrl(context.base, room, userId) : null,
  };
}

/** Valid without an address of the room. */
function watchUrl(base: UrlBase, { appId, channelId }: RoomName, userId: string): string {
  return `${httpOrigin(base)}${OWN_PREFIX}/rooms/${appId}/${channelId}/${userId}`;
}

function checkApplication(appId: string, rooms: Rooms): void {
  try {
    rooms.checkApplication(appId, undefined);
  } catch (error) {
    if (error instanceof RpcError) throw new UsageError(`The request: ${error.reason ?? error.message}.`);
    throw error;
  }
}
