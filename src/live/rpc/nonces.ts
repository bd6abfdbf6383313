import { createHash } from 'node:crypto';
import { MAX_SKEW_MS } from '../../aliyun/auth/request-time.ts';
import type { Clock } from '../../base/clock.ts';

/** A request is taken for as long as its time may be off in either direction; after that its nonce may come again. */
const REMEMBERED_MS = 2 * MAX_SKEW_MS;
/** The service's own limit, 100 calls a second, fills it in 30 minutes; beyond that the oldest is forgotten first. */
const MAX_NONCES = 180_000;
/** Longer ones are remembered by their digest. */
const MAX_LENGTH = 64;

/** The nonces of requests that were accepted, per access key. */
export class Nonces {
  readonly #clock: Clock;
  /** In the order in which they were used. */
  readonly #usedMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#usedMs.size;
  }

  /** `false` when the nonce was used before. */
  use(accessKeyId: string, nonce: string): boolean {
    const nowMs = this.#clock.now();
    const name = `${accessKeyId}/${nonce.length > MAX_LENGTH ? digest(nonce) : nonce}`;
    const usedMs = this.#usedMs.get(name);
    if (usedMs !== undefined && nowMs - usedMs <= REMEMBERED_MS) return false;
    this.#usedMs.delete(name);
    this.#forget(nowMs);
    this.#usedMs.set(name, nowMs);
    return true;
  }

  #forget(nowMs: number): void {
    for (const [name, usedMs] of this.#usedMs) {
      if (this.#usedMs.size < MAX_NONCES && nowMs - usedMs <= REMEMBERED_MS) return;
      this.#usedMs.delete(name);
    }
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
