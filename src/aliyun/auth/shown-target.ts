/** A request target as logs and events show it. */
import { redact } from '../../base/redact.ts';
import { isSubResource } from './sub-resources.ts';

/** Sub-resources whose values are or may contain secrets. */
const HIDDEN_SUB_RESOURCES = ['callback', 'callback-var', 'security-token', 'x-oss-security-token'];

/** Parameters that are no sub-resources, and whose values say what a request was about. */
const SHOWN: ReadonlySet<string> = new Set(
  `Action AccessKeyId Expires Format OSSAccessKeyId Version allow-empty-marker-field delimiter encoding-type
  fetch-owner key-marker list-type marker max-keys max-parts max-uploads part-number-marker playlistName prefix
  start-after tag-key tag-value upload-id-marker version-id-marker x-oss-additional-headers x-oss-credential
  x-oss-date x-oss-expires x-oss-signature-version`.split(/\s+/),
);

/** Shorter than every signature and token. */
const SHORT_NAME = /^[\w.-]{1,24}$/;

/**
 * Path and query with the values of known parameters only: what an unknown one has may be a secret, and so may be a name
 * that is not known. A known one can hold what was copied to the wrong place, as a signed URL in `prefix`.
 */
export function shownTarget(target: string): string {
  const mark = target.indexOf('?');
  if (mark < 0) return redact(target);
  const query = target
    .slice(mark + 1)
    .split('&')
    .map(shownPair)
    .join('&');
  return `${redact(target.slice(0, mark))}?${query}`;
}

function shownPair(pair: string): string {
  const equals = pair.indexOf('=');
  const name = equals < 0 ? pair : pair.slice(0, equals);
  // Without its name, so that a pair within the value is seen.
  if (isShown(name)) return equals < 0 ? name : `${name}=${redact(pair.slice(equals + 1))}`;
  const shownName = SHORT_NAME.test(name) ? name : '***';
  return equals < 0 ? shownName : `${shownName}=***`;
}

function isShown(name: string): boolean {
  return SHOWN.has(name) || (isSubResource(name) && !HIDDEN_SUB_RESOURCES.includes(name));
}
