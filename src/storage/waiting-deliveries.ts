import { errorText } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import type { Leases } from './leases/leases.ts';
import type { MetadataStore } from './metadata/metadata-store.ts';
import { Documents } from './metadata/stored-documents.ts';

interface Waiting<Item> {
  /** Id of the node. */
  readonly owner: string;
  readonly item: Item;
}

export interface WaitingDeliveriesDeps {
  readonly metadata: MetadataStore;
  readonly leases: Leases;
  readonly log: Log;
}

/**
 * What could not be delivered yet and waits for another attempt, where several nodes share their metadata: another node goes on
 * with what a node that is gone has left. `Item` is plain data: it is stored as JSON.
 */
export class WaitingDeliveries<Item> {
  readonly #deps: WaitingDeliveriesDeps;
  readonly #documents: Documents<Waiting<Item>>;
  /** Ids of those of this node. */
  readonly #kept = new Set<string>();
  /** One write after the other, in their order. */
  #writing = Promise.resolve();

  constructor(kind: string, deps: WaitingDeliveriesDeps) {
    this.#deps = deps;
    this.#documents = new Documents(deps.metadata, kind);
  }

  /** Nothing waits for it, and it never rejects. */
  keep(id: string, item: Item): void {
    if (this.#kept.has(id)) return;
    this.#kept.add(id);
    this.#write(id, () => this.#put(id, item));
  }

  /** It was delivered or given up. */
  remove(id: string): void {
    if (!this.#kept.delete(id)) return;
    this.#write(id, async () => {
      await this.#documents.delete('', id);
    });
  }

  /** Makes those of nodes that are gone those of this node. Called by one node at a time. */
  async takeOver(resume: (id: string, item: Item) => void): Promise<void> {
    const { leases } = this.#deps;
    const waiting = await this.#documents.list();
    if (waiting.length === 0) return;
    const present = new Set((await leases.presentNodes()).map(({ id }) => id));
    for (const { name: id, body } of waiting) {
      if (present.has(body.owner) || this.#kept.has(id)) continue;
      await this.#put(id, body.item);
      this.#kept.add(id);
      resume(id, body.item);
    }
  }

  /** Resolves when everything is stored. */
  settled(): Promise<void> {
    return this.#writing;
  }

  /** All of this node are given up. */
  clear(): void {
    for (const id of [...this.#kept]) this.remove(id);
  }

  #put(id: string, item: Item): Promise<void> {
    return this.#documents.put({ scope: '', name: id, createdMs: 0, body: { owner: this.#deps.leases.owner, item } });
  }

  #write(id: string, write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write).catch((error) => {
      this.#deps.log.warn('delivery.not-kept', { id, error: errorText(error) });
    });
  }
}
