import { OssError } from '../../base/errors.ts';
import type { ObjectRecord } from '../metadata/records.ts';

/** The four conditional headers, as received. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
}

/** A date as HTTP writes it; `Date.parse` also takes `1`. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Reads them from headers that start with `prefix`: `if-`, or `x-oss-copy-source-if-` for a copy's source. */
export function readConditions(headers: ReadonlyMap<string, string>, prefix = 'if-'): Conditions {
  return {
    ifMatch: headers.get(`${prefix}match`),
    ifNoneMatch: headers.get(`${prefix}none-match`),
    ifModifiedSince: headers.get(`${prefix}modified-since`),
    ifUnmodifiedSince: headers.get(`${prefix}unmodified-since`),
  };
}

/**
 * When an entity tag is given, the date of the same kind is ignored (RFC 9110 clause 13.2.2). A date that cannot be
 * parsed is ignored too.
 *
 * @throws OssError PreconditionFailed or NotModified when a condition does not hold
 */
export function checkConditions(conditions: Conditions, object: Pick<ObjectRecord, 'etag' | 'lastModifiedMs'>): void {
  const modifiedSec = Math.floor(object.lastModifiedMs / 1000);
  const { ifMatch, ifNoneMatch } = conditions;
  const unmodifiedSinceSec = parseHttpDate(conditions.ifUnmodifiedSince);
  if (ifMatch !== undefined ? !matches(ifMatch, object.etag) : modifiedSec > (unmodifiedSinceSec ?? Infinity)) {
    const header = ifMatch !== undefined ? 'If-Match' : 'If-Unmodified-Since';
    throw new OssError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold.', {
      details: { Condition: header },
    });
  }
  const modifiedSinceSec = parseHttpDate(conditions.ifModifiedSince);
  if (ifNoneMatch !== undefined ? matches(ifNoneMatch, object.etag) : modifiedSec <= (modifiedSinceSec ?? -Infinity)) {
    throw new OssError('NotModified', 'Not Modified', { headers: { etag: `"${object.etag}"` } });
  }
}

/**
 * Whether a Range header counts, by the If-Range beside it (RFC 9110, 13.1.5): an entity tag that is equal by the strong
 * comparison, or the very date of the last modification. Anything else is an object that has changed.
 */
export function isRangeValid(
  ifRange: string | undefined,
  object: Pick<ObjectRecord, 'etag' | 'lastModifiedMs'>,
): boolean {
  if (ifRange === undefined) return true;
  const text = ifRange.trim();
  const tag = /^"([^"]*)"$/.exec(text)?.[1] ?? text;
  if (tag.toUpperCase() === object.etag.toUpperCase()) return true;
  return HTTP_DATE.test(text) && parseHttpDate(text) === Math.floor(object.lastModifiedMs / 1000);
}

/** A list of entity tags, quoted or bare, or `*`. OSS tags are hex; some clients send them in lower case. */
function matches(list: string, etag: string): boolean {
  return list.split(',').some((item) => {
    const tag = item
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1');
    return tag === '*' || tag.toUpperCase() === etag.toUpperCase();
  });
}

function parseHttpDate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
