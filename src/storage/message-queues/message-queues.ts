/** The messages of queues that all nodes share, each received by one node at a time. */
export interface MessageQueues {
  /** Adds a message. The first ones go where there are too many, and those that are too old. */
  add(queue: string, message: NewQueued, bounds: QueueBounds): Promise<void>;
  /** The first visible messages, by priority and arrival; undefined `hide`: they are looked at only. */
  take(
    queue: string,
    count: number,
    nowMs: number,
    retentionMs: number,
    hide: Hide | undefined,
  ): Promise<readonly Queued[]>;
  /** A message is deleted only while it is hidden by this receipt. */
  remove(queue: string, receiptHandle: string, nowMs: number): Promise<'removed' | 'visible' | 'missing'>;
  /** All of a queue, or of every queue. */
  clear(queue?: string): Promise<void>;
  close(): Promise<void>;
}

export interface NewQueued {
  readonly id: string;
  readonly body: string;
  /** 1 is the most urgent. */
  readonly priority: number;
  readonly enqueuedMs: number;
  readonly nextVisibleMs: number;
}

export interface Queued extends NewQueued {
  /** 0 until it is received. */
  readonly firstDequeuedMs: number;
  readonly dequeueCount: number;
  readonly receiptHandle: string | null;
}

export interface QueueBounds {
  readonly retentionMs: number;
  readonly maxMessages: number;
  readonly maxBytes: number;
}

export interface Hide {
  readonly untilMs: number;
  /** Begins each receipt handle; unique. */
  readonly receipt: string;
}
