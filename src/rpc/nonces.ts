import { createHash } from 'node:crypto';
import { MAX_SKEW_MS } from '../aliyun/auth/request-time.ts';
import type { Clock } from '../base/clock.ts';
import { detachText } from '../base/detached-text.ts';

/**
 * The time for which a request can be valid: the permitted deviation in both directions. Afterwards its nonce may be
 * used again.
 */
export const REMEMBERED_MS = 2 * MAX_SKEW_MS;
/** 30 minutes at the limit of the service, 100 calls per second; a further nonce replaces the oldest. */
const MAX_NONCES = 180_000;
/** Longer nonces are kept as their digest. */
const MAX_LENGTH = 64;

/** The nonces of requests that were accepted, per access key. */
export class Nonces {
  readonly #clock: Clock;
  /** Oldest first. */
  readonly #usedMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#usedMs.size;
  }

  /** Notes the nonce; `false` when it was used before. */
  use(accessKeyId: string, nonce: string): boolean {
    const nowMs = this.#clock.now();
    const name = detachText(`${accessKeyId}/${nonce.length > MAX_LENGTH ? digest(nonce) : nonce}`);
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
