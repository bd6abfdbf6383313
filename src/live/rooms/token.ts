/**
 * The stream name of a room's address contains the user who may publish: it is base64url, without padding, of the gzip
 * of a JSON object. Source: the example of the CreateRoomRealTimeStreamAddress page can be decoded so. The field `a` is
 * an addition of the emulator, because the service finds the application by the RTMP application.
 */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

export interface RoomUser {
  readonly appId: string;
  readonly channelId: string;
  readonly userId: string;
  readonly displayName: string;
}

/** The content of a stream name; names that were not made by the emulator have no application. */
export type RoomToken = Omit<RoomUser, 'appId'> & { readonly appId?: string };

const MAX_NAME_CHARS = 2048;
const MAX_JSON_BYTES = 4096;
const MAX_DISPLAY_NAME_CHARS = 40;

/** The beginning of every gzip file, in base64. */
const GZIP_BEGIN = 'H4sI';

export function isRoomId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text);
}

export function isDisplayName(text: string): boolean {
  const sizeChars = [...text].length;
  return sizeChars >= 1 && sizeChars <= MAX_DISPLAY_NAME_CHARS && !/\p{Cc}/u.test(text);
}

/** The RTMP application of an AppId: a digest, so that it does not reveal the AppId. */
export function roomApp(appId: string): string {
  return `rtc${createHash('sha256').update(appId).digest('hex').slice(0, 12)}`;
}

/** Whether an RTMP application may be one of rooms; an application of streams can have the same form. */
export function isRoomApp(app: string): boolean {
  return app.startsWith('rtc');
}

/** Whether a publish or play address has the form of a room's address; it may be invalid. */
export function isRoomAddress(app: string, streamName: string): boolean {
  return isRoomApp(app) && streamName.startsWith(GZIP_BEGIN);
}

/** @param nonce 32 hexadecimal digits, which make each name of the same user different */
export function writeRoomToken({ appId, channelId, userId, displayName }: RoomUser, nonce: string): string {
  const json = JSON.stringify({ c: channelId, u: userId, d: displayName, r: nonce, a: appId });
  return gzipSync(json).toString('base64url');
}

/** Undefined when the name is no token. At most a few kilobytes are unpacked. */
export function readRoomToken(streamName: string): RoomToken | undefined {
  if (streamName.length > MAX_NAME_CHARS || !/^[\w-]+={0,2}$/.test(streamName)) return undefined;
  try {
    const json = gunzipSync(Buffer.from(streamName, 'base64url'), { maxOutputLength: MAX_JSON_BYTES });
    return readFields(JSON.parse(json.toString()));
  } catch {
    // No gzip, too large, or no JSON.
    return undefined;
  }
}

function readFields(fields: unknown): RoomToken | undefined {
  if (typeof fields !== 'object' || fields === null) return undefined;
  const { c, u, d, r, a, ...more }: Partial<Record<string, unknown>> = { ...fields };
  if (typeof c !== 'string' || typeof u !== 'string' || typeof d !== 'string' || typeof r !== 'string')
    return undefined;
  if (a !== undefined && typeof a !== 'string') return undefined;
  const isGood = isRoomId(c) && isRoomId(u) && isDisplayName(d) && (a === undefined || isRoomId(a));
  if (!isGood || Object.keys(more).length > 0) return undefined;
  return { channelId: c, userId: u, displayName: d, ...(a !== undefined && { appId: a }) };
}
