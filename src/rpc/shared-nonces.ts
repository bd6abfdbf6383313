import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { Documents } from '../storage/metadata/stored-documents.ts';
import { REMEMBERED_MS } from './nonces.ts';

/** The nonces of the requests that any node has accepted: a request that was sent to one must not be repeated at another. */
export class SharedNonces {
  readonly #documents: Documents<{ readonly use: string }>;
  readonly #clock: Clock;

  constructor(metadata: MetadataStore, clock: Clock) {
    this.#documents = new Documents(metadata, 'nonce');
    this.#clock = clock;
  }

  /** Notes the nonce; `false` when it was used before. */
  async use(accessKeyId: string, nonce: string): Promise<boolean> {
    const use = randomUUID();
    const name = createHash('sha256').update(nonce).digest('base64');
    const noted = { scope: accessKeyId, name, createdMs: this.#clock.now(), body: { use } };
    const kept = await this.#documents.create(noted);
    if (kept.body.use === use) return true;
    if (noted.createdMs - kept.createdMs <= REMEMBERED_MS) return false;
    await this.#documents.put(noted);
    return true;
  }

  /** Those that may be used again. */
  forget(): Promise<void> {
    return this.#documents.forget(this.#clock.now() - REMEMBERED_MS);
  }
}
