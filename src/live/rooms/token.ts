/**
 * The address of a room says itself whom it lets in: its stream name is base64url, without padding, of the gzip of a JSON
 * object. Source: the example of the CreateRoomRealTimeStreamAddress page, whose name decodes so; the field `a` is ours,
 * because the service finds the application by the name before it.
 */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

export interface RoomUser {
  readonly appId: string;
  readonly channelId: string;
  readonly userId: string;
  readonly displayName: string;
}

/** What a stream name says; the application is missing in those that were not made here. */
export type RoomToken = Omit<RoomUser, 'appId'> & { readonly appId?: string };

const MAX_NAME_CHARS = 2048;
const MAX_JSON_BYTES = 4096;
const MAX_DISPLAY_NAME_CHARS = 40;

/** What every gzip file begins with, in base64. */
const GZIP_BEGIN = 'H4sI';

export function isRoomId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text);
}

export function isDisplayName(text: string): boolean {
  const sizeChars = [...text].length;
  return sizeChars >= 1 && sizeChars <= MAX_DISPLAY_NAME_CHARS && !/\p{Cc}/u.test(text);
}

/** The RTMP application of an AppId: always the same, and it gives nothing away. */
export function roomApp(appId: string): string {
  return `rtc${createHash('sha256').update(appId).digest('hex').slice(0, 12)}`;
}

/** Whether an RTMP application is one of rooms. A stream may have one that is called so too. */
export function isRoomApp(app: string): boolean {
  return app.startsWith('rtc');
}

/** Whether a publish or play address is that of a room, good or not. */
export function isRoomAddress(app: string, streamName: string): boolean {
  return isRoomApp(app) && streamName.startsWith(GZIP_BEGIN);
}

/** @param nonce makes two names for the same user differ: 32 hexadecimal digits */
export function writeRoomToken({ appId, channelId, userId, displayName }: RoomUser, nonce: string): string {
  const json = JSON.stringify({ c: channelId, u: userId, d: displayName, r: nonce, a: appId });
  return gzipSync(json).toString('base64url');
}

/** Undefined when it is none. Never makes more of it than a few kilobytes. */
export function readRoomToken(streamName: string): RoomToken | undefined {
  if (streamName.length > MAX_NAME_CHARS || !/^[\w-]+={0,2}$/.test(streamName)) return undefined;
  try {
    const json = gunzipSync(Buffer.from(streamName, 'base64url'), { maxOutputLength: MAX_JSON_BYTES });
    return readFields(JSON.parse(json.toString()));
  } catch {
    // Not gzip, a bomb, or no JSON: no address of ours in any case.
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
