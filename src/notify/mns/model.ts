/** The things of MNS. Sources: the Topic, Subscription, Queue and Message pages of its API reference. */

export interface TopicAttributes {
  readonly maximumMessageSizeBytes: number;
  readonly loggingEnabled: boolean;
}

export interface QueueAttributes extends TopicAttributes {
  readonly delaySec: number;
  readonly retentionSec: number;
  readonly visibilityTimeoutSec: number;
  readonly pollingWaitSec: number;
}

export const NOTIFY_STRATEGIES = ['BACKOFF_RETRY', 'EXPONENTIAL_DECAY_RETRY'] as const;
export type NotifyStrategy = (typeof NOTIFY_STRATEGIES)[number];
export const NOTIFY_CONTENT_FORMATS = ['XML', 'JSON', 'SIMPLIFIED'] as const;
export type NotifyContentFormat = (typeof NOTIFY_CONTENT_FORMATS)[number];

/** Where the messages of a topic go. */
export interface SubscriptionAttributes {
  /** `http://…`, `https://…` or `acs:mns:<region>:<account>:queues/<name>`. */
  readonly endpoint: string;
  /** Only messages of this tag; undefined takes all. */
  readonly filterTag: string | undefined;
  readonly strategy: NotifyStrategy;
  readonly contentFormat: NotifyContentFormat;
}

export interface Subscription extends SubscriptionAttributes {
  readonly topic: string;
  readonly name: string;
  /** `http://host:port` of ours as whoever subscribed reaches it, for the address of our certificate. */
  readonly serviceUrl: string;
}

/** A message of a topic. */
export interface PublishedMessage {
  readonly id: string;
  readonly topic: string;
  readonly body: string;
  /** Upper-case hex. */
  readonly bodyMd5: string;
  readonly tag: string | undefined;
  readonly publishedMs: number;
}

/** The name of the queue behind a queue endpoint; undefined when it is none. */
export function queueOfEndpoint(endpoint: string): string | undefined {
  return /^acs:mns:[^:]*:[^:]*:queues\/(.+)$/.exec(endpoint)?.[1];
}

/** Starts with a letter, then letters, digits and dashes, 256 at most: topics, subscriptions and queues alike. */
export function isMnsName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]{0,255}$/.test(name);
}
