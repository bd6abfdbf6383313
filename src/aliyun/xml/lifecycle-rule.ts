/** What PutBucketLifecycle stores and GetBucketLifecycle answers. Source: PutBucketLifecycle page. */

/** The storage classes that a rule can change objects to, each colder than those before it. */
export const TRANSITION_CLASSES = ['IA', 'Archive', 'ColdArchive', 'DeepColdArchive'] as const;
export type TransitionClass = (typeof TRANSITION_CLASSES)[number];

/** When an action is due: so many days after a time of the object, for objects older than a date, from a date on. */
export type ActionTime =
  | { readonly kind: 'days'; readonly days: number }
  | { readonly kind: 'created-before'; readonly dateMs: number }
  | { readonly kind: 'date'; readonly dateMs: number };

export interface LifecycleTag {
  readonly key: string;
  readonly value: string;
}

/** The objects that a rule leaves out: those with both, if both are given. */
export interface LifecycleNot {
  /** Empty: no condition. */
  readonly prefix: string;
  readonly tag?: LifecycleTag;
}

export interface LifecycleFilter {
  readonly objectSizeGreaterThan?: number;
  readonly objectSizeLessThan?: number;
  readonly not?: LifecycleNot;
}

export interface LifecycleExpiration {
  /** Absent: it only removes delete markers. */
  readonly when?: ActionTime;
  readonly expiredObjectDeleteMarker?: boolean;
}

/** Absent fields were absent in the document. */
export interface AccessOptions {
  readonly isAccessTime?: boolean;
  readonly returnToStdWhenVisit?: boolean;
  readonly allowSmallFile?: boolean;
}

export interface LifecycleTransition extends AccessOptions {
  readonly when: ActionTime;
  readonly storageClass: TransitionClass;
}

export interface NoncurrentTransition extends AccessOptions {
  readonly noncurrentDays: number;
  readonly storageClass: TransitionClass;
}

export interface LifecycleRule {
  /** Empty: to be made up. */
  readonly id: string;
  /** Empty: the whole bucket. */
  readonly prefix: string;
  readonly isEnabled: boolean;
  /** An object must have all of them. */
  readonly tags: readonly LifecycleTag[];
  readonly filter?: LifecycleFilter;
  readonly expiration?: LifecycleExpiration;
  readonly transitions: readonly LifecycleTransition[];
  readonly abortMultipartUpload?: ActionTime;
  readonly noncurrentExpirationDays?: number;
  readonly noncurrentTransitions: readonly NoncurrentTransition[];
}

export interface LifecycleDocument {
  readonly rules: readonly LifecycleRule[];
}

/** Whether the rule needs the times at which objects were accessed. */
export function usesAccessTime({ transitions, noncurrentTransitions }: LifecycleRule): boolean {
  return [...transitions, ...noncurrentTransitions].some(({ isAccessTime }) => isAccessTime === true);
}
