import type { Leases } from '../storage/leases/leases.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import type { Swept } from '../storage/objects/filesystem/sweep.ts';
import type { ObjectStore } from '../storage/objects/object-store.ts';
import type { Outages } from '../storage/outages.ts';

/** The stores as they are, without faults. */
export interface PlainStores {
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
}

export interface SettledFiles extends Swept {
  /** The folder that they were moved to, of a data folder. */
  readonly movedTo?: string;
}

/** The stores of a configuration, and what is done to them as a whole. */
export interface OpenedStores extends PlainStores {
  /** Called once, when the start has written what it writes: takes away what a process which was killed has left. */
  readonly settle: (signal: AbortSignal, leases: Leases) => Promise<SettledFiles>;
  /** Whether the data folder, if there is one, is still at its path: it may have been moved, and another one is in its place. */
  readonly isAtPath: () => boolean;
  /** Of the bytes, where another machine has them. */
  readonly outages?: Outages;
  /** From now on requests to another machine fail, also those under way. */
  readonly giveUp?: () => void;
  readonly close: () => Promise<void>;
}
