import { randomUUID } from 'node:crypto';
import type { PublishedMessage, Subscription } from './model.ts';

/** How many are kept. */
const MAX_DEAD_LETTERS = 1_000;

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
  readonly #letters: DeadLetter[] = [];

  /** The latest first. */
  list(): readonly DeadLetter[] {
    return this.#letters.toReversed();
  }

  add(letter: Omit<DeadLetter, 'id'>): void {
    this.#letters.push({ ...letter, id: randomUUID() });
    if (this.#letters.length > MAX_DEAD_LETTERS) this.#letters.shift();
  }

  find(id: string): DeadLetter | undefined {
    return this.#letters.find((letter) => letter.id === id);
  }

  clear(): void {
    this.#letters.length = 0;
  }
}
