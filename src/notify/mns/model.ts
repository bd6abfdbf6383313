/** The data of MNS. Sources: the Topic, Subscription, Queue and Message pages of its API reference. */

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

/** A receiver of the messages of a topic. */
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
  /** `http://host:port` by which the subscriber reaches the emulator, for the address of its certificate. */
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

/** The name of the queue of a queue endpoint; undefined for other endpoints. */
export function queueOfEndpoint(endpoint: string): string | undefined {
  return /^acs:mns:[^:]*:[^:]*:queues\/(.+)$/.exec(endpoint)?.[1];
}

/** A letter, then letters, digits and dashes, at most 256 characters: for topics, subscriptions and queues. */
export function isMnsName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]{0,255}$/.test(name);
}
