/**
 * `x-oss-process=hls/sign`: a playlist with signed entries, so that a player can read a private bucket with one signed
 * URL. Source: "HLS encryption and signing" best practice and the pages of EC 0044-000004xx.
 */

import { parseIsoBasic } from '../../../aliyun/auth/request-time.ts';
import type { AccessKey, Resource } from '../../../aliyun/auth/signed-request.ts';
import { findHidden } from '../../../aliyun/auth/v1.ts';
import { signV1Url } from '../../../aliyun/auth/v1-query.ts';
import { type ErrorCode, OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { requireReadable } from '../../../storage/objects/restore.ts';
import { noteAccess } from '../../access-monitor/note-access.ts';
import type { BucketCall, Services } from '../rest-call.ts';
import { objectHeaders } from './object-headers.ts';
import { openFollowing } from './object-read.ts';

/** A day of one-second fragments is 3 MiB; the limit of the service is not published. */
const MAX_PLAYLIST_BYTES = 8 * 1024 * 1024;
const MAX_TOKEN_LENGTH = 100;
const PLAYLIST_SUFFIX = '.m3u8';
const FRAGMENT_SUFFIX = '.ts';

export async function getSignedPlaylist(call: BucketCall, services: Services): Promise<Answer> {
  checkToken(call.query.get('x-oss-hls-sign-token'));
  if (!call.key.endsWith(PLAYLIST_SUFFIX)) {
    throw refusal('InvalidRequest', '0044-00000403', 'Playlist name must ends with ".m3u8".');
  }
  const nowMs = services.clock.now();
  const { record, reader, bytesOf } = await openFollowing(call, services);
  let signer: UrlSigner;
  try {
    signer = urlSigner(call);
    requireReadable(bytesOf, call.bucket.storageClass, nowMs);
    if (record.sizeBytes > MAX_PLAYLIST_BYTES) {
      throw refusal('InvalidRequest', '0044-00000404', 'Size of playlist is too big.');
    }
    await noteAccess(call.bucket, bytesOf, services);
  } catch (error) {
    await reader.close();
    throw error;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of reader.chunks()) chunks.push(Buffer.from(chunk));
  const playlist = { bucket: call.bucketName, key: call.key };
  const text = signPlaylist(Buffer.concat(chunks).toString(), playlist, signer);
  // These checksums belong to the stored bytes, not to the answer.
  const {
    etag: _etag,
    'content-md5': _md5,
    'x-oss-hash-crc64ecma': _crc,
    ...headers
  } = objectHeaders(record, call.bucket, nowMs);
  return { status: 200, headers, body: text };
}

/**
 * Adds a signature to every entry that is relative to the playlist. Entries with a query, a scheme or a leading slash
 * stay unchanged, and so do those whose signature would be that of another object: who may write the playlist could read
 * with it what only the signer may.
 * @throws OssError InvalidRequest
 */
function signPlaylist(text: string, playlist: Resource, { key, expiresSec }: UrlSigner): string {
  const folder = playlist.key.slice(0, playlist.key.lastIndexOf('/') + 1);
  const lines = text.split('\n');
  const entries = lines.map((line) => line.trimEnd()).filter(isEntry);
  const nested = entries.filter((entry) => entry.endsWith(PLAYLIST_SUFFIX));
  if (entries.length === 0) throw refusal('InvalidRequest', '0044-00000408', 'No ts found in the playlist.');
  if (nested.length > 0 && nested.length < entries.length) {
    throw refusal('InvalidRequest', '0044-00000409', 'Master playlist has ts file.');
  }
  return lines
    .map((line) => {
      const name = line.trimEnd();
      if (!isEntry(name)) return line;
      const entry = { bucket: playlist.bucket, key: resolveKey(folder, name) };
      if (findHidden(entry, []) !== undefined) return line;
      return `${name}?${signV1Url(entry, key, expiresSec)}`;
    })
    .join('\n');
}

function isEntry(line: string): boolean {
  if (line.startsWith('#') || line.startsWith('/') || line.includes('?') || /^[a-z][a-z0-9+.-]*:/i.test(line))
    return false;
  return line.endsWith(FRAGMENT_SUFFIX) || line.endsWith(PLAYLIST_SUFFIX);
}

/** An entry is a URI reference relative to the folder of its playlist; `../` leaves that folder (RFC 3986, 5.2.4). */
function resolveKey(folder: string, name: string): string {
  const segments = folder.split('/').slice(0, -1);
  for (const segment of name.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.') segments.push(decodeName(segment));
  }
  return segments.join('/');
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

interface UrlSigner {
  readonly key: AccessKey;
  readonly expiresSec: number;
}

/**
 * The key that signed the URL of the playlist, and its expiry.
 * @throws OssError InvalidRequest when the request is not signed in its URL
 */
function urlSigner({ caller, query }: BucketCall): UrlSigner {
  if (caller.scheme === 'v1-query' || caller.scheme === 'v2-query') {
    return { key: caller.key, expiresSec: caller.expiresSec ?? 0 };
  }
  if (caller.scheme === 'v4-query') {
    const signedSec = (parseIsoBasic(query.get('x-oss-date') ?? '') ?? 0) / 1000;
    return { key: caller.key, expiresSec: signedSec + Number(query.get('x-oss-expires')) };
  }
  throw refusal('InvalidRequest', '0044-00000410', 'The hls/sign process needs a signed URL.');
}

function checkToken(token: string | undefined): void {
  if (token === undefined) return;
  if (token.length > MAX_TOKEN_LENGTH) {
    throw refusal(
      'InvalidArgument',
      '0044-00000401',
      `The hls sign token must not exceed ${MAX_TOKEN_LENGTH} characters.`,
    );
  }
  if (!/^[A-Za-z0-9_.-]*$/.test(token)) {
    throw refusal('InvalidArgument', '0044-00000402', 'The hls sign token has illegal characters.');
  }
}

function refusal(code: ErrorCode, ec: string, message: string): OssError {
  return new OssError(code, message, { ec });
}
