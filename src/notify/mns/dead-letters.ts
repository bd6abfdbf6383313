import { randomUUID } from 'node:crypto';
import { RecentEntries } from '../../base/recent-entries.ts';
import { textSizeBytes } from '../../base/text-size.ts';
import type { PublishedMessage, Subscription } from './model.ts';

/** How many are kept: a message may have 64 KiB. */
const BOUNDS = { maxEntries: 1_000, maxBytes: 16 * 1024 * 1024 };

/** A message that no attempt could deliver to its subscriber. */
export interface DeadLetter {
  readonly id: string;
  readonly message: PublishedMessage;
  readonly subscription: Subscription;
  readonly attempts: number;
  readonly reason: string;
  readonly droppedMs: number;
}

/** Messages that could not be delivered, for inspection. */
export class DeadLetters {
  readonly #letters = new RecentEntries<DeadLetter>(BOUNDS);

  /** The latest first. */
  list(): readonly DeadLetter[] {
    return this.#letters.latest().toReversed();
  }

  add(letter: Omit<DeadLetter, 'id'>): void {
    const { message, subscription, reason } = letter;
    const sizeBytes = textSizeBytes(message.body) + textSizeBytes(subscription.endpoint) + textSizeBytes(reason);
    this.#letters.add({ ...letter, id: randomUUID() }, sizeBytes);
  }

  find(id: string): DeadLetter | undefined {
    return this.#letters.latest().find((letter) => letter.id === id);
  }

  clear(): void {
    this.#letters.clear();
  }
}
