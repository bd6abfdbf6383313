/** The parameters and headers of a request that belong to its signature, of every version. */

const NAMES: ReadonlySet<string> = new Set(
  `AccessKeyId Expires OSSAccessKeyId Signature security-token x-oss-access-key-id x-oss-additional-headers
  x-oss-content-sha256 x-oss-credential x-oss-date x-oss-expires x-oss-security-token`.split(/\s+/),
);

/** @param name as it is written in a query, or in lower case that of a header */
export function isOfSignature(name: string): boolean {
  return NAMES.has(name) || name.startsWith('x-oss-signature');
}
