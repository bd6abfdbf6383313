import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { textSizeBytes } from '../../base/text-size.ts';
import { wait } from '../../base/wait.ts';
import { MnsError } from './mns-error.ts';
import type { QueueAttributes } from './model.ts';

/** More messages than a test leaves, each of which may have 64 KiB; a further one replaces the first in the queue. */
export const QUEUE_BOUNDS = { maxMessages: 10_000, maxBytes: 16 * 1024 * 1024 };
export const DEFAULT_PRIORITY = 8;

export interface NewMessage {
  readonly body: string;
  readonly delaySec?: number | undefined;
  /** 1 is the most urgent, 16 the least. */
  readonly priority?: number | undefined;
}

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly priority: number;
  readonly enqueuedMs: number;
  readonly nextVisibleMs: number;
  /** 0 until it is received. */
  readonly firstDequeuedMs: number;
  readonly dequeueCount: number;
  /** Of the latest receipt; valid until the message becomes visible again. */
  readonly receiptHandle: string | undefined;
}

export interface ReceiveOptions {
  readonly count: number;
  /** The messages stay visible. */
  readonly peek: boolean;
  readonly waitSec: number;
}

export interface MnsQueue {
  readonly attributes: QueueAttributes;
  send(message: NewMessage): QueueMessage | Promise<QueueMessage>;
  /** Waits for a message if there is none; resolves to an empty list when none came. */
  receive(options: ReceiveOptions, signal: AbortSignal): Promise<readonly QueueMessage[]>;
  /** @throws MnsError MessageNotExist, ReceiptHandleError */
  delete(receiptHandle: string): void | Promise<void>;
}

/**
 * A queue of MNS, in memory. A received message is hidden for some time, and becomes visible again unless it is
 * deleted.
 */
export class Queue implements MnsQueue {
  readonly attributes: QueueAttributes;
  readonly #clock: Clock;
  /** By priority, then by arrival. */
  #messages: QueueMessage[] = [];
  #receipts = 0;
  /** Aborts when a message was sent: receivers that wait look again. */
  #sent = new AbortController();

  constructor(attributes: QueueAttributes, clock: Clock) {
    this.attributes = attributes;
    this.#clock = clock;
  }

  send({ body, delaySec = this.attributes.delaySec, priority = DEFAULT_PRIORITY }: NewMessage): QueueMessage {
    const nowMs = this.#clock.now();
    const message: QueueMessage = {
      id: messageId(),
      body,
      bodyMd5: bodyMd5(body),
      priority,
      enqueuedMs: nowMs,
      nextVisibleMs: nowMs + delaySec * 1000,
      firstDequeuedMs: 0,
      dequeueCount: 0,
      receiptHandle: undefined,
    };
    this.#dropExpired(nowMs);
    this.#makeRoom(textSizeBytes(body));
    const later = this.#messages.findIndex((other) => other.priority > priority);
    this.#messages.splice(later < 0 ? this.#messages.length : later, 0, message);
    this.#wake();
    return message;
  }

  /** Waits for a message if there is none; resolves to an empty list when none came. */
  async receive(options: ReceiveOptions, signal: AbortSignal): Promise<readonly QueueMessage[]> {
    const deadlineMs = this.#clock.now() + options.waitSec * 1000;
    for (;;) {
      const messages = this.#take(options);
      if (messages.length > 0 || signal.aborted || this.#clock.now() >= deadlineMs) return messages;
      await this.#change(deadlineMs, signal);
    }
  }

  /** @throws MnsError MessageNotExist, ReceiptHandleError */
  delete(receiptHandle: string): void {
    const index = this.#messages.findIndex((message) => message.receiptHandle === receiptHandle);
    const message = this.#messages[index];
    if (!message) throw new MnsError('MessageNotExist');
    if (message.nextVisibleMs <= this.#clock.now()) {
      throw new MnsError('ReceiptHandleError', { reason: 'the message is visible again' });
    }
    this.#messages.splice(index, 1);
  }

  #take({ count, peek }: ReceiveOptions): readonly QueueMessage[] {
    const nowMs = this.#clock.now();
    this.#dropExpired(nowMs);
    const visible = this.#messages.filter(({ nextVisibleMs }) => nextVisibleMs <= nowMs).slice(0, count);
    return peek ? visible : visible.map((message) => this.#hide(message, nowMs));
  }

  #hide(message: QueueMessage, nowMs: number): QueueMessage {
    const received: QueueMessage = {
      ...message,
      nextVisibleMs: nowMs + this.attributes.visibilityTimeoutSec * 1000,
      firstDequeuedMs: message.firstDequeuedMs || nowMs,
      dequeueCount: message.dequeueCount + 1,
      // SDKs put it into a URL without encoding it.
      receiptHandle: `${++this.#receipts}-${randomBytes(12).toString('hex')}`,
    };
    this.#messages[this.#messages.indexOf(message)] = received;
    return received;
  }

  #makeRoom(neededBytes: number): void {
    let sizeBytes = this.#messages.reduce((sum, { body }) => sum + textSizeBytes(body), neededBytes);
    while (
      this.#messages.length >= QUEUE_BOUNDS.maxMessages ||
      (sizeBytes > QUEUE_BOUNDS.maxBytes && this.#messages.length > 0)
    ) {
      sizeBytes -= textSizeBytes(this.#messages.shift()?.body ?? '');
    }
  }

  #dropExpired(nowMs: number): void {
    const oldestMs = nowMs - this.attributes.retentionSec * 1000;
    this.#messages = this.#messages.filter(({ enqueuedMs }) => enqueuedMs > oldestMs);
  }

  /** Resolves when a message may have become visible, at the deadline, or when the receiver has left. */
  async #change(deadlineMs: number, signal: AbortSignal): Promise<void> {
    const nextMs = Math.min(deadlineMs, ...this.#messages.map(({ nextVisibleMs }) => nextVisibleMs));
    await wait(this.#clock, nextMs - this.#clock.now(), AbortSignal.any([signal, this.#sent.signal]));
  }

  #wake(): void {
    this.#sent.abort();
    this.#sent = new AbortController();
  }
}

export function messageId(): string {
  return randomBytes(16).toString('hex').toUpperCase();
}

export function bodyMd5(body: string): string {
  return createHash('md5').update(body).digest('hex').toUpperCase();
}
