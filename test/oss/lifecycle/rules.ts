/** Lifecycle rules for tests, with the fields that matter. */
import type {
  ActionTime,
  LifecycleRule,
  LifecycleTransition,
  NoncurrentTransition,
  TransitionClass,
} from '../../../src/aliyun/xml/lifecycle-rule.ts';

export function lifecycleRule(fields: Partial<LifecycleRule>): LifecycleRule {
  return { id: 'rule', prefix: '', isEnabled: true, tags: [], transitions: [], noncurrentTransitions: [], ...fields };
}

export function days(count: number): ActionTime {
  return { kind: 'days', days: count };
}

export function toClass(
  storageClass: TransitionClass,
  when: ActionTime,
  options: Partial<LifecycleTransition> = {},
): LifecycleTransition {
  return { storageClass, when, ...options };
}

export function noncurrent(storageClass: TransitionClass, noncurrentDays: number): NoncurrentTransition {
  return { storageClass, noncurrentDays };
}
