import { randomUUID } from 'node:crypto';
import type { PublishedMessage, Subscription } from './model.ts';

/** As many as are remembered. */
const MAX_DEAD_LETTERS = 1_000;

/** A message that reached its subscriber in none of its attempts. */
export interface DeadLetter {
  readonly id: string;
  readonly message: PublishedMessage;
  readonly subscription: Subscription;
  readonly attempts: number;
  readonly reason: string;
  readonly droppedMs: number;
}

/** What could not be delivered, for those who look for it. */
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
