/**
 * What the lifecycle rules of a bucket demand for an object at a time.
 *
 * Times: a time is rounded up to the next midnight (UTC) before days are added, and rules are executed from midnight on
 * (pages "why objects are not deleted" and "why rules do not take effect"). So an action by days is always due at a
 * midnight.
 *
 * Several rules: for each action, only that with the longest prefix counts, and the earlier one of those with the same
 * prefix; deletion has priority over transition; storage gets colder only ("Lifecycle rules based on the last modified
 * time" page).
 */
import {
  type ActionTime,
  type LifecycleNot,
  type LifecycleRule,
  type LifecycleTag,
  type LifecycleTransition,
  type NoncurrentTransition,
  TRANSITION_CLASSES,
  type TransitionClass,
} from '../../aliyun/xml/lifecycle-rule.ts';
import type { ObjectType } from '../../storage/metadata/records.ts';

/** What rules look at. */
export interface LifecycleSubject {
  readonly key: string;
  readonly type: ObjectType | 'DeleteMarker';
  readonly sizeBytes: number;
  readonly storageClass: string;
  readonly modifiedMs: number;
  /** When it was read last; that of its modification when it is not known. */
  readonly accessedMs: number;
  /** Called only when a rule asks for tags. */
  readonly tags: () => ReadonlyMap<string, string>;
}

/** A version that is not the current one. */
export interface NoncurrentSubject extends LifecycleSubject {
  /** When the version after it came. */
  readonly noncurrentSinceMs: number;
}

export type LifecycleAction =
  | { readonly kind: 'delete'; readonly ruleId: string }
  | { readonly kind: 'transition'; readonly ruleId: string; readonly storageClass: TransitionClass };

/** One action of one rule, with its time for an object; `Infinity`: never. */
interface Planned {
  readonly rule: LifecycleRule;
  readonly dueMs: number;
}

interface Move extends Planned {
  readonly storageClass: TransitionClass;
}

const CLASSES: readonly string[] = TRANSITION_CLASSES;
const DAY_MS = 86_400_000;
/** Transitions leave smaller objects out when AllowSmallFile is false. */
const SMALL_FILE_BYTES = 64 * 1024;
/** The last moment that a Date can be. */
const LAST_DATE_MS = 8.64e15;
/** Appendable objects cannot be changed to these (the page's limits). */
const NOT_APPENDABLE: readonly TransitionClass[] = ['ColdArchive', 'DeepColdArchive'];

/** The enabled rules of a bucket, to be found by the prefixes of a key, because there may be a thousand. */
export interface RuleIndex {
  readonly byPrefix: ReadonlyMap<string, readonly LifecycleRule[]>;
  /** The longest first. */
  readonly prefixLengths: readonly number[];
}

export function indexRules(rules: readonly LifecycleRule[]): RuleIndex {
  const byPrefix = new Map<string, LifecycleRule[]>();
  for (const rule of rules) {
    if (!rule.isEnabled) continue;
    const same = byPrefix.get(rule.prefix);
    if (same) same.push(rule);
    else byPrefix.set(rule.prefix, [rule]);
  }
  const lengths = new Set([...byPrefix.keys()].map((prefix) => prefix.length));
  return { byPrefix, prefixLengths: [...lengths].sort((a, b) => b - a) };
}

/** Prefixes of all keys that have a rule which satisfies `isMeant`; none of them begins with another. */
export function outermostPrefixes({ byPrefix }: RuleIndex, isMeant: (rule: LifecycleRule) => boolean): string[] {
  const meant = [...byPrefix].filter(([, rules]) => rules.some(isMeant)).map(([prefix]) => prefix);
  const outermost: string[] = [];
  for (const prefix of meant.sort()) {
    const last = outermost.at(-1);
    if (last === undefined || !prefix.startsWith(last)) outermost.push(prefix);
  }
  return outermost;
}

/** What is due for the current version of an object. */
export function actionFor(index: RuleIndex, subject: LifecycleSubject, nowMs: number): LifecycleAction | undefined {
  const rules = rulesFor(index, subject);
  if (rules.length === 0) return undefined;
  const deletion = decisive(rules, (rule) => plannedExpiration(rule, subject));
  if (deletion && deletion.dueMs <= nowMs) return { kind: 'delete', ruleId: deletion.rule.id };
  return coldestDue(subject, nowMs, (storageClass) =>
    decisive(rules, (rule) => plannedTransition(rule, storageClass, subject)),
  );
}

/** What is due for a version that is not the current one. */
export function noncurrentActionFor(
  index: RuleIndex,
  subject: NoncurrentSubject,
  nowMs: number,
): LifecycleAction | undefined {
  const rules = rulesFor(index, subject);
  if (rules.length === 0) return undefined;
  const deletion = decisive(rules, (rule) => plannedNoncurrentExpiration(rule, subject));
  if (deletion && deletion.dueMs <= nowMs) return { kind: 'delete', ruleId: deletion.rule.id };
  return coldestDue(subject, nowMs, (storageClass) =>
    decisive(rules, (rule) => plannedNoncurrentTransition(rule, storageClass, subject)),
  );
}

/** Whether a read returns an object to Standard: the rule that changes it to IA by the time of its last access says so. */
export function returnsWhenVisited(index: RuleIndex, subject: LifecycleSubject): boolean {
  const toIa = rulesFor(index, subject)
    .flatMap(({ transitions }) => transitions)
    .find(({ storageClass, isAccessTime }) => storageClass === 'IA' && isAccessTime === true);
  return toIa?.returnToStdWhenVisit === true;
}

/** Whether a delete marker is removed that is the only version left of its object. */
export function removesDeleteMarker(index: RuleIndex, key: string): boolean {
  return rulesOfKey(index, key).some(({ expiration }) => expiration?.expiredObjectDeleteMarker === true);
}

/** Whether a multipart upload that was begun at that time is aborted. Tags do not apply to parts. */
export function abortsUpload(index: RuleIndex, key: string, initiatedMs: number, nowMs: number): boolean {
  const planned = decisive(rulesOfKey(index, key), (rule) => {
    const when = rule.abortMultipartUpload;
    return when && { rule, dueMs: dueMs(when, initiatedMs) };
  });
  return planned !== undefined && planned.dueMs <= nowMs;
}

/** When the current version of an object expires, and by which rule. */
export function expirationOf(
  index: RuleIndex,
  subject: LifecycleSubject,
): { readonly ruleId: string; readonly expiresMs: number } | undefined {
  const planned = decisive(rulesFor(index, subject), (rule) => plannedExpiration(rule, subject));
  if (!planned || planned.dueMs > LAST_DATE_MS) return undefined;
  const when = planned.rule.expiration?.when;
  return { ruleId: planned.rule.id, expiresMs: when?.kind === 'created-before' ? when.dateMs : planned.dueMs };
}

function rulesFor(index: RuleIndex, subject: LifecycleSubject): readonly LifecycleRule[] {
  return rulesOfKey(index, subject.key).filter((rule) => fits(rule, subject));
}

/** By their prefix, the longest first. */
function rulesOfKey({ byPrefix, prefixLengths }: RuleIndex, key: string): readonly LifecycleRule[] {
  const found: LifecycleRule[] = [];
  for (const length of prefixLengths) {
    if (length > key.length) continue;
    for (const rule of byPrefix.get(key.slice(0, length)) ?? []) found.push(rule);
  }
  return found;
}

function fits({ tags, filter }: LifecycleRule, subject: LifecycleSubject): boolean {
  if (filter) {
    const { objectSizeGreaterThan = -1, objectSizeLessThan = Number.POSITIVE_INFINITY, not } = filter;
    if (subject.sizeBytes <= objectSizeGreaterThan || subject.sizeBytes >= objectSizeLessThan) return false;
    if (not && isLeftOut(not, subject)) return false;
  }
  return tags.every((tag) => hasTag(subject, tag));
}

function isLeftOut({ prefix, tag }: LifecycleNot, subject: LifecycleSubject): boolean {
  return subject.key.startsWith(prefix) && (!tag || hasTag(subject, tag));
}

function hasTag(subject: LifecycleSubject, { key, value }: LifecycleTag): boolean {
  return subject.tags().get(key) === value;
}

/** Among the rules that have this action, the earliest of those with the longest prefix. */
function decisive<Plan extends Planned>(
  longestFirst: readonly LifecycleRule[],
  planOf: (rule: LifecycleRule) => Plan | undefined,
): Plan | undefined {
  let chosen: Plan | undefined;
  for (const rule of longestFirst) {
    if (chosen && rule.prefix.length < chosen.rule.prefix.length) break;
    const plan = planOf(rule);
    if (plan && (!chosen || plan.dueMs < chosen.dueMs)) chosen = plan;
  }
  return chosen;
}

function coldestDue(
  subject: LifecycleSubject,
  nowMs: number,
  moveTo: (storageClass: TransitionClass) => Move | undefined,
): LifecycleAction | undefined {
  if (subject.type === 'Symlink' || subject.type === 'DeleteMarker') return undefined;
  const present = CLASSES.indexOf(subject.storageClass);
  for (const storageClass of TRANSITION_CLASSES.slice(present + 1).reverse()) {
    if (subject.type === 'Appendable' && NOT_APPENDABLE.includes(storageClass)) continue;
    const move = moveTo(storageClass);
    if (move && move.dueMs <= nowMs) return { kind: 'transition', ruleId: move.rule.id, storageClass };
  }
  return undefined;
}

function plannedExpiration(rule: LifecycleRule, { modifiedMs }: LifecycleSubject): Planned | undefined {
  const when = rule.expiration?.when;
  return when && { rule, dueMs: dueMs(when, modifiedMs) };
}

function plannedTransition(
  rule: LifecycleRule,
  storageClass: TransitionClass,
  subject: LifecycleSubject,
): Move | undefined {
  const dueMsOf = ({ when, isAccessTime }: LifecycleTransition) =>
    dueMs(when, isAccessTime === true ? subject.accessedMs : subject.modifiedMs);
  return earliestMove(rule, storageClass, subject, rule.transitions, dueMsOf);
}

function plannedNoncurrentExpiration(
  rule: LifecycleRule,
  { noncurrentSinceMs }: NoncurrentSubject,
): Planned | undefined {
  const days = rule.noncurrentExpirationDays;
  return days === undefined ? undefined : { rule, dueMs: afterDays(noncurrentSinceMs, days) };
}

function plannedNoncurrentTransition(
  rule: LifecycleRule,
  storageClass: TransitionClass,
  subject: NoncurrentSubject,
): Move | undefined {
  const dueMsOf = ({ noncurrentDays, isAccessTime }: NoncurrentTransition) =>
    afterDays(isAccessTime === true ? subject.accessedMs : subject.noncurrentSinceMs, noncurrentDays);
  return earliestMove(rule, storageClass, subject, rule.noncurrentTransitions, dueMsOf);
}

function earliestMove<Transition extends LifecycleTransition | NoncurrentTransition>(
  rule: LifecycleRule,
  storageClass: TransitionClass,
  { sizeBytes }: LifecycleSubject,
  transitions: readonly Transition[],
  dueMsOf: (transition: Transition) => number,
): Move | undefined {
  const applicable = transitions.filter(
    (transition) =>
      transition.storageClass === storageClass &&
      (transition.allowSmallFile !== false || sizeBytes >= SMALL_FILE_BYTES),
  );
  if (applicable.length === 0) return undefined;
  return { rule, storageClass, dueMs: Math.min(...applicable.map(dueMsOf)) };
}

/** When an action is due for what has this time. */
function dueMs(when: ActionTime, timeMs: number): number {
  switch (when.kind) {
    case 'days':
      return afterDays(timeMs, when.days);
    case 'created-before':
      return timeMs < when.dateMs ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    case 'date':
      return when.dateMs;
  }
}

function afterDays(timeMs: number, days: number): number {
  return Math.ceil(timeMs / DAY_MS) * DAY_MS + days * DAY_MS;
}

/** The next midnight (UTC), when something may become due. */
export function nextMidnight(nowMs: number): number {
  return (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
}
