/**
 * URL signing of ApsaraVideo Live, type A: `auth_key=<timestamp>-<rand>-<uid>-<md5>`.
 * Source: "URL signing" page of ApsaraVideo Live.
 */
import { createHash } from 'node:crypto';
import { sameSignature } from './claim.ts';
import { trimPasted } from './pasted-url.ts';
import { formatRpcTime } from './rpc-time.ts';

export interface AuthKey {
  /** Unix seconds. */
  readonly timestampSec: number;
  readonly rand: string;
  readonly uid: string;
  readonly md5: string;
}

/** Undefined when it does not have the four parts. */
export function parseAuthKey(text: string): AuthKey | undefined {
  const match = /^(\d{1,12})-([^-]*)-([^-]*)-([0-9a-f]{32})$/.exec(text);
  if (!match) return undefined;
  const [, timestamp = '', rand = '', uid = '', md5 = ''] = match;
  return { timestampSec: Number(timestamp), rand, uid, md5 };
}

/** The value of `auth_key` for a path such as `/app/stream` (for playing: with `.flv` or `.m3u8`). */
export function signAuthKey(path: string, timestampSec: number, rand: string, uid: string, key: string): string {
  return `${timestampSec}-${rand}-${uid}-${md5Of(path, { timestampSec, rand, uid }, key)}`;
}

/** Whether it was made with one of the keys (a domain has a main and a secondary one). Does not check the time. */
export function fitsAuthKey(authKey: AuthKey, path: string, keys: readonly string[]): boolean {
  return keys.some((key) => sameSignature(authKey.md5, md5Of(path, authKey, key)));
}

/** What an `auth_key` is checked against. */
export interface AuthKeyRule {
  readonly path: string;
  readonly keys: readonly string[];
  readonly nowMs: number;
}

/** Why the value of `auth_key` is refused; undefined when it is accepted. */
export function whyAuthKeyFails(text: string | undefined, { path, keys, nowMs }: AuthKeyRule): string | undefined {
  const authKey = parseAuthKey(text ?? '');
  if (!authKey) {
    const { text: trimmed, found } = trimPasted(text ?? '');
    if (parseAuthKey(trimmed)) return `there is ${found.join(' and ')} auth_key in the URL`;
    return `the URL needs auth_key=<timestamp>-<rand>-<uid>-<md5>, not ${text === undefined ? 'none' : 'this'}`;
  }
  if (!fitsAuthKey(authKey, path, keys)) {
    return `the md5 of auth_key is not that of ${path}-<timestamp>-<rand>-<uid>-<key>`;
  }
  const expiryMs = authKey.timestampSec * 1000;
  return expiryMs < nowMs ? `auth_key expired at ${formatRpcTime(expiryMs)}` : undefined;
}

function md5Of(path: string, { timestampSec, rand, uid }: Omit<AuthKey, 'md5'>, key: string): string {
  return createHash('md5').update(`${path}-${timestampSec}-${rand}-${uid}-${key}`).digest('hex');
}
