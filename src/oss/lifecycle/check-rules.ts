/**
 * What lifecycle rules must be to themselves and to each other. Sources: PutBucketLifecycle page, the pages of the ECs,
 * and messages of the service that its users report.
 */
import {
  type ActionTime,
  type LifecycleRule,
  type LifecycleTransition,
  type NoncurrentTransition,
  TRANSITION_CLASSES,
  type TransitionClass,
  usesAccessTime,
} from '../../aliyun/xml/lifecycle-rule.ts';
import { invalidArgument, OssError } from '../../base/errors.ts';

export interface RuleContext {
  /** `x-oss-allow-same-action-overlap`: for an object, the rule with the longest prefix decides about each action. */
  readonly allowOverlap: boolean;
  /** Whether the times at which objects of the bucket are accessed are known. */
  readonly tracksAccess: boolean;
}

/** An action by a number of days, for the comparison with others. */
interface DaysOf {
  readonly days: number;
  /** Undefined: objects are deleted. */
  readonly storageClass: TransitionClass | undefined;
}

/** An action that two rules with overlapping prefixes must not both have. */
interface Action {
  /** As the message of the refusal names it. */
  readonly type: string;
  /** Transitions to different storage classes are different actions. */
  readonly kind: string;
}

const ABORT = 'AbortMultipartUpload';

/**
 * @throws OssError InvalidArgument, InvalidRequest or MalformedXML when the rules contradict themselves or each other
 */
export function checkRules(rules: readonly LifecycleRule[], context: RuleContext): void {
  refuseSameId(rules);
  for (const rule of rules) checkRule(rule, context);
  checkPrefixes(rules, context);
}

function refuseSameId(rules: readonly LifecycleRule[]): void {
  const ids = new Set<string>();
  for (const { id } of rules) {
    if (ids.has(id)) throw invalidArgument('ID', id, 'Rule ID must be unique.', '0014-00000020');
    ids.add(id);
  }
}

function checkRule(rule: LifecycleRule, { tracksAccess }: RuleContext): void {
  if (actionsOf(rule).length === 0) throw invalidRequest('At least one action needs to be specified.', '0014-00000026');
  checkFilter(rule);
  checkAccessTime(rule, tracksAccess);
  refuseSameClass(rule.transitions);
  refuseSameClass(rule.noncurrentTransitions);
  refuseMixedTimes(rule);
  checkOrder(daysByModification(rule));
  checkOrder(noncurrentDays(rule));
  checkOrder(daysByAccess(rule.transitions));
}

function checkFilter({ prefix, tags, filter, expiration, abortMultipartUpload, ...rule }: LifecycleRule): void {
  const removesMarkers = expiration?.expiredObjectDeleteMarker === true;
  if (tags.length > 0 && (abortMultipartUpload || removesMarkers)) {
    throw invalidRequest('Tag cannot be used with AbortMultipartUpload or ExpiredObjectDeleteMarker.', '0014-00000027');
  }
  if (!filter) return;
  const { not, objectSizeGreaterThan, objectSizeLessThan } = filter;
  const hasSize = objectSizeGreaterThan !== undefined || objectSizeLessThan !== undefined;
  const hasRange = objectSizeGreaterThan !== undefined && objectSizeLessThan !== undefined;
  if (hasSize && [...rule.transitions, ...rule.noncurrentTransitions].some((one) => one.allowSmallFile !== undefined)) {
    throw invalidRequest('AllowSmallFile cannot be used with a filter by size.', '0014-00000054');
  }
  if (abortMultipartUpload && (not || hasRange))
    throw invalidRequest('Filter cannot be used with AbortMultipartUpload.');
  if (removesMarkers && hasRange)
    throw invalidRequest('A range of sizes cannot be used with ExpiredObjectDeleteMarker.');
  if (!not) return;
  const isWholeRule = not.prefix === prefix && !not.tag;
  if (isWholeRule || (not.prefix !== '' && !not.prefix.startsWith(prefix))) {
    const reason = 'The prefix of Not must begin with the prefix of the rule, and leave objects to it.';
    throw invalidArgument('Prefix', not.prefix, reason, '0014-00000035');
  }
  if (not.tag && tags.some(({ key }) => key === not.tag?.key)) {
    throw invalidArgument('Tag', not.tag.key, 'The tag of Not is a tag of the rule.', '0014-00000036');
  }
}

function checkAccessTime(rule: LifecycleRule, tracksAccess: boolean): void {
  if (!usesAccessTime(rule)) return;
  if (!tracksAccess) throw invalidRequest('The access monitor of the bucket is not enabled.', '0014-00000016');
  for (const { isAccessTime, storageClass, ...transition } of [...rule.transitions, ...rule.noncurrentTransitions]) {
    if (isAccessTime !== true) continue;
    if ('when' in transition && transition.when.kind !== 'days') {
      throw invalidRequest('CreatedBeforeDate cannot be used with IsAccessTime.', '0014-00000047');
    }
    if (storageClass !== 'IA' && storageClass !== 'Archive') {
      const reason = 'The storage class cannot be reached by access time.';
      throw invalidArgument('StorageClass', storageClass, reason, '0014-00000051');
    }
  }
}

/** Two transitions to the same class would contradict each other. */
function refuseSameClass(transitions: readonly { readonly storageClass: TransitionClass }[]): void {
  const classes = new Set<TransitionClass>();
  for (const { storageClass } of transitions) {
    if (classes.has(storageClass)) {
      throw invalidArgument('StorageClass', storageClass, 'Found two transitions to the same StorageClass.');
    }
    classes.add(storageClass);
  }
}

/** Multipart uploads may have another kind of time than objects: oss2's tests. */
function refuseMixedTimes({ expiration, transitions }: LifecycleRule): void {
  const times = [expiration?.when, ...transitions.map(({ when }) => when)].filter((when) => when !== undefined);
  const inDays = times.filter(({ kind }) => kind === 'days');
  if (inDays.length === 0 || inDays.length === times.length) return;
  throw invalidRequest("Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule.");
}

function daysByModification({ expiration, transitions }: LifecycleRule): readonly DaysOf[] {
  const moved = transitions.filter(({ isAccessTime }) => isAccessTime !== true);
  return [...moved.flatMap(transitionDays), ...deletionDays(expiration?.when)];
}

function daysByAccess(transitions: readonly LifecycleTransition[]): readonly DaysOf[] {
  return transitions.filter(({ isAccessTime }) => isAccessTime === true).flatMap(transitionDays);
}

function noncurrentDays({ noncurrentTransitions, noncurrentExpirationDays: days }: LifecycleRule): readonly DaysOf[] {
  const moved = noncurrentTransitions.filter(({ isAccessTime }: NoncurrentTransition) => isAccessTime !== true);
  return [
    ...moved.map((transition) => ({ days: transition.noncurrentDays, storageClass: transition.storageClass })),
    ...(days === undefined ? [] : [{ days, storageClass: undefined }]),
  ];
}

function transitionDays({ when, storageClass }: LifecycleTransition): readonly DaysOf[] {
  return when.kind === 'days' ? [{ days: when.days, storageClass }] : [];
}

function deletionDays(when: ActionTime | undefined): readonly DaysOf[] {
  return when?.kind === 'days' ? [{ days: when.days, storageClass: undefined }] : [];
}

/** Colder storage comes later, and the deletion last. */
function checkOrder(actions: readonly DaysOf[], ec?: string): void {
  const ordered = actions.toSorted((a, b) => coldness(a) - coldness(b));
  ordered.forEach((later, at) => {
    const earlier = ordered[at - 1];
    if (earlier === undefined || earlier.days < later.days) return;
    const days = String(later.days);
    if (later.storageClass === undefined) {
      throw invalidArgument('Days', days, 'Days in the Expiration action must be more than the Transition action', ec);
    }
    const reason = `Days in the Transition action for StorageClass ${later.storageClass} must be more than the Transition action for StorageClass ${earlier.storageClass}`;
    throw invalidArgument('Days', days, reason, ec);
  });
}

function coldness({ storageClass }: DaysOf): number {
  return storageClass === undefined ? TRANSITION_CLASSES.length : TRANSITION_CLASSES.indexOf(storageClass);
}

/**
 * Compares each rule with those whose prefix its own begins with. In the order of prefixes these come right before it, so
 * a stack holds them.
 */
function checkPrefixes(rules: readonly LifecycleRule[], { allowOverlap }: RuleContext): void {
  const ordered = rules.toSorted((a, b) => (a.prefix === b.prefix ? 0 : a.prefix < b.prefix ? -1 : 1));
  const around: LifecycleRule[] = [];
  for (const rule of ordered) {
    while (!rule.prefix.startsWith(around.at(-1)?.prefix ?? '')) around.pop();
    if (allowOverlap) {
      // Multipart uploads are the exception.
      if (!rule.abortMultipartUpload) continue;
      if (around.length > 0) throw sameAction(ABORT);
    } else {
      for (const other of around) refuseOverlap(other, rule);
    }
    around.push(rule);
  }
}

function refuseOverlap(outer: LifecycleRule, inner: LifecycleRule): void {
  const kinds = new Set(actionsOf(outer).map(({ kind }) => kind));
  const same = actionsOf(inner).find(({ kind }) => kinds.has(kind));
  if (same) throw sameAction(same.type);
  if (outer.prefix === inner.prefix) {
    throw invalidRequest(`Found two rules with same prefix '${inner.prefix}'`, '0014-00000085');
  }
  checkOrder([...daysByModification(outer), ...daysByModification(inner)], '0014-00000082');
  checkOrder([...noncurrentDays(outer), ...noncurrentDays(inner)], '0014-00000082');
}

function actionsOf(rule: LifecycleRule): readonly Action[] {
  const actions: Action[] = [];
  const add = (type: string, kind = type) => actions.push({ type, kind });
  if (rule.expiration) add('Expiration');
  if (rule.abortMultipartUpload) add(ABORT);
  if (rule.noncurrentExpirationDays !== undefined) add('NoncurrentVersionExpiration');
  for (const { storageClass } of rule.transitions) add('Transition', `Transition ${storageClass}`);
  for (const { storageClass } of rule.noncurrentTransitions) {
    add('NoncurrentVersionTransition', `NoncurrentVersionTransition ${storageClass}`);
  }
  return actions;
}

function sameAction(type: string): OssError {
  return invalidRequest(`Overlap for same action type ${type}`, '0014-00000084');
}

function invalidRequest(message: string, ec?: string): OssError {
  return new OssError('InvalidRequest', message, ec === undefined ? {} : { ec });
}
