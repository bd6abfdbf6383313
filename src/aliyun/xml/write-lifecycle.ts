/** Writes the document of GetBucketLifecycle. */
import {
  type AccessOptions,
  type ActionTime,
  type LifecycleDocument,
  type LifecycleExpiration,
  type LifecycleRule,
  type LifecycleTag,
  type LifecycleTransition,
  type NoncurrentTransition,
  usesAccessTime,
} from './lifecycle-rule.ts';
import { writeXml, type XmlContent, xmlTime } from './write.ts';

/**
 * GetBucketLifecycle.
 * @param accessTrackedSinceMs since when the times of access are known, which rules by access time are counted from
 */
export function lifecycleConfigurationDocument(
  { rules }: LifecycleDocument,
  accessTrackedSinceMs: number | undefined,
): string {
  return writeXml('LifecycleConfiguration', {
    Rule: rules.map((rule) => ruleElements(rule, accessTrackedSinceMs)),
  });
}

function ruleElements(rule: LifecycleRule, accessTrackedSinceMs: number | undefined): XmlContent {
  const { id, prefix, isEnabled, tags, filter, expiration, transitions, abortMultipartUpload } = rule;
  const { noncurrentExpirationDays, noncurrentTransitions } = rule;
  const atimeBase =
    usesAccessTime(rule) && accessTrackedSinceMs !== undefined ? Math.floor(accessTrackedSinceMs / 1000) : undefined;
  return {
    ID: id,
    Prefix: prefix,
    Status: isEnabled ? 'Enabled' : 'Disabled',
    Tag: tags.length > 0 ? tags.map(tagElements) : undefined,
    Filter: filter && {
      ObjectSizeGreaterThan: filter.objectSizeGreaterThan,
      ObjectSizeLessThan: filter.objectSizeLessThan,
      Not: filter.not && { Prefix: filter.not.prefix, Tag: filter.not.tag && tagElements(filter.not.tag) },
    },
    Expiration: expiration && expirationElements(expiration),
    Transition: transitions.length > 0 ? transitions.map(transitionElements) : undefined,
    AbortMultipartUpload: abortMultipartUpload && timeElements(abortMultipartUpload),
    NoncurrentVersionExpiration:
      noncurrentExpirationDays === undefined ? undefined : { NoncurrentDays: noncurrentExpirationDays },
    NoncurrentVersionTransition:
      noncurrentTransitions.length > 0 ? noncurrentTransitions.map(noncurrentTransitionElements) : undefined,
    AtimeBase: atimeBase,
  };
}

type Elements = Readonly<Record<string, XmlContent | undefined>>;

function tagElements({ key, value }: LifecycleTag): Elements {
  return { Key: key, Value: value };
}

function expirationElements({ when, expiredObjectDeleteMarker }: LifecycleExpiration): Elements {
  return { ...(when && timeElements(when)), ExpiredObjectDeleteMarker: expiredObjectDeleteMarker };
}

function transitionElements(transition: LifecycleTransition): Elements {
  return {
    ...timeElements(transition.when),
    StorageClass: transition.storageClass,
    ...accessElements(transition),
  };
}

function noncurrentTransitionElements(transition: NoncurrentTransition): Elements {
  return {
    NoncurrentDays: transition.noncurrentDays,
    StorageClass: transition.storageClass,
    ...accessElements(transition),
  };
}

function accessElements({ isAccessTime, returnToStdWhenVisit, allowSmallFile }: AccessOptions): Elements {
  return { IsAccessTime: isAccessTime, ReturnToStdWhenVisit: returnToStdWhenVisit, AllowSmallFile: allowSmallFile };
}

function timeElements(when: ActionTime): Elements {
  switch (when.kind) {
    case 'days':
      return { Days: when.days };
    case 'created-before':
      return { CreatedBeforeDate: xmlTime(when.dateMs) };
    case 'date':
      return { Date: xmlTime(when.dateMs) };
  }
}
