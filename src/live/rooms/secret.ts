import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { Documents } from '../../storage/metadata/stored-documents.ts';

const ONLY = '';

/**
 * The key that signs addresses of rooms. It is made at the first start and stored, so that they stay valid after
 * restarts and resets.
 */
export class RoomSecret {
  readonly text: string;
  readonly #documents: Documents<{ readonly text: string }>;
  readonly #clock: Clock;

  static async open(metadata: MetadataStore, clock: Clock): Promise<RoomSecret> {
    const documents = new Documents<{ readonly text: string }>(metadata, 'room-secret');
    const body = { text: randomBytes(16).toString('hex') };
    // The first one is kept: of several nodes that start, too.
    const kept = await documents.create({ scope: ONLY, name: ONLY, createdMs: clock.now(), body });
    return new RoomSecret(kept.body.text, documents, clock);
  }

  private constructor(text: string, documents: Documents<{ readonly text: string }>, clock: Clock) {
    this.text = text;
    this.#documents = documents;
    this.#clock = clock;
  }

  keep(): Promise<void> {
    const { text } = this;
    return this.#documents.put({ scope: ONLY, name: ONLY, createdMs: this.#clock.now(), body: { text } });
  }
}
