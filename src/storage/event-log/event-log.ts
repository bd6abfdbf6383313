/** The events of all nodes that share the metadata, in one order, for some time. */
export interface EventLog {
  /** Gives the next ids to the events, in their order. A batch that is appended again is there once. */
  append(batch: NewBatch): Promise<void>;
  /** The first batches with events after this id, oldest first; empty when there are none. */
  read(after: number): Promise<readonly StoredBatch[]>;
  /** Id of the latest event; 0 before the first. */
  lastId(): Promise<number>;
  /** Deletes what is too old, or too much. */
  forget(): Promise<void>;
}

export interface NewBatch {
  /** Id of the node. */
  readonly owner: string;
  /** The id that the last one of them has on its node. */
  readonly ownLastId: number;
  /** In JSON. */
  readonly events: readonly string[];
}

export interface StoredBatch {
  readonly lastId: number;
  readonly count: number;
  /** A JSON list. */
  readonly body: string;
}
