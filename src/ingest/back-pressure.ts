import type { Publisher } from '../rtmp/publish.ts';

/** Makes a publisher wait as long as any part of its push cannot take more. */
export class BackPressure {
  readonly #publisher: Pick<Publisher, 'pause' | 'resume'>;
  /** What the publisher waits for. */
  readonly #busy = new Set<unknown>();

  constructor(publisher: Pick<Publisher, 'pause' | 'resume'>) {
    this.#publisher = publisher;
  }

  /** The publisher waits until `release` is called with the same part. */
  wait(part: unknown): void {
    if (this.#busy.size === 0) this.#publisher.pause();
    this.#busy.add(part);
  }

  release(part: unknown): void {
    if (this.#busy.delete(part) && this.#busy.size === 0) this.#publisher.resume();
  }
}
