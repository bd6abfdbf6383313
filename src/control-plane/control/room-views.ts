import type { UrlBase } from '../../aliyun/endpoint.ts';
import { RpcError } from '../../aliyun/rpc-error.ts';
import { UsageError } from '../../base/errors.ts';
import type { RegisteredUser } from '../../ingest/registry.ts';
import { DEFAULT_EXPIRE_SEC, type Participant, type RoomName, type Rooms } from '../../live/rooms/rooms.ts';
import { isDisplayName, isRoomId } from '../../live/rooms/token.ts';
import type { AudioStat, MediaTotals, VideoStat } from '../../media/stat.ts';
import { ffmpegCommand } from './signing.ts';

/** A room that somebody is in. */
export interface RoomView {
  readonly appId: string;
  readonly channelId: string;
  /** Who came first is first. */
  readonly participants: readonly ParticipantView[];
}

/** Who publishes into a room, or watches under a name. */
export interface ParticipantView {
  readonly userId: string;
  /** Empty of who watches. */
  readonly displayName: string;
  readonly role: 'publisher' | 'viewer';
  readonly joinedMs: number;
  /** Of the push, or of the viewer. */
  readonly sessionId: string;
  /** `ip:port`. */
  readonly remoteAddr: string;
  /** Of who publishes. */
  readonly video: VideoStat | null;
  readonly audio: AudioStat | null;
  readonly totals: MediaTotals | null;
  /** Who watch this user. */
  readonly viewers: number;
  /** Where to post a WHEP offer; null of who watches. */
  readonly watchUrl: string | null;
}

/** A user who is to be let into a room. */
export interface RoomAddressRequest extends RoomName {
  readonly userId: string;
  /** Default the userId. */
  readonly displayName?: string;
  /** From now; default ten hours. */
  readonly expiresSec?: number;
}

/** Where a user may publish, and where that is watched. */
export interface RoomAddress {
  readonly rtmpAddress: string;
  /** For OBS: Server. */
  readonly server: string;
  /** For OBS: Stream key. */
  readonly streamKey: string;
  /** A command that pushes a test picture. */
  readonly ffmpeg: string;
  /** For the RTS SDK. */
  readonly rts: string;
  /** To post an offer to. */
  readonly whep: string;
  readonly expiresMs: number;
}

/** @throws UsageError */
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
  const rtmpAddress = `rtmp://${base.authority}${path}`;
  return {
    rtmpAddress,
    server: `rtmp://${base.authority}${path.slice(0, slash)}`,
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
  online: RegisteredUser | undefined,
  context: { readonly viewers: number; readonly base: UrlBase },
): ParticipantView {
  const { video = null, audio = null } = online?.stat() ?? {};
  return {
    userId,
    displayName,
    role,
    joinedMs,
    sessionId,
    remoteAddr,
    video,
    audio,
    totals: online ? { ...online.totals() } : null,
    viewers: online ? context.viewers : 0,
    watchUrl: online ? watchUrl(context.base, room, userId) : null,
  };
}

/** Needs no address of the room. */
function watchUrl({ authority }: UrlBase, { appId, channelId }: RoomName, userId: string): string {
  return `http://${authority}/_emulator/rooms/${appId}/${channelId}/${userId}`;
}

function checkApplication(appId: string, rooms: Rooms): void {
  try {
    rooms.checkApplication(appId, undefined);
  } catch (error) {
    if (error instanceof RpcError) throw new UsageError(`The request: ${error.reason ?? error.message}.`);
    throw error;
  }
}
