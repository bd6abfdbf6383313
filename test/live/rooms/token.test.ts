import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsAuthKey, parseAuthKey } from '../../../src/aliyun/auth/auth-key.ts';
import {
  isDisplayName,
  isRoomAddress,
  isRoomId,
  readRoomToken,
  roomApp,
  writeRoomToken,
} from '../../../src/live/rooms/token.ts';

/** Not made by the emulator. */
const vectors: { readonly roomToken: readonly Readonly<Record<string, string>>[] } = JSON.parse(
  readFileSync(new URL('../../../fixtures/rpc-signing-vectors.json', import.meta.url), 'utf8'),
);

const USER = { appId: 'app-1', channelId: 'room_1', userId: 'u1', displayName: 'Zoë 门' };
const NONCE = '0123456789abcdef0123456789abcdef';

function packed(value: unknown): string {
  return gzipSync(JSON.stringify(value)).toString('base64url');
}

describe('the name', () => {
  it('is the gzip of its fields, in base64url without padding', () => {
    const name = writeRoomToken(USER, NONCE);
    expect(name).toMatch(/^H4sIAAAA[\w-]+$/);
    const json = gunzipSync(Buffer.from(name, 'base64url')).toString();
    expect(json).toBe(`{"c":"room_1","u":"u1","d":"Zoë 门","r":"${NONCE}","a":"app-1"}`);
  });

  it('gives the user back', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
    const displayName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter(isDisplayName);
    fc.assert(
      fc.property(fc.record({ appId: id, channelId: id, userId: id, displayName }), (user) => {
        expect(readRoomToken(writeRoomToken(user, NONCE))).toEqual(user);
      }),
    );
  });

  it('may lack the application, as those of the service do', () => {
    const { appId: _, ...rest } = USER;
    expect(readRoomToken(packed({ c: 'room_1', u: 'u1', d: 'Zoë 门', r: NONCE }))).toEqual(rest);
  });

  it('is read as an independent implementation wrote it, padded or not', () => {
    const [vector] = vectors.roomToken;
    const json = JSON.parse(vector?.json ?? '');
    const expected = { channelId: json.c, userId: json.u, displayName: json.d };
    expect(readRoomToken(vector?.streamName ?? '')).toEqual(expected);
    expect(readRoomToken(`${vector?.streamName}=`)).toEqual(expected);
    const authKey = parseAuthKey(vector?.authKey ?? '');
    expect(authKey && fitsAuthKey(authKey, vector?.path ?? '', [vector?.key ?? ''])).toBe(true);
  });

  it.each([
    ['no base64url', 'H4sI+/=='],
    ['no gzip', Buffer.from('{"c":"a"}').toString('base64url')],
    ['cut short', writeRoomToken(USER, NONCE).slice(0, -8)],
    ['no JSON', gzipSync('{').toString('base64url')],
    ['no object', packed(null)],
    ['an array', packed(['c', 'u', 'd', 'r'])],
    ['a field too few', packed({ c: 'a', u: 'b', d: 'c' })],
    ['a field too many', packed({ c: 'a', u: 'b', d: 'c', r: 'd', x: 'e' })],
    ['a number', packed({ c: 1, u: 'b', d: 'c', r: 'd' })],
    ['a channel with a slash', packed({ c: 'a/b', u: 'b', d: 'c', r: 'd' })],
    ['an empty user', packed({ c: 'a', u: '', d: 'c', r: 'd' })],
    ['a control character', packed({ c: 'a', u: 'b', d: 'c\n', r: 'd' })],
    ['too long', packed({ c: 'a', u: 'b', d: 'c', r: 'd' }).padEnd(2049, 'A')],
    ['a bomb', gzipSync(Buffer.alloc(1_000_000, ' ')).toString('base64url')],
  ])('is no token: %s', (_, name) => {
    expect(readRoomToken(name)).toBeUndefined();
  });

  it('reads nothing into noise, and does not throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const name = Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), bytes]).toString('base64url');
        expect(readRoomToken(name)).toBeUndefined();
      }),
    );
  });
});

it('an application has one RTMP application, which gives nothing away', () => {
  expect(roomApp('app-1')).toBe(roomApp('app-1'));
  expect(roomApp('app-1')).not.toBe(roomApp('app-2'));
  expect(roomApp('app-1')).toMatch(/^rtc[0-9a-f]{12}$/);
  expect(isRoomAddress(roomApp('app-1'), writeRoomToken(USER, NONCE))).toBe(true);
  expect(isRoomAddress('rtcpush', 'camera')).toBe(false);
  expect(isRoomAddress('live', writeRoomToken(USER, NONCE))).toBe(false);
});

it.each(['a', 'A_b-9', 'x'.repeat(64)])('%j is an id', (id) => expect(isRoomId(id)).toBe(true));
it.each(['', 'a b', 'ä', 'a/b', 'x'.repeat(65)])('%j is no id', (id) => expect(isRoomId(id)).toBe(false));
it.each(['a', '门'.repeat(40), '😀'.repeat(40)])('%j is a display name', (name) => {
  expect(isDisplayName(name)).toBe(true);
});
it.each(['', 'x'.repeat(41), 'a\tb', 'a\u0085'])('%j is no display name', (name) => {
  expect(isDisplayName(name)).toBe(false);
});
