import type { EventLog, NewBatch, StoredBatch } from '../storage/event-log/event-log.ts';
import type { EmulatorEvent, Events, Stamped } from './events.ts';

/** Of one statement. */
const MAX_BATCH = 1_000;

export interface SharedEventsDeps {
  readonly events: Events;
  readonly eventLog: EventLog;
  /** Id of this node. */
  readonly owner: string;
}

/**
 * The events of all nodes that share their metadata: each node stores its own ones from time to time, and any node reads all
 * of them. Their ids are those of the log, the same on every node.
 */
export class SharedEvents {
  readonly #deps: SharedEventsDeps;
  /** Own id of the last one that is stored. */
  #storedId: number;
  /** What may be stored already. It is stored as it is, so that nothing is there twice. */
  #doubtful: NewBatch | undefined;
  #storing: Promise<void> | undefined;

  constructor(deps: SharedEventsDeps) {
    this.#deps = deps;
    this.#storedId = deps.events.lastId;
  }

  /** Stores what has happened on this node. One at a time; whoever asks meanwhile waits for a later one. */
  async store(): Promise<void> {
    await this.#storing?.catch(() => {});
    this.#storing ??= this.#storeAll().finally(() => {
      this.#storing = undefined;
    });
    await this.#storing;
  }

  /** The events after the one with this id, oldest first, with all that this node knows. */
  async *since(id: number): AsyncIterable<Stamped<EmulatorEvent>> {
    await this.store();
    for (let after = id; ; ) {
      const batches = await this.#deps.eventLog.read(after);
      if (batches.length === 0) return;
      for (const batch of batches) {
        yield* eventsOf(batch).filter((event) => event.id > id);
        after = batch.lastId;
      }
    }
  }

  lastId(): Promise<number> {
    return this.#deps.eventLog.lastId();
  }

  forget(): Promise<void> {
    return this.#deps.eventLog.forget();
  }

  async #storeAll(): Promise<void> {
    const { events, eventLog } = this.#deps;
    while (this.#doubtful || this.#storedId < events.lastId) {
      this.#doubtful ??= this.#nextBatch();
      if (this.#doubtful.events.length > 0) await eventLog.append(this.#doubtful);
      this.#storedId = this.#doubtful.ownLastId;
      this.#doubtful = undefined;
    }
  }

  #nextBatch(): NewBatch {
    const { events, owner } = this.#deps;
    const texts = events.textsSince(this.#storedId);
    // Those before the first one are forgotten already.
    const firstId = events.lastId - texts.length + 1;
    const batch = texts.slice(0, MAX_BATCH);
    return { owner, ownLastId: firstId + batch.length - 1, events: batch };
  }
}

/** Only what events were written as. */
function eventsOf({ lastId, count, body }: StoredBatch): readonly Stamped<EmulatorEvent>[] {
  const events: readonly Stamped<EmulatorEvent>[] = JSON.parse(body);
  return events.map((event, index) => ({ ...event, id: lastId - count + 1 + index }));
}
