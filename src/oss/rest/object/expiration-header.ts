import { isInDateRange } from '../../../base/date-range.ts';
import type { Bucket, ObjectRecord } from '../../../storage/metadata/records.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import { expirationOf, indexRules } from '../../lifecycle/lifecycle-rules.ts';
import { subjectOf } from '../../lifecycle/lifecycle-subject.ts';

/**
 * `x-oss-expiration`, in answers to GET and HEAD of an object that a lifecycle rule will delete ("Lifecycle rules based on
 * the last modified time" page). The page does not say how an id is written that a header cannot carry: percent-encoded.
 */
export function expirationHeader(record: ObjectRecord, bucket: Bucket): Record<string, string> {
  const lifecycle = configurationOf(bucket, 'lifecycle');
  if (!lifecycle) return {};
  const expiration = expirationOf(indexRules(lifecycle.rules), subjectOf(record, bucket));
  if (!expiration) return {};
  const { expiresMs, ruleId } = expiration;
  // A rule may wait for millions of years, which no HTTP date can tell.
  if (!isInDateRange(expiresMs)) return {};
  const date = new Date(expiresMs).toUTCString();
  return { 'x-oss-expiration': `expiry-date="${date}", rule-id="${encodeURIComponent(ruleId)}"` };
}
