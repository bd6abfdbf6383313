import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../../base/clock.ts';
import { wait } from '../../base/wait.ts';
import type { MessageQueues, Queued } from '../../storage/message-queues/message-queues.ts';
import { MnsError } from './mns-error.ts';
import type { QueueAttributes } from './model.ts';
import {
  bodyMd5,
  DEFAULT_PRIORITY,
  type MnsQueue,
  messageId,
  type NewMessage,
  QUEUE_BOUNDS,
  type QueueMessage,
  type ReceiveOptions,
} from './queue.ts';

/** How often a receiver that waits looks for messages of other nodes. */
const LOOK_MS = 500;
/** Any other text is that of no message, and may be one that the database cannot keep. */
const RECEIPT_HANDLE = /^[0-9a-f]+-\d+$/;

/** A queue whose messages all nodes have together. */
export class SharedQueue implements MnsQueue {
  readonly attributes: QueueAttributes;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #messages: MessageQueues;

  constructor(name: string, attributes: QueueAttributes, clock: Clock, messages: MessageQueues) {
    this.attributes = attributes;
    this.#name = name;
    this.#clock = clock;
    this.#messages = messages;
  }

  async send({ body, delaySec = this.attributes.delaySec, priority = DEFAULT_PRIORITY }: NewMessage) {
    const enqueuedMs = this.#clock.now();
    const message = { id: messageId(), body, priority, enqueuedMs, nextVisibleMs: enqueuedMs + delaySec * 1000 };
    await this.#messages.add(this.#name, message, { retentionMs: this.#retentionMs, ...QUEUE_BOUNDS });
    return toMessage({ ...message, firstDequeuedMs: 0, dequeueCount: 0, receiptHandle: null });
  }

  async receive({ count, peek, waitSec }: ReceiveOptions, signal: AbortSignal): Promise<readonly QueueMessage[]> {
    const deadlineMs = this.#clock.now() + waitSec * 1000;
    // For a receiver who has left nothing is hidden.
    while (!signal.aborted) {
      const nowMs = this.#clock.now();
      const untilMs = nowMs + this.attributes.visibilityTimeoutSec * 1000;
      // SDKs put it into a URL without encoding it.
      const hide = peek ? undefined : { untilMs, receipt: randomBytes(12).toString('hex') };
      const taken = await this.#messages.take(this.#name, count, nowMs, this.#retentionMs, hide);
      if (taken.length > 0 || nowMs >= deadlineMs) return taken.map(toMessage);
      await wait(systemClock, Math.min(LOOK_MS, deadlineMs - nowMs), signal);
    }
    return [];
  }

  async delete(receiptHandle: string): Promise<void> {
    if (!RECEIPT_HANDLE.test(receiptHandle)) throw new MnsError('MessageNotExist');
    const outcome = await this.#messages.remove(this.#name, receiptHandle, this.#clock.now());
    if (outcome === 'missing') throw new MnsError('MessageNotExist');
    if (outcome === 'visible') throw new MnsError('ReceiptHandleError', { reason: 'the message is visible again' });
  }

  get #retentionMs(): number {
    return this.attributes.retentionSec * 1000;
  }
}

function toMessage({ receiptHandle, ...queued }: Queued): QueueMessage {
  const { id, body, priority, enqueuedMs, nextVisibleMs, firstDequeuedMs, dequeueCount } = queued;
  return {
    id,
    body,
    bodyMd5: bodyMd5(body),
    priority,
    enqueuedMs,
    nextVisibleMs,
    firstDequeuedMs,
    dequeueCount,
    receiptHandle: receiptHandle ?? undefined,
  };
}
