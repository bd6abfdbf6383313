import type { QueueAttributes, Subscription, TopicAttributes } from './model.ts';

/** All that consumers of MNS have defined. */
export interface Definitions {
  /** By name. */
  readonly topics: ReadonlyMap<string, TopicAttributes>;
  /** By `subscriptionId`. */
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  /** By name. */
  readonly queues: ReadonlyMap<string, QueueAttributes>;
}

/** Unique: no name has a slash. */
export function subscriptionId({ topic, name }: Pick<Subscription, 'topic' | 'name'>): string {
  return `${topic}/${name}`;
}
