import { errorText } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import type { Leases } from './leases/leases.ts';
import { logFailure } from './machine-fault.ts';
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
  /** What is not stored yet, by id, in its order; undefined: to be deleted. */
  readonly #changes = new Map<string, Item | undefined>();
  /** Stores the changes, one after the other. */
  #storing: Promise<void> | undefined;
  #isEnding = false;

  constructor(kind: string, deps: WaitingDeliveriesDeps) {
    this.#deps = deps;
    this.#documents = new Documents(deps.metadata, kind);
  }

  /** Nothing waits for it, and it never rejects. */
  keep(id: string, item: Item): void {
    if (this.#kept.has(id)) return;
    this.#kept.add(id);
    // What waits to be deleted stays.
    if (!this.#changes.delete(id)) this.#change(id, item);
  }

  /** It was delivered or given up. */
  remove(id: string): void {
    if (!this.#kept.delete(id)) return;
    // What was not stored need not be deleted: while the database is away nothing piles up.
    if (!this.#changes.delete(id)) this.#change(id, undefined);
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

  /** The last call: resolves when everything is stored, or the first of it cannot be. */
  async settled(): Promise<void> {
    this.#isEnding = true;
    await this.#storing;
  }

  /** All of this node are given up. */
  clear(): void {
    for (const id of [...this.#kept]) this.remove(id);
  }

  #put(id: string, item: Item): Promise<void> {
    return this.#documents.put({ scope: '', name: id, createdMs: 0, body: { owner: this.#deps.leases.owner, item } });
  }

  #change(id: string, item: Item | undefined): void {
    this.#changes.set(id, item);
    this.#storing ??= this.#store();
  }

  async #store(): Promise<void> {
    // A map gives what is added meanwhile, too.
    for (const [id, item] of this.#changes) {
      this.#changes.delete(id);
      try {
        if (item === undefined) await this.#documents.delete('', id);
        else await this.#put(id, item);
      } catch (error) {
        logFailure(this.#deps.log, 'warn', error, 'delivery.not-kept', { id, error: errorText(error) });
        if (this.#isEnding) break;
      }
    }
    this.#storing = undefined;
  }
}
