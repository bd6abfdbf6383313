/** Applies the referer list to requests. Sources: "PutBucketReferer" page and the pages of EC 0003-00000501 to …503. */

import type { RefererDocument } from '../../aliyun/xml/bucket-documents.ts';
import { OssError } from '../../base/errors.ts';
import type { Bucket } from '../../storage/metadata/records.ts';
import { configurationOf } from '../bucket/bucket-configurations.ts';
import type { Call } from './rest-call.ts';

/**
 * Checks requests that a web page can cause: anonymous ones and those with a signed URL.
 * @throws OssError AccessDenied
 */
export function checkReferer(bucket: Bucket, call: Call): void {
  if (call.caller.scheme.endsWith('-header')) return;
  const config = configurationOf(bucket, 'referer');
  if (!config) return;
  const header = call.headers.get('referer') ?? '';
  if (header === '') {
    if (config.allowEmptyReferer !== 'false' || config.referers.length === 0) return;
    throw denied('0003-00000501', 'no Referer');
  }
  const referer = truncate(header, config);
  if (config.blacklist.some((pattern) => matchesStart(pattern, referer))) {
    throw denied('0003-00000502', `Referer ${referer} is on the black list`);
  }
  if (config.referers.length === 0 || config.referers.some((pattern) => matchesStart(pattern, referer))) return;
  throw denied('0003-00000503', `Referer ${referer} is not on the white list`);
}

function truncate(referer: string, { truncatePath, allowTruncateQueryString }: RefererDocument): string {
  if (truncatePath === 'true') return /^[^/]*\/\/[^/?]*/.exec(referer)?.[0] ?? referer;
  return allowTruncateQueryString === 'false' ? referer : (referer.split('?')[0] ?? '');
}

/**
 * Whether the text starts with the pattern, in which `*` stands for any characters and `?` for one: `www.example.com`
 * allows `www.example.com/123` and `www.example.com.cn` ("Configure hotlink protection" page). It goes back to the last
 * `*` only, so that the time is at most the product of the two lengths.
 */
export function matchesStart(pattern: string, text: string): boolean {
  let inPattern = 0;
  let inText = 0;
  let star = -1;
  let starText = 0;
  while (inPattern < pattern.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern++;
      starText = inText;
    } else if (inText < text.length && (pattern[inPattern] === '?' || pattern[inPattern] === text[inText])) {
      inPattern++;
      inText++;
    } else if (star >= 0 && starText < text.length) {
      inPattern = star + 1;
      inText = ++starText;
    } else {
      return false;
    }
  }
  return true;
}

function denied(ec: string, reason: string): OssError {
  return new OssError('AccessDenied', 'You are denied by bucket referer policy.', { ec, reason });
}
